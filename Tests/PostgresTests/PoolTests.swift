import EventLoop
import Testing

@testable import Postgres

@Suite("pool", .enabled(if: PostgresServer.isInstalled, TestServer.missing))
struct PoolTests {
    private func pool(size: Int, events: Events = Events()) async throws -> PostgresPool {
        try PostgresPool(
            configuration: PostgresConfiguration(connectionString: try await TestServer.connectionString()), size: size,
            label: "pool", observe: events.note)
    }

    @Test("a busy session is passed over")
    func leastBusy() async throws {
        let pool = try await pool(size: 2)
        let inside = try await pool.transaction { transaction in
            let own = try await transaction.query("select pg_backend_pid()").first?.int(0)
            let other = try await pool.query("select pg_backend_pid()").first?.int(0)
            return (own, other)
        }
        #expect(inside.0 != nil && inside.1 != nil && inside.0 != inside.1)
        #expect(pool.connected == 2)
        await pool.close()
        #expect(pool.connected == 0 || pool.connected == 2)
    }

    @Test("hundreds at once are all answered, over no more sessions than it has")
    func many() async throws {
        let pool = try await pool(size: 3)
        let answers = try await withThrowingTaskGroup(of: (Int64, Int64).self) { group in
            for number in 0..<300 {
                group.addTask {
                    let row = try await pool.query("select $1::int8, pg_backend_pid()", [.int8(Int64(number))]).first
                    return (row?.int(0) ?? -1, row?.int(1) ?? -1)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.0)) == Set(0..<300))
        #expect(Set(answers.map(\.1)).count <= 3)
        await pool.close()
    }

    @Test("tasks that prefer another loop's executor, and lose the actor between two steps, are answered, too")
    func preferring() async throws {
        let loop = try EventLoop(label: "test.preferring")
        let pool = try await pool(size: 2)
        // The sum of the numbers that come back.
        let sums = (0..<16).map { first in
            Task(executorPreference: loop.taskExecutor) {
                var sum: Int64 = 0
                for number in 0..<100 {
                    let value = Int64(first * 100 + number)
                    sum += try await pool.query("select $1::int8", [.int8(value)]).first?.int(0) ?? 0
                    if number % 10 == 0 {
                        sum += try await pool.transaction { session in
                            try await session.query("select 1::int8").first?.int(0) ?? 0
                        }
                    }
                }
                return sum
            }
        }
        var total: Int64 = 0
        for sum in sums { total += try await sum.value }
        #expect(total == 1599 * 1600 / 2 + 160)
        await pool.close()
    }

    @Test("while one session is down, another serves")
    func failover() async throws {
        let pool = try await pool(size: 2)
        _ = try await pool.transaction { _ in try await pool.query("select 1") }
        #expect(pool.connected == 2)
        let error = await failure { try await pool.query("select pg_terminate_backend(pg_backend_pid())") }
        #expect(error?.kind == .connectionLost)
        #expect(try await pool.query("select 1::int8").first?.int(0) == 1)
        await pool.close()
        #expect(await failure { try await pool.query("select 1") }?.kind == .unavailable)
    }
}
