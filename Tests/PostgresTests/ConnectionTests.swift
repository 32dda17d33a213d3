import Glibc
import Synchronization
import Testing

@testable import Postgres

@Suite("connection", .enabled(if: PostgresServer.isInstalled, TestServer.missing))
struct ConnectionTests {
    @Test(
        "an error carries the server's code, and the session goes on",
        arguments: [
            ("select 1/0", "22012"), ("selec 1", "42601"), ("select * from nowhere", "42P01"),
            ("select 1; select 2", "42601"),
        ])
    func sqlstate(sql: String, code: String) async throws {
        let connection = try await TestServer.connect()
        let error = await failure { try await connection.query(sql) }
        #expect(error?.sqlstate == code)
        #expect(error?.outcomeUnknown == false)
        #expect(try await connection.query("select 2::int8").first?.int(0) == 2)
        await connection.close()
    }

    @Test("affected counts rows, empty statements are fine")
    func affected() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create temp table t (a int); insert into t values (1), (2), (3)")
        #expect(try await connection.query("update t set a = a + $1", [.int4(1)]).affected == 3)
        #expect(try await connection.query("delete from t where a = 99").affected == 0)
        #expect(try await connection.query("").isEmpty)
        await connection.close()
    }

    @Test("each text is prepared once")
    func prepared() async throws {
        let connection = try await TestServer.connect()
        for number in 0..<5 as Range<Int64> {
            _ = try await connection.query("select $1::int8 as once", [.int8(number)])
        }
        _ = try await connection.query("select $1::int8 as once", [.null])
        let count = "select count(*) from pg_prepared_statements where statement like '%as once'"
        #expect(try await connection.query(count).first?.int(0) == 1)
        await connection.close()
    }

    @Test("a first NULL does not spoil the statement for other types")
    func nullFirst() async throws {
        let connection = try await TestServer.connect()
        let sql = "select coalesce($1, 1)::int8"
        #expect(try await connection.query(sql, [.null]).first?.int(0) == 1)
        #expect(try await connection.query(sql, [.int8(1 << 40)]).first?.int(0) == 1 << 40)
        await connection.close()
    }

    @Test("the cache is bounded on the server too")
    func bounded() async throws {
        let connection = try await TestServer.connect { $0.preparedStatements = 3 }
        for number in 0..<10 { _ = try await connection.query("select \(number) as bounded") }
        let rows = try await connection.query("select count(*) from pg_prepared_statements")
        #expect(rows.first?.int(0) == 3)
        await connection.close()
    }

    @Test("a statement whose table changed is prepared again")
    func changedTable() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create temp table changing (a int8); insert into changing values (1)")
        #expect(try await connection.query("select * from changing").first?.int(0) == 1)
        try await connection.script("alter table changing add b text default 'x'")
        #expect(try await connection.query("select * from changing").first?.string(1) == "x")
        try await connection.script("deallocate all")
        #expect(try await connection.query("select * from changing").first?.string(1) == "x")
        await connection.close()
    }

    @Test("a script stops at its first error and changes nothing")
    func script() async throws {
        let connection = try await TestServer.connect()
        let error = await failure {
            try await connection.script("create temp table half (a int); select 1/0; create temp table rest (a int)")
        }
        #expect(error?.sqlstate == "22012")
        let rows = try await connection.query("select to_regclass('pg_temp.half') is null")
        #expect(rows.first?.bool(0) == true)
        await connection.close()
    }

    @Test("statements run in the order they were asked for")
    func order() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create temp table log (n bigserial, v int8)")
        // While the transaction has the turn, each of the others is in line before the next one asks.
        let tasks = try await connection.transaction { _ in
            var tasks: [Task<Void, any Error>] = []
            for number in 0..<100 {
                // Detached: a child of the body would be taken for the body.
                tasks.append(
                    Task.detached {
                        _ = try await connection.query("insert into log (v) values ($1)", [.int8(Int64(number))])
                    })
                while await connection.turn.waiting.count != number + 1 { await Task.yield() }
            }
            return tasks
        }
        for task in tasks { try await task.value }
        let rows = try await connection.query("select v from log order by n")
        #expect(rows.map { $0.int(0) } == Array(0..<100))
        await connection.close()
    }

    @Test("COPY is refused and the connection comes back")
    func copy() async throws {
        let connection = try await TestServer.connect()
        let error = await failure { try await connection.script("copy (select 1) to stdout") }
        #expect(error?.kind == .usage)
        #expect(try await connection.eventually("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("notices and notifications disturb nobody")
    func notices() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("listen x; notify x; do $$ begin raise warning 'ahi'; end $$")
        #expect(try await connection.query("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("what is let go without close() leaves the server")
    func letGo() async throws {
        let witness = try await TestServer.connect()
        var connection: PostgresConnection? = try await TestServer.connect { $0.applicationName = "let go" }
        _ = try await connection?.query("select 1")
        let count = "select count(*) from pg_stat_activity where application_name = 'let go'"
        #expect(try await witness.query(count).first?.int(0) == 1)
        connection = nil
        while try await witness.query(count).first?.int(0) != 0 { await Task.yield() }
        await witness.close()
    }

    @Test("closed is closed")
    func closed() async throws {
        let connection = try await TestServer.connect()
        _ = try await connection.query("select 1")
        #expect(await connection.isConnected)
        await connection.close()
        await connection.close()
        #expect(await !connection.isConnected)
        #expect(await failure { try await connection.query("select 1") }?.kind == .unavailable)
    }

    @Test("close lets what was asked before finish")
    func closeDrains() async throws {
        let connection = try await TestServer.connect()
        _ = try await connection.query("select 1")
        async let slow = connection.query("select pg_sleep(0.2), 5::int8")
        while await !connection.turn.taken { await Task.yield() }
        await connection.close()
        #expect(try await slow.first?.int(1) == 5)
    }

    @Test("close cancels what does not finish in time")
    func closeCancels() async throws {
        let witness = try await TestServer.connect()
        let connection = try await TestServer.connect {
            $0.applicationName = "close cancels"
            $0.closeGrace = .milliseconds(50)
            // However slow the machine: the cancellation must be what ends it.
            $0.cancelGrace = .seconds(600)
        }
        async let endless = failure { try await connection.query("select pg_sleep(3600)") }
        // A cancellation that comes before the statement does is lost.
        let asleep = """
            select 1 from pg_stat_activity where application_name = 'close cancels' and wait_event = 'PgSleep'
            """
        while try await witness.query(asleep).isEmpty { await Task.yield() }
        await connection.close()
        #expect(await endless?.kind == .timeout)
        await witness.close()
    }

    @Test("close does not wait for a server that does not cancel either")
    func closeDrops() async throws {
        let connection = try await TestServer.connect {
            $0.closeGrace = .milliseconds(50)
            $0.cancelGrace = .milliseconds(50)
        }
        let process = try #require(try await connection.query("select pg_backend_pid()::int8").first?.int(0))
        async let endless = failure { try await connection.query("select pg_sleep(3600)") }
        while await connection.exchange == nil { await Task.yield() }
        #expect(kill(pid_t(process), SIGSTOP) == 0)
        defer { kill(pid_t(process), SIGCONT) }
        await connection.close()
        #expect(await endless?.kind == .connectionLost)
        #expect(await !connection.isConnected)
    }
}
