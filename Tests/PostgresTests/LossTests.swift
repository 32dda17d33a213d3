import EventLoop
import Glibc
import Testing

@testable import Postgres

/// What becomes of statements and sessions when the server is away, dies or falls silent.
@Suite("loss", .enabled(if: PostgresServer.isInstalled, TestServer.missing))
struct LossTests {
    @Test("without a server a statement fails with what libpq said, and attempts go on")
    func away() async throws {
        let events = Events()
        let configuration = PostgresConfiguration(connectionString: "host=/tmp/pgtest-nowhere port=5432")
        let connection = try TestServer.connection(configuration, events)
        let error = await failure { try await connection.query("select 1") }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("/tmp/pgtest-nowhere") == true)
        #expect(error?.outcomeUnknown == false && error?.isRetriable == true)
        let third = await events.next { if case .connecting(attempt: 3, _) = $0 { true } else { false } }
        #expect(third != nil)
        await connection.close()
        #expect(await failure { try await connection.query("select 1") }?.kind == .unavailable)
    }

    @Test("a malformed connection string is an error like any other")
    func malformed() async throws {
        let connection = try TestServer.connection(PostgresConfiguration(connectionString: "hosst=x"), Events())
        #expect(await failure { try await connection.query("select 1") }?.message.contains("connection string") == true)
        await connection.close()
    }

    @Test("a statement whose session dies has an unknown outcome; the next one has a new session")
    func terminated() async throws {
        let events = Events()
        let connection = try await TestServer.connect(events: events)
        let error = await failure { try await connection.query("select pg_terminate_backend(pg_backend_pid())") }
        #expect(error?.kind == .connectionLost)
        #expect(error?.outcomeUnknown == true)
        #expect(error?.message.contains("57P01") == true)
        #expect(try await connection.eventually("select 1::int8").first?.int(0) == 1)
        #expect(events.seen.contains { if case .lost = $0 { true } else { false } })
        await connection.close()
    }

    @Test("a session that dies while it is idle is noticed and made again")
    func idle() async throws {
        let events = Events()
        let connection = try await TestServer.connect(events: events)
        let pid = try #require(try await connection.query("select pg_backend_pid()").first?.int(0))
        await events.connected()
        let witness = try await TestServer.connect()
        _ = try await witness.query("select pg_terminate_backend($1)", [.int4(Int32(pid))])
        await events.connected()
        let again = try await connection.eventually("select pg_backend_pid()").first?.int(0)
        #expect(again != nil && again != pid)
        await connection.close()
        await witness.close()
    }

    @Test("the server cancels a statement that takes too long")
    func statementTimeout() async throws {
        let connection = try await TestServer.connect { $0.statementTimeout = .milliseconds(100) }
        let error = await failure { try await connection.query("select pg_sleep(3600)") }
        #expect(error?.kind == .timeout)
        #expect(error?.outcomeUnknown == false)
        #expect(try await connection.query("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("a server that falls silent is left")
    func silent() async throws {
        let connection = try await TestServer.connect {
            $0.statementTimeout = .milliseconds(50)
            $0.silenceAllowance = .milliseconds(50)
        }
        let pid = try #require(try await connection.query("select pg_backend_pid()").first?.int(0))
        _ = try await connection.query("select 1")
        kill(pid_t(pid), SIGSTOP)
        defer { kill(pid_t(pid), SIGCONT) }
        let error = await failure { try await connection.query("select 1") }
        #expect(error?.kind == .timeout)
        #expect(error?.outcomeUnknown == true)
        #expect(try await connection.eventually("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("a dead first host is passed over, and the read-write one is found")
    func severalHosts() async throws {
        let good = try await TestServer.connectionString()
        let path = good.split(separator: "'")[1]
        let connection = try TestServer.connection(
            PostgresConfiguration(
                connectionString: "host=/tmp/pgtest-nowhere,\(path) port=5432,5432 user=postgres dbname=postgres "
                    + "target_session_attrs=read-write"), Events())
        #expect(try await connection.query("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("a host that takes the connection and says nothing gives way to the next")
    func mute() async throws {
        let directory = TestServer.scratch("mute")
        try Files.makeDirectories(directory, mode: 0o700)
        defer { try? Files.removeTree(directory) }
        let listener = try #require(listen(at: "\(directory)/.s.PGSQL.5432"))
        defer { close(listener) }
        let path = try await TestServer.connectionString().split(separator: "'")[1]
        var configuration = PostgresConfiguration(
            connectionString: "host=\(directory),\(path) user=postgres dbname=postgres",
            connectTimeout: .milliseconds(100))
        configuration.connectTimeout = .milliseconds(200)
        let connection = try TestServer.connection(configuration, Events())
        #expect(await failure { try await connection.query("select 1") }?.message.contains("no answer within") == true)
        #expect(try await connection.eventually("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    /// It once counted as ready, without a session, for good: every statement failed until the daemon was restarted.
    @Test("a session that dies with its first answer is made again", .timeLimit(.minutes(5)))
    func diesWhenReady() async throws {
        let directory = TestServer.scratch("brief")
        try Files.makeDirectories(directory, mode: 0o700)
        defer { try? Files.removeTree(directory) }
        let listener = try #require(listen(at: "\(directory)/.s.PGSQL.5432"))
        let path = try await TestServer.connectionString().split(separator: "'")[1]
        let loop = try EventLoop(label: "test")
        let connection = PostgresConnection(
            configuration: PostgresConfiguration(
                connectionString: "host=\(directory),\(path) user=postgres dbname=postgres",
                connectTimeout: .seconds(3600)),
            loop: loop, observe: { _ in })
        async let answer = connection.eventually("select 1::int8").first?.int(0)
        await Blocking.run { answerOnce(listener, holding: loop) }
        #expect(try await answer == 1)
        await connection.close()
    }

    /// Takes one connection, answers its first script, and is gone for good: the answer and the end come in one piece.
    private func answerOnce(_ listener: Int32, holding loop: EventLoop) {
        let descriptor = accept(listener, nil, nil)
        var bytes = [UInt8](repeating: 0, count: 10_000)
        // Authentication OK, ready for a query; SET, ready (PostgreSQL's documentation, 55.7).
        let welcome: [UInt8] = [0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5A, 0, 0, 0, 5, 0x49]
        let done: [UInt8] = [0x43, 0, 0, 0, 8, 0x53, 0x45, 0x54, 0, 0x5A, 0, 0, 0, 5, 0x49]
        _ = recv(descriptor, &bytes, bytes.count, 0)
        _ = send(descriptor, welcome, welcome.count, 0)
        _ = recv(descriptor, &bytes, bytes.count, 0)
        loop.executor.queue.sync {
            _ = send(descriptor, done, done.count, 0)
            close(descriptor)
            close(listener)
        }
    }

    @Test("close ends an attempt that hangs")
    func closeWhileConnecting() async throws {
        let directory = TestServer.scratch("hang")
        try Files.makeDirectories(directory, mode: 0o700)
        defer { try? Files.removeTree(directory) }
        let listener = try #require(listen(at: "\(directory)/.s.PGSQL.5432"))
        defer { close(listener) }
        let connection = try TestServer.connection(
            PostgresConfiguration(connectionString: "host=\(directory)", connectTimeout: .seconds(3600)), Events())
        async let waiting = failure { try await connection.query("select 1") }
        while await connection.socketWaiter == nil { await Task.yield() }
        await connection.close()
        #expect(await waiting?.kind == .unavailable)
    }

    /// A socket that takes connections into its backlog and never looks at them.
    private func listen(at path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix(107))) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return bound == 0 && Glibc.listen(descriptor, 8) == 0 ? descriptor : nil
    }
}
