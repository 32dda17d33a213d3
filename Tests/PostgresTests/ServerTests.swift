import Glibc
import Testing

@testable import Postgres

@Suite("embedded server", .enabled(if: PostgresServer.isInstalled, TestServer.missing), .serialized)
struct ServerTests {
    @Test("survives its keeper, is adopted by the next one, and stops")
    func adoption() async throws {
        try await TestServer.own("adopt") { server, directory in
            let first = try await server.start()
            let pid = try #require(server.processID)
            #expect(getsid(pid) == pid)
            let keeper = PostgresServer(directory: directory)
            #expect(try await keeper.start() == first)
            #expect(keeper.processID == pid)
            #expect(try await server.start() == first)
            try await keeper.stop()
            server.reap()
            #expect(server.processID == nil)
            try await keeper.stop()
        }
    }

    @Test("is private, checksummed, UTF-8 and durable")
    func settings() async throws {
        let connection = try await TestServer.connect { $0.statementTimeout = .seconds(30) }
        let expected = [
            "listen_addresses": "", "fsync": "on", "data_checksums": "on", "server_encoding": "UTF8",
            "lc_collate": "C.UTF-8",
            "full_page_writes": "on", "synchronous_commit": "on", "statement_timeout": "30s",
            "idle_in_transaction_session_timeout": "1min",
        ]
        for (name, value) in expected {
            let rows = try await connection.query("select current_setting($1)", [.text(name)])
            #expect(rows.first?.string(0) == value, "\(name)")
        }
        let path = try await TestServer.connectionString().split(separator: "'")[1]
        #expect((Files.status(String(path))?.st_mode ?? 0) & 0o777 == 0o700)
        await connection.close()
    }

    @Test("killed during a statement, it starts again with what was committed, and the connection comes back")
    func crash() async throws {
        try await TestServer.own("crash") { server, _ in
            let events = Events()
            let configuration = PostgresConfiguration(connectionString: try await server.start())
            let connection = try TestServer.connection(configuration, events)
            try await connection.script("create table kept (a int8); insert into kept values (42)")
            // Once before, so that it is prepared: what dies below is the execution.
            _ = try await connection.query("select pg_sleep($1)", [.double(0)])
            async let running = failure { try await connection.query("select pg_sleep($1)", [.double(3600)]) }
            while await connection.exchange?.sent != true { await Task.yield() }
            server.kill()
            let error = await running
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == true)
            #expect(await failure { try await connection.query("select 1") }?.isRetriable == true)
            _ = try await server.start()
            #expect(try await connection.eventually("select a from kept").first?.int(0) == 42)
            await connection.close()
        }
    }

    @Test("a postmaster killed alone leaves children behind; they are waited for")
    func orphans() async throws {
        try await TestServer.own("orphans") { server, _ in
            let configuration = PostgresConfiguration(connectionString: try await server.start())
            let connection = try TestServer.connection(configuration, Events())
            _ = try await connection.query("select 1")
            Glibc.kill(try #require(server.processID), SIGKILL)
            _ = try await server.start()
            #expect(try await connection.eventually("select 1::int8").first?.int(0) == 1)
            await connection.close()
        }
    }

    @Test("a lock file whose process number belongs to somebody else is no obstacle")
    func staleLock() async throws {
        try await TestServer.own("stale") { server, directory in
            _ = try await server.start()
            try await server.stop()
            // Ourselves: alive, and no postmaster.
            let file = try #require(fopen("\(directory)/data/postmaster.pid", "w"))
            fputs("\(getpid())\n\(directory)/data\n1\n5432\n\(directory)/run\n\n1 1\nready   \n", file)
            fclose(file)
            #expect(server.processID == nil)
            _ = try await server.start()
            #expect(server.processID != nil)
        }
    }

    @Test("half a cluster from a crashed first start is replaced")
    func halfMade() async throws {
        try await TestServer.own("half") { server, directory in
            try Files.makeDirectories("\(directory)/data.new/base", mode: 0o700)
            _ = try await server.start()
            #expect(server.processID != nil)
        }
    }

    @Test("options win over the defaults; one that PostgreSQL refuses is reported in its words")
    func options() async throws {
        let directory = TestServer.scratch("options")
        let server = PostgresServer(directory: directory, options: ["shared_buffers": "nonsense"])
        defer {
            server.kill()
            try? Files.removeTree(directory)
        }
        let error = await failure { try await server.start() }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("shared_buffers") == true)
    }

    @Test("a path too long for a socket is refused before anything is made")
    func longPath() async throws {
        let directory = "/tmp/pgtest-" + String(repeating: "x", count: 100)
        let error = await failure { try await PostgresServer(directory: directory).start() }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("at most 107") == true)
        #expect(!Files.exists(directory))
    }

    @Test("a directory that the server's user cannot reach is named", .enabled(if: geteuid() == 0, "not root"))
    func unreachable() async throws {
        let closed = TestServer.scratch("closed")
        try Files.makeDirectories(closed, mode: 0o700)
        defer { try? Files.removeTree(closed) }
        let error = await failure { try await PostgresServer(directory: "\(closed)/state").start() }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("\(closed) does not let user") == true)
    }

    @Test("no programs, or a data directory that is none, is said")
    func unusable() async throws {
        let directory = TestServer.scratch("unusable")
        try Files.makeDirectories("\(directory)/data", mode: 0o755)
        defer { try? Files.removeTree(directory) }
        let none = await failure { try await PostgresServer(directory: directory, binaries: "/nonexistent").start() }
        #expect(none?.message.contains("/nonexistent") == true)
        #expect(await failure { try await PostgresServer(directory: directory).start() }?.kind == .usage)
    }
}
