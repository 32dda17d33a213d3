import Bench
import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("stored years", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct StoredYearsTests {
    @Test("what a bench stores are tickets of citizens who are known by mail and by telephone, and who may write again")
    func known() async throws {
        try await TestDatabase.with { database in
            try await database.session { session in
                try await StoredYears.fill(
                    2000, areas: ["municipio-i"], categories: ["strade.buche"], offices: ["urp"], on: session)
            }
            #expect(try await database.number("select count(*) from ticket") == 2000)
            #expect(try await database.number("select count(*) from citizen") == 1000)
            let stories = try await Tickets(pool: database.pool).stories(
                of: .phone, BenchMessages.phone(of: 7), by: .office("urp"), at: Sample.moment)
            #expect(stories.map(\.total) == [2])
            #expect(stories.first?.tickets.allSatisfy { $0.category == "strade.buche" } == true)

            try await database.open(Sample.record("new", sender: Sender(email: "p7@example.org")))
            #expect(try await database.number("select count(*) from citizen") == 1000)
        }
    }
}
