import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("citizens", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct CitizenTests {
    private static let person = "RSSMRA80A01H501U"

    @Test("an attested identity and a declared one are never the same citizen")
    func neverMerged() async throws {
        try await TestDatabase.with { database in
            let attested = Sender(
                email: "anna@example.org", fiscalCode: Self.person, attested: [.fiscalCode, .email])
            let declared = Sender(email: "anna@example.org", fiscalCode: Self.person)
            let partly = Sender(email: "anna@example.org", fiscalCode: Self.person, attested: [.email])
            for (index, sender) in [attested, declared, partly, attested, declared].enumerated() {
                try await database.open(Sample.record("\(index)", sender: sender))
            }
            let citizens = try await database.pool.query("select citizen from ticket order by number").map {
                $0.uuid(0)
            }
            let ids = citizens.compactMap { $0.map { Identifier($0) } }
            #expect(ids.count == 5)
            #expect(ids[0] == ids[3])
            #expect(ids[1] == ids[4])
            #expect(Set(ids).count == 3)
            #expect(try await database.number("select count(*) from citizen") == 3)
            // No identity of one citizen's is attested by a value that was only declared.
            let rows = try await database.pool.query(
                "select kind, attested, citizen from identity order by citizen, kind, attested")
            let identities = Set(
                rows.compactMap { row -> [String]? in
                    guard let kind = row.string(0), let isAttested = row.bool(1), let id = row.identifier(2) else {
                        return nil
                    }
                    return [kind, String(isAttested), id.description]
                })
            #expect(
                identities == [
                    ["fiscal_code", "true", ids[0].description], ["email", "true", ids[0].description],
                    ["fiscal_code", "false", ids[1].description], ["email", "false", ids[1].description],
                    ["fiscal_code", "false", ids[2].description], ["email", "true", ids[2].description],
                ])
        }
    }

    @Test("a message without identities has no citizen")
    func anonymous() async throws {
        try await TestDatabase.with { database in
            try await database.open(Sample.record("a"))
            #expect(try await database.number("select count(*) from citizen") == 0)
            #expect(try await database.number("select count(*) from ticket where citizen is null") == 1)
        }
    }

    @Test("writers that meet the same citizens again and again lose nothing")
    func meeting() async throws {
        try await TestDatabase.with { database in
            // Two daemons with two writers each; every batch meets the same few citizens in another order.
            let writers = [try database.writer(connections: 2), try database.writer(connections: 2)]
            let stored = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<600 {
                    let person = number * 7 % 5
                    let sender = Sender(
                        email: "\(person)@example.org", phone: "+39061234567\((person + 1) % 5)",
                        fiscalCode: "RSSMRA80A01H501\(person)", attested: number % 2 == 0 ? [.fiscalCode] : [])
                    let record = Sample.record("\(number)", sender: sender, notifications: 1)
                    let writer = writers[number % 2]
                    group.addTask { try await writer.submit(record).isStored }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            for writer in writers { await writer.drain() }
            #expect(stored == 600)
            #expect(try await database.number("select count(*) from ticket") == 600)
            #expect(try await database.number("select count(*) from notification") == 600)
            #expect(try await database.number("select count(*) from citizen") == 10)
            #expect(try await database.number("select count(*) from identity") == 30)
        }
    }

    @Test("two daemons that get the same messages at once make one ticket of each")
    func sameMessages() async throws {
        try await TestDatabase.with { database in
            let writers = [try database.writer(connections: 2), try database.writer(connections: 2)]
            let answers = try await withThrowingTaskGroup(of: (Int, IntakeResult, Identifier).self) { group in
                for number in 0..<400 {
                    let record = Sample.record("\(number / 2)")
                    let writer = writers[number % 2]
                    group.addTask { (number / 2, try await writer.submit(record), record.message.id) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for writer in writers { await writer.drain() }
            #expect(answers.count { $0.1.isStored } == 200)
            #expect(try await database.number("select count(*) from ticket") == 200)
            let first = Dictionary(
                uniqueKeysWithValues: answers.filter { $0.1.isStored }.map { ($0.0, $0.2) })
            for (message, result, _) in answers where !result.isStored {
                #expect(result.earlier?.message == first[message])
            }
        }
    }
}
