import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "stored messages, corrections and what rules did", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing),
    .timeLimit(.minutes(30)))
struct ArchiveTests {
    private static let start = Sample.moment

    private func message(_ number: Int, raw: [UInt8] = Array("{}".utf8), outcome: IntakeRecord.Outcome) -> IntakeRecord
    {
        let at = Self.start + .seconds(Int64(number))
        let message = Message(
            id: .timeOrdered(at: at), channel: "portale", externalID: "m\(number)", receivedAt: at, text: "buca")
        return IntakeRecord(message: message, raw: raw, citizen: nil, identities: [], outcome: outcome)
    }

    private func opened(_ number: Int, raw: [UInt8] = Array("{}".utf8), decision: String? = nil) -> IntakeRecord {
        var ticket = Sample.ticket(openedAt: Self.start + .seconds(Int64(number)))
        if let decision { ticket.decision = decision }
        return message(number, raw: raw, outcome: .ticket(ticket))
    }

    private func store(_ records: [IntakeRecord], in database: TestDatabase) async throws {
        let writer = try database.writer()
        for record in records { _ = try await writer.submit(record) }
        await writer.drain()
    }

    private func archive(_ database: TestDatabase, from: Int64 = 0, until: Int64 = 1000) -> StoredMessages {
        StoredMessages(pool: database.pool, since: Self.start + .seconds(from), until: Self.start + .seconds(until))
    }

    private func all(_ archive: StoredMessages) async throws -> (messages: [StoredMessage], batches: Int) {
        var all: [StoredMessage] = []
        var batches = 0
        while case let batch = try await archive.batch(after: all.last?.id), !batch.isEmpty {
            all += batch
            batches += 1
        }
        return (all, batches)
    }

    @Test("the messages of a period in the order in which they came, with their tickets")
    func period() async throws {
        try await TestDatabase.with { database in
            var records = (0..<5).map { opened($0, raw: [UInt8($0)]) }
            records.append(message(5, outcome: .discarded(reason: "prova")))
            try await store(records.shuffled(), in: database)
            let (messages, _) = try await all(archive(database))
            #expect(messages.map(\.receivedAt) == (0..<6).map { Self.start + .seconds($0) })
            #expect(messages.prefix(5).map(\.raw) == (0..<5).map { [UInt8($0)] })
            #expect(messages.map { $0.ticket?.code } == records.map { $0.ticket?.code })
            #expect(messages.map(\.discarded) == [nil, nil, nil, nil, nil, "prova"])
            #expect(messages.first?.ticket?.category == "strade.buche")
            #expect(try await archive(database).count() == 6)
            // The first moment belongs to the period, the last does not.
            #expect(try await all(archive(database, from: 2, until: 4)).messages.count == 2)
            #expect(try await archive(database, from: 2, until: 4).count() == 2)
        }
    }

    @Test("a batch is bounded in messages and in bytes, and nothing is left out between two")
    func batches() async throws {
        try await TestDatabase.with { database in
            let large = [UInt8](repeating: 7, count: StoredMessages.mostBytes / 2 + 1)
            try await store((0..<4).map { opened($0, raw: large) }, in: database)
            let (messages, batches) = try await all(archive(database))
            #expect(messages.count == 4)
            #expect(batches == 2)
        }
        try await TestDatabase.with { database in
            let number = StoredMessages.mostMessages + 10
            _ = try await database.pool.query(
                """
                insert into message (id, channel, external_id, received_at, body, raw, scope)
                select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000800000000000'
                        || lpad(to_hex(n), 4, '0'))::uuid, 'portale', n::text, at, 'a', 'x', 'portale'
                from (select n, $1::timestamptz as at from generate_series(1, $2) n) s
                """, [.timestamptz(Self.start.microseconds), .int4(Int32(number))])
            let (messages, batches) = try await all(archive(database))
            #expect(messages.count == number)
            #expect(batches == 2)
            #expect(Set(messages.map(\.id)).count == number)
        }
    }

    private static let decision = """
        {"decision":{"category":"strade.buche","office":"urp"},
         "because":[{"field":"category","rule":"buche"},{"field":"priority","rule":"feriti"},
                    {"field":"tags","rule":"buche"},{"field":"office","rule":null}]}
        """

    private func move(
        _ record: IntakeRecord, office: String? = nil, category: String? = nil, in database: TestDatabase
    ) async throws {
        let code = record.ticket?.code ?? ""
        let step = Tickets.Step(
            code: code, at: Self.start + .seconds(500), kind: .moved, by: "operator:anna", office: office,
            category: category, tells: false)
        _ = try await database.tickets.take(step, owner: nil) { _, from in from }
    }

    @Test("what a person chose: only the field that was changed; moved and moved back says nothing")
    func corrections() async throws {
        try await TestDatabase.with { database in
            let records = (0..<4).map { opened($0, decision: Self.decision) }
            try await store(records, in: database)
            try await move(records[0], category: "verde.alberi", in: database)
            try await move(records[1], office: "ama", in: database)
            try await move(records[2], office: "ama", in: database)
            try await move(records[2], office: "urp", in: database)
            let corrections = try await database.tickets.corrections(since: Self.start)
            func correction(_ index: Int) -> Correction? { records[index].ticket.flatMap { corrections[$0.number] } }
            #expect(corrections.count == 3)
            #expect(correction(0)?.category == "verde.alberi")
            #expect(correction(0)?.office == nil)
            #expect(correction(0)?.decided == Correction.Place(category: "strade.buche", office: "urp"))
            #expect(correction(1)?.category == nil)
            #expect(correction(1)?.office == "ama")
            #expect(correction(2)?.category == nil)
            #expect(correction(2)?.office == nil)
            #expect(try await database.tickets.corrections(since: Self.start + .seconds(501)).isEmpty)
        }
    }

    @Test("hits, the last one and corrections by rule; discarded messages by reason")
    func usage() async throws {
        try await TestDatabase.with { database in
            let other =
                #"{"decision":{"category":null,"office":"urp"},"because":[{"field":"priority","rule":"feriti"}]}"#
            let records = [opened(0, decision: Self.decision), opened(1, decision: Self.decision)]
            try await store(
                records + [opened(2, decision: other), message(3, outcome: .discarded(reason: "prova"))], in: database)
            try await move(records[1], category: "verde.alberi", in: database)
            let usage = try await database.tickets.ruleUsage(since: Self.start)
            let last = Self.start + .seconds(1)
            #expect(
                usage.rules == [
                    "buche": RuleUsage(hits: 2, lastHit: last, corrections: 1),
                    "feriti": RuleUsage(hits: 3, lastHit: last + .seconds(1)),
                ])
            #expect(usage.discards == ["prova": RuleUsage(hits: 1, lastHit: last + .seconds(2))])
            let later = try await database.tickets.ruleUsage(since: last + .seconds(1))
            #expect(later.rules == ["feriti": RuleUsage(hits: 1, lastHit: last + .seconds(1))])
        }
    }
}
