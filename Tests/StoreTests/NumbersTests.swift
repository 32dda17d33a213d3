import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("numbers and keys", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct NumbersTests {
    @Test("ticket numbers are never given twice, however many daemons ask")
    func unique() async throws {
        try await TestDatabase.with { database in
            let daemons = [TicketNumbers(pool: database.pool), TicketNumbers(pool: database.pool)]
            // More than one block each.
            let numbers = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var numbers: [Int64] = []
                        for _ in 0..<1500 { numbers.append(try await daemons[task % 2].next()) }
                        return numbers
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(numbers.count == 12_000)
            #expect(Set(numbers).count == 12_000)
            #expect(numbers.allSatisfy { $0 > 0 })
        }
    }

    @Test("without PostgreSQL there is no number, and afterwards there is")
    func away() async throws {
        try await TestDatabase.with { database in
            let numbers = TicketNumbers(pool: database.pool)
            _ = try await database.pool.query("alter sequence ticket_block rename to hidden")
            await #expect(throws: PostgresError.self) { try await numbers.next() }
            _ = try await database.pool.query("alter sequence hidden rename to ticket_block")
            #expect(try await numbers.next() == 1)
            #expect(try await numbers.next() == 2)
        }
    }

    @Test("a status page's key opens that page only")
    func statusKey() async throws {
        try await TestDatabase.with { database in
            let instance = try await Instance.read(from: database.pool)
            #expect(instance.ticketKey.count == 16)
            let key = instance.statusKey(of: "RM-1")
            #expect(key.utf8.count == 32)
            #expect(instance.accepts(key: key, for: "RM-1"))
            #expect(!instance.accepts(key: key, for: "RM-2"))
            #expect(!instance.accepts(key: String(key.dropLast()), for: "RM-1"))
            #expect(!instance.accepts(key: "", for: "RM-1"))
        }
    }
}
