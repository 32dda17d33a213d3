import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("escalation", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct EscalationTests {
    private static let now = Sample.moment + .seconds(86_400)

    /// Tickets that are due so many seconds from now.
    private func with(_ due: [Int64], _ body: (TestDatabase, [NewTicket]) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            var tickets: [NewTicket] = []
            for (index, seconds) in due.enumerated() {
                var ticket = Sample.ticket()
                ticket.dueAt = Self.now + .seconds(seconds)
                #expect(try await writer.submit(Sample.record("\(index)", outcome: .ticket(ticket))).isStored)
                tickets.append(ticket)
            }
            await writer.drain()
            try await body(database, tickets)
        }
    }

    private static func range(
        _ escalation: Int = 0, before: Int64 = 0, halfOver: Bool = false, without: [String] = []
    ) -> Tickets.DueRange {
        Tickets.DueRange(
            escalation: escalation, dueAfter: now + .seconds(-86_400), dueBefore: now + .seconds(before),
            halfOver: halfOver, without: without)
    }

    private static func alert(_ kind: TicketEvent.Kind? = .escalated, count: Int = 2, office: String? = "comune")
        -> Tickets.Alert
    {
        Tickets.Alert(
            escalation: count, kind: kind, office: office, note: "not told in time: the reminder",
            contacts: office.map {
                [.init(contact: Contact(medium: .email, address: "\($0)@example.org"), lifetime: .seconds(86_400))]
            } ?? [],
            template: kind == .reminded ? "office_reminder" : "office_overdue", language: "it")
    }

    private func escalate(
        _ database: TestDatabase, _ range: Tickets.DueRange = range(), limit: Int = 100, owner: Holder? = nil,
        _ decide: @escaping @Sendable (Tickets.DueTicket) -> Tickets.Alert? = { _ in alert() }
    ) async throws -> Tickets.Escalated {
        try await database.tickets.escalate(
            range, at: Self.now, limit: limit, owner: owner, timing: .prompt(), decide: decide)
    }

    @Test("who is told, and what of, is on the ticket, and the ticket knows how far it has come")
    func told() async throws {
        try await with([-10]) { database, tickets in
            let done = try await escalate(database, owner: 7)
            #expect(done.tickets == 1 && done.escalated == 1 && done.reminded == 0)
            let owed = try #require(done.owed.first)
            #expect(owed.template == "office_overdue" && owed.recipient == "comune@example.org")
            #expect(owed.office == "urp" && owed.dueAt == tickets[0].dueAt && owed.note?.contains("reminder") == true)
            let record = try #require(try await database.tickets.find(code: tickets[0].code))
            let event = try #require(record.events.last)
            #expect(event.kind == .escalated && event.office == "comune" && event.by == "rules" && !event.isTold)
            #expect(record.status == .open && record.notifications.map(\.template) == ["office_overdue"])
            #expect(try await database.number("select escalation from ticket") == 2)
            #expect(try await database.number("select owner from notification") == 7)
            // Once.
            #expect(try await escalate(database).tickets == 0)
            #expect(try await escalate(database, Self.range(2)).tickets == 1)
        }
    }

    @Test("what is read back is what was owed")
    func readBack() async throws {
        try await with([-10]) { database, _ in
            let done = try await escalate(database)
            let found = try await database.outbox.claim(
                owner: 1, limit: 10, dueBefore: Self.now + .seconds(60), deadAfter: DaemonRegistry.dead
            ).waiting
            #expect(found.map(\.id) == done.owed.map(\.id))
            #expect(found.first?.note == done.owed.first?.note && found.first?.office == "urp")
        }
    }

    @Test("not those that are closed, that wait, that are due later or long ago, or whose office is closed")
    func left() async throws {
        try await with([-1, -2, -3, 10, -100_000, -4]) { database, tickets in
            _ = try await database.pool.query(
                "update ticket set closed_at = now(), status = 'resolved' where number = $1", [.int8(tickets[0].number)]
            )
            _ = try await database.pool.query(
                "update ticket set waiting_since = now(), status = 'waiting' where number = $1",
                [.int8(tickets[1].number)])
            _ = try await database.pool.query(
                "update ticket set office = 'ama' where number = $1", [.int8(tickets[2].number)])
            let seen = Gathered<String>()
            _ = try await escalate(database, Self.range(without: ["ama"])) { ticket in
                seen.add(ticket.code)
                return nil
            }
            #expect(seen.values == [tickets[5].code])
        }
    }

    @Test("half of its time must be over, counted from when it was opened or reopened")
    func half() async throws {
        // Opened a day before now: due after a day more and a little, and after a little less.
        try await with([86_500, 86_300]) { database, tickets in
            let seen = Gathered<Int64>()
            let range = Self.range(before: 200_000, halfOver: true)
            _ = try await escalate(database, range) { ticket in
                seen.add(ticket.number)
                return nil
            }
            #expect(seen.values == [tickets[1].number])
            _ = try await database.pool.query(
                "insert into event (id, ticket, at, kind, actor) values (gen_random_uuid(), $1, $2, 'reopened', 'urp')",
                [.int8(tickets[1].number), .timestamptz((Self.now + .seconds(-60)).microseconds)])
            #expect(try await escalate(database, range).tickets == 0)
        }
    }

    @Test("those due first before the others, so many at a time, until there are none")
    func batches() async throws {
        try await with((1...25).map { -$0 }) { database, tickets in
            let seen = Gathered<Int64>()
            var counts: [Int] = []
            repeat {
                let done = try await escalate(database, limit: 10) { ticket in
                    seen.add(ticket.number)
                    return EscalationTests.alert()
                }
                counts.append(done.tickets)
            } while counts.last == 10
            #expect(counts == [10, 10, 5])
            #expect(seen.values == tickets.reversed().map(\.number))
        }
    }

    @Test("several daemons at the same time: each ticket is told once")
    func concurrently() async throws {
        try await with((1...60).map { -$0 }) { database, _ in
            let told = try await withThrowingTaskGroup(of: Int.self) { group in
                for owner in 1...6 {
                    group.addTask {
                        var told = 0
                        for _ in 0..<20 {
                            told += try await escalate(database, limit: 7, owner: Holder(Int64(owner))).escalated
                        }
                        return told
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(told == 60)
            #expect(try await database.number("select count(*) from notification") == 60)
            #expect(
                try await database.number("select count(distinct ticket) from event where kind = 'escalated'") == 60)
        }
    }

    @Test("a ticket that another daemon has locked is left to it")
    func locked() async throws {
        try await with([-1, -2]) { database, tickets in
            try await database.session { connection in
                try await connection.transaction { transaction in
                    _ = try await transaction.query(
                        "select from ticket where number = $1 for update", [.int8(tickets[0].number)])
                    let done = try await escalate(database)
                    #expect(done.tickets == 1 && done.owed.map(\.ticket) == [tickets[1].number])
                }
            }
        }
    }

    @Test("nobody to tell is noted; nothing to say only counts")
    func nobody() async throws {
        try await with([-1]) { database, tickets in
            let noted = try await escalate(database) { _ in EscalationTests.alert(office: nil) }
            #expect(noted.owed.isEmpty && noted.escalated == 1)
            let counted = try await escalate(database, Self.range(2)) { _ in
                EscalationTests.alert(nil, count: 3, office: nil)
            }
            #expect(counted.escalated == 0)
            let record = try #require(try await database.tickets.find(code: tickets[0].code))
            #expect(record.events.map(\.kind) == [.opened, .escalated])
            #expect(try await database.number("select escalation from ticket") == 3)
        }
    }

    @Test("a new due time, another office or a reopening begins anew; a step that changes neither does not")
    func anew() async throws {
        try await with([-1]) { database, tickets in
            func count(after kind: TicketEvent.Kind, _ change: (inout Tickets.Step) -> Void = { _ in }) async throws
                -> Int64?
            {
                _ = try await database.pool.query("update ticket set escalation = 2")
                var step = Tickets.Step(code: tickets[0].code, at: Self.now, kind: kind, by: "urp", tells: false)
                change(&step)
                _ = try await database.tickets.take(step, owner: nil) { _, from in from + .seconds(86_399) }
                return try await database.number("select escalation from ticket")
            }
            #expect(try await count(after: .acknowledged) == 2)
            // As due as before, and still another office's.
            let sameDue = try await count(after: .moved) { $0.category = "strade.altro" }
            #expect(sameDue == 2)
            let another = try await count(after: .moved) { $0.office = "ama" }
            #expect(another == 0)
            #expect(try await count(after: .waiting) == 2)
            let later = try await count(after: .inProgress) { $0.at = Self.now + .seconds(50) }
            #expect(later == 0)
            #expect(try await count(after: .resolved) == 2)
            #expect(try await count(after: .reopened) == 0)
        }
    }

    @Test("the index of what is due is read by range, however many tickets are open")
    func plan() async throws {
        try await with([-1]) { database, _ in
            _ = try await database.pool.query(
                """
                insert into ticket (number, code, status, office, priority, channel, language, opened_at, due_at, undecided,
                    decision, config, escalation)
                select n, 'X' || n, 'open', 'urp', 'normal', 'portale', 'it', now(),
                    $1::timestamptz + make_interval(secs => n), false, '{}', 'c', n % 3
                from generate_series(1000000, 1040000) n
                """, [.timestamptz(Self.now.microseconds)])
            _ = try await database.pool.query("analyze ticket")
            let lines = try await database.pool.query(
                """
                explain select number from ticket where closed_at is null and waiting_since is null
                    and due_at is not null and escalation = 0 and due_at > now() - interval '1 day' and due_at <= now()
                order by due_at limit 100 for update skip locked
                """
            ).compactMap { $0.string(0) }
            #expect(lines.contains { $0.contains("ticket_due") }, "\(lines)")
        }
    }
}
