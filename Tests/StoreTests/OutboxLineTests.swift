import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "outbox by line and ticket", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing),
    .timeLimit(.minutes(30)))
struct OutboxLineTests {
    private static let soon = Sample.moment + .seconds(3600)

    private func owed(
        _ ticket: NewTicket, after seconds: Int64 = 0, _ medium: Medium = .email, template: String = "opened",
        recipient: String = "anna@example.org", priority: Priority = .normal
    ) -> OwedNotification {
        let at = Sample.moment + .seconds(seconds)
        return OwedNotification(
            id: .timeOrdered(at: at), ticket: ticket.number, event: ticket.openedEvent, code: ticket.code,
            medium: medium, recipient: recipient, fallback: nil, template: template, language: "it", createdAt: at,
            nextAttemptAt: at, expiresAt: at + .seconds(86_400), priority: priority, category: nil, office: "urp",
            openedAt: Sample.moment, dueAt: nil, eventAt: at)
    }

    /// Stores a ticket that owes nothing.
    private func ticket(_ database: TestDatabase) async throws -> NewTicket {
        let ticket = Sample.ticket()
        try await database.open(Sample.record("m\(ticket.number)", outcome: .ticket(ticket)))
        return ticket
    }

    @discardableResult
    private func insert(
        _ owed: [OwedNotification], owner: Holder?, in database: TestDatabase
    ) async throws -> [OwedNotification] {
        try await database.pool.transaction { try await Outbox.insert(owed, owner: owner, in: $0) }
    }

    private func claimed(
        _ line: String, _ owner: Int64, createdBefore: Timestamp = OutboxLineTests.soon, in database: TestDatabase
    ) async throws -> [Identifier] {
        var ids: [Identifier] = []
        for backlog in try await database.outbox.backlogs() where backlog.line == line {
            ids += try await database.outbox.claim(
                backlog, owner: owner, limit: 100, createdBefore: createdBefore, dueBefore: Self.soon
            ).waiting.map(\.id)
        }
        return ids
    }

    private func owner(of owed: OwedNotification, in database: TestDatabase) async throws -> Int64? {
        try await database.pool.query(
            "select owner from notification where id = $1", [.uuid(owed.id.high, owed.id.low)]
        ).first?.int(0)
    }

    @Test("the table's line is the queue's, for every medium")
    func lines() async throws {
        try await TestDatabase.with { database in
            let ticket = try await ticket(database)
            let all = Medium.allCases.map { owed(ticket, $0, template: "office_x", recipient: "o-\($0.rawValue)") }
            try await insert(all, owner: nil, in: database)
            let rows = try await database.pool.query("select id, line from notification")
            var lines: [Identifier: String] = [:]
            for row in rows { if let id = row.identifier(0) { lines[id] = row.string(1) } }
            for one in all { #expect(lines[one.id] == one.line) }
            #expect(Set(try await database.outbox.backlogs().map(\.line)) == Set(all.map(\.line)))
        }
    }

    @Test("lines that hold something are found with their first due moment; what is held is not among them")
    func backlogs() async throws {
        try await TestDatabase.with { database in
            let tickets = [try await ticket(database), try await ticket(database), try await ticket(database)]
            let mails = [owed(tickets[0], after: 9), owed(tickets[1], after: 5), owed(tickets[2], priority: .urgent)]
            try await insert(mails, owner: nil, in: database)
            try await insert([owed(tickets[0], .sms, template: "office_x")], owner: 7, in: database)
            let backlogs = try await database.outbox.backlogs()
            #expect(
                backlogs == [
                    Outbox.Backlog(line: "email", urgency: 1, due: Sample.moment + .seconds(5)),
                    Outbox.Backlog(line: "email", urgency: 3, due: Sample.moment),
                ])
            #expect(try await claimed("sms", 1, in: database).isEmpty)
            #expect(Set(try await claimed("email", 1, in: database)) == Set(mails.map(\.id)))
            #expect(try await database.outbox.backlogs().isEmpty)
        }
    }

    @Test("a full line's are written without an owner, urgent ones and other lines' with one")
    func full() async throws {
        try await TestDatabase.with { database in
            let holder = Holder(7, full: ["email"])
            let tickets = [try await ticket(database), try await ticket(database), try await ticket(database)]
            let all = [owed(tickets[0]), owed(tickets[1], priority: .urgent), owed(tickets[2], .sms)]
            #expect(try await insert(all, owner: holder, in: database).map(\.isHeld) == [false, true, true])
            var later = owed(tickets[0], .sms)
            later.nextAttemptAt = later.createdAt + .seconds(180)
            #expect(try await insert([later], owner: holder, in: database).map(\.isHeld) == [false])

            // The same at intake, and only what is held is handed over.
            var record = Sample.record("x", notifications: 2)
            guard case .ticket(var opened) = record.outcome else { return }
            opened.notifications[1].medium = .sms
            record.outcome = .ticket(opened)
            let handed = Gathered<OwedNotification>()
            let writer = try database.writer(owner: holder, committed: { $0.forEach(handed.add) })
            _ = try await writer.submit(record)
            await writer.drain()
            #expect(handed.values.map(\.id) == [opened.notifications[1].id])
            #expect(try await owner(of: opened.notifications[0], in: database) == nil)
            #expect(try await owner(of: opened.notifications[1], in: database) == 7)
            #expect(try await database.number("select urgency from notification where owner is null limit 1") != nil)
        }
    }

    @Test("what was made later than all that a daemon in doubt knows of is left")
    func inDoubt() async throws {
        try await TestDatabase.with { database in
            let all = [owed(try await ticket(database)), owed(try await ticket(database), after: 10)]
            try await insert(all, owner: nil, in: database)
            let known = all[1].createdAt
            #expect(try await claimed("email", 1, createdBefore: known, in: database) == [all[0].id])
            #expect(try await claimed("email", 1, createdBefore: known, in: database) == [])
            #expect(try await claimed("email", 1, in: database) == [all[1].id])
        }
    }

    @Test("a later one of a ticket is not held by another daemon than an earlier one that is open")
    func chains() async throws {
        try await TestDatabase.with { database in
            let ticket = try await ticket(database)
            let told = (0..<3).map { owed(ticket, after: Int64($0)) }
            #expect(try await insert([told[0]], owner: 1, in: database).map(\.isHeld) == [true])
            #expect(try await insert([told[1]], owner: 2, in: database).map(\.isHeld) == [false])
            // Nor by the one that holds the first, while the second is nobody's.
            #expect(try await insert([told[2]], owner: 1, in: database).map(\.isHeld) == [false])
            // To an office it is another story.
            let office = owed(ticket, after: 4, template: "office_new", recipient: "o@example.org")
            #expect(try await insert([office], owner: 2, in: database).map(\.isHeld) == [true])

            #expect(try await claimed("email", 2, in: database).isEmpty)
            #expect(try await claimed("email", 1, in: database) == [told[1].id])
            #expect(try await claimed("email", 1, in: database) == [told[2].id])
            try await database.outbox.release(told.map(\.id), owner: 1)
            #expect(try await claimed("email", 2, in: database) == [told[0].id])
            let outcome = Outbox.Outcome(
                id: told[0].id, status: .delivered, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
            try await database.outbox.record([outcome], followUps: [], owner: nil)
            #expect(try await claimed("email", 1, in: database) == [told[1].id])
        }
    }

    @Test("of two daemons that claim a ticket's notifications at once, one gets them all, in order")
    func together() async throws {
        try await TestDatabase.with { database in
            var all: [OwedNotification] = []
            for _ in 0..<20 {
                let ticket = try await ticket(database)
                all += (0..<5).map { owed(ticket, after: Int64($0)) }
            }
            try await insert(all, owner: nil, in: database)
            let claims = try await withThrowingTaskGroup(of: [Identifier].self) { group in
                for owner in 1...3 as ClosedRange<Int64> {
                    group.addTask {
                        var ids: [Identifier] = []
                        while try await database.number("select count(*) from notification where owner is null") != 0 {
                            ids += try await claimed("email", owner, in: database)
                        }
                        return ids
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(claims.map(\.count).reduce(0, +) == 100)
            let owners = try await database.number(
                "select max(n) from (select count(distinct owner) as n from notification group by ticket) t")
            #expect(owners == 1)
            for ids in claims {
                let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
                for (earlier, later) in zip(all, all.dropFirst()) where earlier.ticket == later.ticket {
                    guard let first = places[earlier.id], let second = places[later.id] else { continue }
                    #expect(first < second)
                }
            }
        }
    }

    @Test("those whose time is over are claimed by themselves; a long wait is given back with its outcome")
    func expiredAndReleased() async throws {
        try await TestDatabase.with { database in
            let tickets = [try await ticket(database), try await ticket(database)]
            let all = [owed(tickets[0]), owed(tickets[1])]
            try await insert([all[0]], owner: nil, in: database)
            try await insert([all[1]], owner: 5, in: database)
            func expired(_ now: Timestamp, createdBefore: Timestamp = Self.soon) async throws -> [Identifier] {
                try await database.outbox.claimExpired(owner: 1, limit: 9, createdBefore: createdBefore, now: now)
                    .waiting.map(\.id)
            }
            let over = Sample.moment + .seconds(86_400)
            #expect(try await expired(Self.soon).isEmpty)
            #expect(try await expired(over, createdBefore: Sample.moment).isEmpty)
            #expect(try await expired(over) == [all[0].id])
            var outcome = Outbox.Outcome(
                id: all[1].id, status: .waiting, attempts: 1, nextAttemptAt: over, at: Sample.moment, reason: "busy")
            outcome.isReleased = true
            try await database.outbox.record([outcome], followUps: [], owner: nil)
            #expect(try await owner(of: all[1], in: database) == nil)
            #expect(try await database.outbox.backlogs().map(\.due) == [over])
        }
    }

    @Test("each attempt is on record once, with its ticket")
    func tries() async throws {
        try await TestDatabase.with { database in
            let ticket = try await ticket(database)
            let (sent, smooth) = (owed(ticket), owed(ticket, after: 1))
            try await insert([sent, smooth], owner: 5, in: database)
            let at = Sample.moment + .seconds(5)
            let outcomes = [sent, smooth].map {
                Outbox.Outcome(
                    id: $0.id, status: .delivered, attempts: $0.id == sent.id ? 2 : 1, nextAttemptAt: at, at: at)
            }
            let tries = [
                Outbox.Try(id: sent.id, number: 1, at: Sample.moment, outcome: .waiting, reason: "421"),
                Outbox.Try(id: sent.id, number: 2, at: at, outcome: .delivered, reason: nil),
            ]
            for _ in 0..<2 { try await database.outbox.record(outcomes, tries: tries, followUps: [], owner: nil) }
            let record = try #require(try await database.tickets.find(code: ticket.code))
            let told = record.notifications.map { $0.tries.map { [$0.outcome, $0.reason ?? "", "\($0.at == at)"] } }
            #expect(
                told == [[["waiting", "421", "false"], ["delivered", "", "true"]], [["delivered", "", "true"]]])
        }
    }

    @Test("by line, destination, ticket, status and age; by age as a table")
    func selections() async throws {
        try await TestDatabase.with { database in
            let tickets = [try await ticket(database), try await ticket(database)]
            let all = [
                owed(tickets[0]), owed(tickets[1], after: 1000, recipient: "bea@example.com"),
                owed(tickets[1], .webhook, template: "office_new", recipient: "ama"),
            ]
            try await insert(all, owner: nil, in: database)
            let refused = Outbox.Outcome(
                id: all[2].id, status: .refused, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
            try await database.outbox.record([refused], followUps: [], owner: nil)
            func found(_ change: (inout Outbox.Selection) -> Void) async throws -> [Identifier] {
                var selection = Outbox.Selection()
                change(&selection)
                let entries = try await database.outbox.entries(selection, limit: 10)
                #expect(try await database.outbox.count(selection) == entries.count)
                return entries.map(\.id)
            }
            #expect(Set(try await found { _ in }) == Set(all.map(\.id)))
            #expect(try await found { $0.line = "webhook:ama" } == [all[2].id])
            #expect(try await found { $0.destination = "ama" } == [all[2].id])
            #expect(try await found { $0.destination = "example.com" } == [all[1].id])
            #expect(Set(try await found { $0.ticket = tickets[1].code }) == [all[1].id, all[2].id])
            #expect(try await found { $0.statuses = ["refused"] } == [all[2].id])
            #expect(try await found { $0.statuses = ["delivered"] }.isEmpty)
            #expect(Set(try await found { $0.before = Sample.moment + .seconds(1) }) == [all[0].id, all[2].id])
            #expect(try await found { $0.id = all[1].id } == [all[1].id])

            let now = Sample.moment + .seconds(1100)
            let shapes = try await database.outbox.shape(Outbox.Selection(statuses: Outbox.Selection.open), at: now)
            #expect(shapes.map(\.destination).sorted() == ["example.com", "example.org"])
            #expect(shapes.first { $0.destination == "example.com" }?.counts == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            #expect(shapes.first { $0.destination == "example.org" }?.counts == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0])

            var everything = Outbox.Selection(statuses: Outbox.Selection.statuses)
            everything.line = "email"
            #expect(try await database.outbox.cancel(everything) == 2)
            everything.line = "webhook:ama"
            #expect(try await database.outbox.retry(everything, lifetime: .seconds(60)) == 1)
        }
    }

    @Test("what was delivered is sent again as one of its own, and the ticket says who asked")
    func replay() async throws {
        try await TestDatabase.with { database in
            let ticket = try await ticket(database)
            let sent = owed(ticket)
            try await insert([sent], owner: nil, in: database)
            let now = Sample.moment + .seconds(50)
            #expect(
                try await database.outbox.replay(sent.id, by: "operator:anna", at: now, lifetime: .seconds(60)) == nil)
            let outcome = Outbox.Outcome(
                id: sent.id, status: .delivered, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
            try await database.outbox.record([outcome], followUps: [], owner: nil)
            let new = try #require(
                try await database.outbox.replay(sent.id, by: "operator:anna", at: now, lifetime: .seconds(60)))
            let record = try #require(try await database.tickets.find(code: ticket.code))
            #expect(record.notifications.map(\.status) == ["delivered", "waiting"])
            #expect(record.notifications.last?.id == new && record.notifications.last?.insteadOf == nil)
            let note = try #require(record.events.last)
            #expect(note.kind == .note && note.by == "operator:anna")
            #expect(note.note?.contains("\(new)") == true)
            #expect(try await claimed("email", 1, in: database) == [new])
        }
    }

    @Test("late is what is due and does not go, not what waits for its time")
    func lateness() async throws {
        try await TestDatabase.with { database in
            let tickets = [try await ticket(database), try await ticket(database), try await ticket(database)]
            let all = [owed(tickets[0], after: 100), owed(tickets[1], .sms), owed(tickets[2], .telegram)]
            try await insert([all[0]], owner: 1, in: database)
            try await insert([all[1], all[2], owed(tickets[2], after: 1, .whatsapp)], owner: nil, in: database)
            let later = Sample.moment + .seconds(9000)
            let outcomes = [("busy", all[1]), ("quiet hours", all[2])].map { reason, one in
                Outbox.Outcome(
                    id: one.id, status: .waiting, attempts: 1, nextAttemptAt: later, at: Sample.moment, reason: reason)
            }
            let first = Sample.moment + .seconds(7)
            let tries = [Outbox.Try(id: all[1].id, number: 1, at: first, outcome: .waiting, reason: "busy")]
            try await database.outbox.record(outcomes, tries: tries, followUps: [], owner: nil)
            let late = try await database.outbox.lateness(at: Self.soon)
            #expect(late == ["email": Sample.moment + .seconds(100), "sms": first])
        }
    }
}
