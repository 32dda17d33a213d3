import Bench
import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("intake writer", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct IntakeWriterTests {
    typealias Submission = Task<IntakeResult, any Error>

    /// The record is in the writer's queue, or refused, when this returns.
    private func submit(_ record: IntakeRecord, to writer: IntakeWriter) -> Submission {
        Task.immediate { try await writer.submit(record) }
    }

    /// Submits while no message can be written: the first alone, which is then under way, and the others wait together.
    private func submitTogether(
        _ records: [IntakeRecord], to writer: IntakeWriter, in database: TestDatabase,
        meanwhile: @Sendable () async throws -> Void = {}
    ) async throws -> [Submission] {
        let submissions = Gathered<Submission>()
        try await database.withMessagesLocked {
            submissions.add(submit(Sample.record("first"), to: writer))
            try await database.statementsWait(1)
            for record in records { submissions.add(submit(record, to: writer)) }
            #expect(writer.waiting == records.count)
            try await meanwhile()
        }
        return Array(submissions.values.dropFirst())
    }

    @Test("all of a message is stored")
    func stores() async throws {
        try await TestDatabase.with { database in
            let sender = Sender(email: "anna@example.org", attested: [.email])
            let ticket = Sample.ticket(notifications: 2, tags: ["strada", "notte"])
            let record = Sample.record("a", sender: sender, outcome: .ticket(ticket))
            let writer = try database.writer()
            #expect(try await writer.submit(record).isStored)
            await writer.drain()

            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.number == ticket.number)
            #expect(stored.status == .open)
            #expect(stored.tags == ["strada", "notte"])
            #expect(stored.contact == ticket.contact)
            #expect(stored.dueAt == ticket.dueAt)
            #expect(stored.text == record.message.text)
            #expect(stored.citizen == record.citizen)
            #expect(stored.events == [TicketEvent(at: Sample.moment, kind: .opened, by: "rules", office: "urp")])
            #expect(Set(stored.notifications.map(\.id)) == Set(ticket.notifications.map(\.id)))
            #expect(stored.notifications.allSatisfy { $0.status == "waiting" && $0.attempts == 0 })
            #expect(try await database.number("select octet_length(raw)::int8 from message") == 2)
        }
    }

    @Test("the same id within a batch is one message")
    func duplicatesTogether() async throws {
        try await TestDatabase.with { database in
            let batches = Gathered<Int>()
            let writer = try database.writer(measured: { batches.add($0.rows) })
            let records = ["a", "b", "a", "c", "a"].map { Sample.record($0, notifications: 1) }
            let results = try await submitTogether(records, to: writer, in: database)
            for (index, result) in results.enumerated() {
                let result = try await result.value
                #expect(result.isStored == [0, 1, 3].contains(index))
                guard !result.isStored else { continue }
                #expect(result.earlier?.message == records[0].message.id)
                #expect(result.earlier?.ticket == records[0].ticket?.code)
            }
            #expect(batches.values == [1, 5])
            #expect(try await database.number("select count(*) from message") == 4)
            #expect(try await database.number("select count(*) from ticket") == 4)
            #expect(try await database.number("select count(*) from notification") == 3)
            await writer.drain()
        }
    }

    @Test("the same id later gives the first message and its ticket, and changes nothing")
    func duplicateLater() async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            let first = Sample.record("a", text: "una")
            let again = Sample.record("a", text: "un'altra", notifications: 1)
            #expect(try await writer.submit(first).isStored)
            for _ in 0..<2 {
                let earlier = try #require(try await writer.submit(again).earlier)
                #expect(earlier.message == first.message.id)
                #expect(earlier.ticket == first.ticket?.code)
            }
            // Letters composed and decomposed look the same and are not: PostgreSQL compares bytes.
            #expect(try await writer.submit(Sample.record("\u{E8}")).isStored)
            #expect(try await writer.submit(Sample.record("e\u{300}")).isStored)
            #expect(try await writer.submit(Sample.record("\u{E8}")).earlier != nil)
            await writer.drain()
            #expect(try await database.number("select count(*) from ticket") == 3)
            #expect(try await database.number("select count(*) from notification") == 0)
        }
    }

    @Test("the same message sent twice with one id of ours is not a duplicate: its answer was lost")
    func lostAnswer() async throws {
        try await TestDatabase.with { database in
            let record = Sample.record("a")
            let writer = try database.writer()
            #expect(try await writer.submit(record).isStored)
            #expect(try await writer.submit(record).isStored)
            #expect(try await database.number("select count(*) from ticket") == 1)
            await writer.drain()
        }
    }

    @Test("what a rule discarded is kept without a ticket")
    func discarded() async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            let record = Sample.record("a", outcome: .discarded(reason: "pubblicità"))
            #expect(try await writer.submit(record).isStored)
            let earlier = try #require(try await writer.submit(Sample.record("a")).earlier)
            #expect(earlier.message == record.message.id)
            #expect(earlier.ticket == nil)
            let row = try await database.pool.query("select discarded, ticket is null, body from message").first
            #expect(row?.string(0) == "pubblicità")
            #expect(row?.bool(1) == true)
            #expect(row?.string(2) == record.message.text)
            #expect(try await database.number("select count(*) from ticket") == 0)
            #expect(try await database.number("select count(*) from event") == 0)
            await writer.drain()
        }
    }

    enum Refused: CaseIterable {
        case malformedDecision, zeroInText, codeInUse
    }

    @Test("a row that PostgreSQL refuses does not hold up the others of its batch", arguments: Refused.allCases)
    func refused(_ kind: Refused) async throws {
        try await TestDatabase.with { database in
            let batches = Gathered<Int>()
            let writer = try database.writer(measured: { batches.add($0.rows) })
            let earlier = Sample.record("earlier")
            #expect(try await writer.submit(earlier).isStored)
            var ticket = Sample.ticket()
            switch kind {
            case .malformedDecision: ticket.decision = "{"
            case .zeroInText: ticket.area = "a\0b"
            case .codeInUse: ticket.code = try #require(earlier.ticket?.code)
            }
            let bad = Sample.record("bad", outcome: .ticket(ticket))
            let records = [Sample.record("a"), bad, Sample.record("b"), Sample.record("a")]
            let results = try await submitTogether(records, to: writer, in: database)
            #expect(try await results[0].value.isStored)
            let error = await #expect(throws: PostgresError.self) { try await results[1].value }
            #expect(error?.isRetriable == false)
            #expect(try await results[2].value.isStored)
            #expect(try await results[3].value.earlier?.message == records[0].message.id)
            #expect(batches.values == [1, 1, 4])
            #expect(try await database.number("select count(*) from ticket") == 4)
            await writer.drain()
        }
    }

    @Test("beyond its capacity it refuses at once, and what it took is written")
    func capacity() async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer(capacity: 2)
            let records = [Sample.record("a"), Sample.record("b")]
            let results = try await submitTogether(records, to: writer, in: database) {
                let error = await #expect(throws: PostgresError.self) { try await writer.submit(Sample.record("c")) }
                #expect(error?.kind == .unavailable)
                #expect(error?.isRetriable == true)
            }
            for result in results { #expect(try await result.value.isStored) }
            #expect(try await writer.submit(Sample.record("c")).isStored)
            await writer.drain()
        }
    }

    @Test("a batch holds at most 8 MiB, and one message at least; 64 MiB may wait")
    func bytes() async throws {
        try await TestDatabase.with { database in
            let batches = Gathered<Int>()
            let writer = try database.writer(measured: { batches.add($0.rows) })
            let large = String(repeating: "buca ", count: 200_000)
            let huge = String(repeating: "buca ", count: 2_000_000)
            var records = (0..<20).map { Sample.record("\($0)", text: large) }
            records += (20..<25).map { Sample.record("\($0)", text: huge) }
            let results = try await submitTogether(records, to: writer, in: database) {
                let error = await #expect(throws: PostgresError.self) { try await writer.submit(Sample.record("late")) }
                #expect(error?.kind == .unavailable)
            }
            for result in results { #expect(try await result.value.isStored) }
            #expect(batches.values == [1, 8, 8, 4, 1, 1, 1, 1, 1])
            await writer.drain()
        }
    }

    @Test("who waits behind a PostgreSQL that does not answer is refused with the batch before")
    func silence() async throws {
        try await TestDatabase.with { database in
            let batches = Gathered<Int>()
            let writer = try database.writer(
                patience: .milliseconds(500), measured: { batches.add($0.rows) })
            let submissions = Gathered<Submission>()
            try await database.withMessagesLocked {
                for name in ["a", "b", "c"] {
                    submissions.add(submit(Sample.record(name), to: writer))
                    if name == "a" { try await database.statementsWait(1) }
                }
                for submission in submissions.values {
                    let error = await #expect(throws: PostgresError.self) { try await submission.value }
                    #expect(error?.isRetriable == true)
                }
            }
            #expect(batches.values == [1])
            #expect(try await writer.submit(Sample.record("b")).isStored)
            await writer.drain()
        }
    }

    @Test("draining writes what had come, and refuses what comes")
    func drain() async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            // More than one batch takes.
            let records = (0..<450).map { Sample.record("\($0)") }
            let draining = Gathered<Task<Void, Never>>()
            let results = try await submitTogether(records, to: writer, in: database) {
                draining.add(Task { await writer.drain(within: .seconds(60)) })
                await until { writer.isClosed }
                let error = await #expect(throws: PostgresError.self) { try await writer.submit(Sample.record("late")) }
                #expect(error?.kind == .unavailable)
            }
            for task in draining.values { await task.value }
            for result in results { #expect(try await result.value.isStored) }
            #expect(try await database.number("select count(*) from ticket") == 451)
        }
    }

    @Test("while PostgreSQL is away it refuses at once, and the sender may come again")
    func away() async throws {
        let configuration = PostgresConfiguration(connectionString: "host=/nonexistent dbname=none")
        let writer = try IntakeWriter(
            configuration: configuration, owner: { nil }, observe: { _ in }, measured: { _ in }, committed: { _ in })
        let error = await #expect(throws: PostgresError.self) { try await writer.submit(Sample.record("a")) }
        #expect(error?.isRetriable == true)
        await writer.drain()
    }

    @Test("what few messages have is written with a batch in which one has it", arguments: Extra.allCases)
    func extras(_ extra: Extra) async throws {
        try await TestDatabase.with { database in
            let batches = Gathered<Int>()
            let writer = try database.writer(measured: { batches.add($0.rows) })
            let records = [Sample.record("a"), extra.given(to: Sample.record("b")), Sample.record("c")]
            for result in try await submitTogether(records, to: writer, in: database) {
                #expect(try await result.value.isStored)
            }
            #expect(batches.values == [1, 3])
            #expect(try await database.number("select count(*) from ticket") == 4)
            for other in Extra.allCases {
                #expect(try await database.number("select count(*) from \(other)") == (other == extra ? 1 : 0))
            }
            await writer.drain()
        }
    }

    /// By the table it is written into.
    enum Extra: String, CaseIterable, CustomStringConvertible, Sendable {
        case link = "ticket_link"
        case file = "attachment"
        case wish = "preference"

        var description: String { rawValue }

        func given(to record: IntakeRecord) -> IntakeRecord {
            var record = record
            switch self {
            case .link:
                guard case .ticket(var ticket) = record.outcome else { return record }
                ticket.links = [TicketLink(other: ticket.number - 1, kind: .possibly)]
                record.outcome = .ticket(ticket)
            case .file:
                record.attachments = [
                    StoredAttachment(
                        name: "buca.txt", type: "text/plain", hash: [UInt8](repeating: 7, count: 32), content: [65],
                        shown: nil, isInline: false, facts: "{}")
                ]
            case .wish:
                let anna = Identity(kind: .email, value: "anna@example.org", attested: true)
                record.citizen = Identifier(citizenOf: anna)
                record.wish = .silence
            }
            return record
        }
    }

    @Test(
        "however the tables have grown since it was planned, no statement reads one from end to end",
        arguments: [nil] + Extra.allCases)
    func byIndex(extra: Extra?) async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            func submit(_ id: Int) async throws {
                let record = Sample.record("\(id)")
                _ = try await writer.submit(extra?.given(to: record) ?? record)
            }
            // On empty tables, often enough for PostgreSQL to keep the plan.
            for index in 0..<8 { try await submit(index % 4) }
            try await database.session { session in
                try await StoredYears.fill(2000, areas: ["a"], categories: ["b"], offices: ["urp"], on: session)
            }
            _ = try await database.pool.query("select pg_stat_reset()")
            for index in 0..<8 { try await submit(index % 6) }
            // What a session has counted is seen once it ends.
            await writer.drain()
            try await until {
                try await database.number("select sum(idx_scan)::bigint from pg_stat_user_tables") ?? 0 > 0
            }
            let scans = """
                select coalesce(sum(seq_tup_read), 0)::bigint from pg_stat_user_tables
                where relname in ('message', 'identity', 'ticket')
                """
            #expect(try await database.number(scans) == 0)
        }
    }

    @Test("notifications are handed over in memory only under an owner", arguments: [nil, 7] as [Holder?])
    func owner(_ owner: Holder?) async throws {
        try await TestDatabase.with { database in
            let handed = Gathered<OwedNotification>()
            let writer = try database.writer(owner: owner, committed: { $0.forEach(handed.add) })
            let record = Sample.record("a", notifications: 2)
            _ = try await writer.submit(record)
            _ = try await writer.submit(Sample.record("a", notifications: 2))
            await writer.drain()
            let expected = owner == nil ? [] : record.ticket?.notifications.map(\.id)
            #expect(handed.values.map(\.id) == expected)
            let owned = try await database.number("select count(*) from notification where owner = 7")
            #expect(owned == (owner == nil ? 0 : 2))
            #expect(try await database.number("select count(*) from notification") == 2)
        }
    }
}
