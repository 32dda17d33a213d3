import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("bundling", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct BundlingTests {
    /// News waits two minutes, but for what ends a matter.
    private static let timing = Timing(
        plan: { subject in
            let waits = !subject.isAnswer && !subject.standsAlone && subject.template != "resolved"
            return NotificationPlan(
                nextAttemptAt: subject.owedAt + .seconds(waits ? 120 : 0),
                expiresAt: subject.owedAt + .seconds(subject.template == "acknowledged" ? 7200 : 3600), gathers: waits)
        }, due: { due, _, _, _, _ in due })

    private func with(_ body: (TestDatabase, NewTicket) async throws -> Void) async throws {
        let ticket = Sample.ticket()
        try await TestDatabase.with { database in
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            try await body(database, ticket)
        }
    }

    /// - Parameter second: after the ticket was opened.
    private func tell(
        _ kind: TicketEvent.Kind, _ ticket: NewTicket, _ second: Int64, in database: TestDatabase, note: String? = nil,
        by: String = "urp", owner: Holder? = nil
    ) async throws -> OwedNotification {
        let step = Tickets.Step(
            code: ticket.code, at: Sample.moment + .seconds(second), kind: kind, by: by, note: note,
            timing: Self.timing)
        return try #require(try await database.tickets.take(step, owner: owner) { _, _ in nil }.owed)
    }

    private func claimed(_ database: TestDatabase, owner: Int64 = 9) async throws -> [OwedNotification] {
        try await database.outbox.claim(
            owner: owner, limit: 100, dueBefore: Sample.moment + .seconds(100_000), deadAfter: DaemonRegistry.dead
        ).waiting
    }

    private func columns(_ column: String, in database: TestDatabase) async throws -> [String?] {
        try await database.pool.query("select \(column)::text from notification order by created_at, id").map {
            $0.string(0)
        }
    }

    @Test("three steps within the window are one notification that tells all three, at the first one's time")
    func together() async throws {
        try await with { database, ticket in
            let first = try await tell(.acknowledged, ticket, 10, in: database, note: "presa in carico")
            #expect(first.nextAttemptAt == Sample.moment + .seconds(130) && first.earlier.isEmpty)
            let second = try await tell(.inProgress, ticket, 60, in: database)
            #expect(second.nextAttemptAt == first.nextAttemptAt)
            #expect(second.bundled == [first.event])
            let third = try await tell(.answered, ticket, 100, in: database, note: "a presto")
            #expect(third.nextAttemptAt == first.nextAttemptAt)
            #expect(third.expiresAt == first.expiresAt)
            #expect(third.bundled == [first.event, second.event])
            let told = [
                OwedNotification.Earlier(
                    kind: .acknowledged, at: Sample.moment + .seconds(10), note: "presa in carico"),
                .init(kind: .inProgress, at: Sample.moment + .seconds(60), note: nil),
            ]
            #expect(third.earlier == told)
            #expect(try await columns("status", in: database) == ["cancelled", "cancelled", "waiting"])
            #expect(
                try await columns("reason", in: database)
                    == ["told together with a later step", "told together with a later step", nil])
            // Read back, it is the same.
            let found = try await claimed(database)
            #expect(found.map(\.id) == [third.id])
            #expect(found.first?.earlier == told && found.first?.bundled == third.bundled)
            let record = try #require(try await database.tickets.find(code: ticket.code))
            #expect(record.notifications.last?.together.map(\.kind) == [.acknowledged, .inProgress])
            #expect(record.notifications.dropLast().flatMap(\.together) == [])
        }
    }

    @Test("what ends a matter goes at once and takes along what waited; after that nothing waits")
    func atOnce() async throws {
        try await with { database, ticket in
            _ = try await tell(.acknowledged, ticket, 10, in: database)
            let end = try await tell(.resolved, ticket, 20, in: database)
            #expect(end.nextAttemptAt == Sample.moment + .seconds(20))
            #expect(end.earlier.map(\.kind) == [.acknowledged])
            // It is about to go: it is left to go.
            let again = try await tell(.reopened, ticket, 21, in: database)
            #expect(again.earlier.isEmpty && again.nextAttemptAt == Sample.moment + .seconds(141))
            #expect(try await columns("status", in: database) == ["cancelled", "waiting", "waiting"])
        }
    }

    @Test("the window is counted from the first: what comes after it begins another")
    func window() async throws {
        try await with { database, ticket in
            let first = try await tell(.acknowledged, ticket, 0, in: database)
            // Within the seconds before it goes it may be on its way already.
            let late = try await tell(.inProgress, ticket, 116, in: database)
            #expect(late.earlier.isEmpty && late.nextAttemptAt == Sample.moment + .seconds(236))
            let later = try await tell(.acknowledged, ticket, 121, in: database)
            #expect(later.bundled == [late.event] && later.nextAttemptAt == late.nextAttemptAt)
            #expect(try await claimed(database).map(\.id).contains(first.id))
        }
    }

    @Test("what was attempted, what stands in for another, and an office's are left alone; another ticket's, too")
    func others() async throws {
        try await with { database, ticket in
            let tried = try await tell(.acknowledged, ticket, 10, in: database)
            try await database.outbox.record(
                [
                    Outbox.Outcome(
                        id: tried.id, status: .waiting, attempts: 1, nextAttemptAt: Sample.moment + .seconds(200),
                        at: Sample.moment)
                ], followUps: [], owner: nil)
            var instead = tried
            instead.id = .timeOrdered(at: Sample.moment)
            instead.insteadOf = tried.id
            var office = tried
            office.id = .timeOrdered(at: Sample.moment)
            office.template = "office_work"
            let other = Sample.ticket()
            try await database.open(Sample.record("b", outcome: .ticket(other)))
            _ = try await tell(.acknowledged, other, 10, in: database)
            try await database.pool.transaction { [instead, office] session in
                try await Outbox.insert(instead, owner: nil, in: session)
                try await Outbox.insert(office, owner: nil, in: session)
            }
            let next = try await tell(.inProgress, ticket, 20, in: database)
            #expect(next.earlier.isEmpty)
            let statuses = try await columns("status", in: database)
            #expect(Set(statuses) == ["waiting"])
        }
    }

    @Test("an erratum takes nothing along and comes after what it may mend; a payment is not told as a line")
    func alone() async throws {
        try await with { database, ticket in
            let news = try await tell(.acknowledged, ticket, 10, in: database)
            let erratum = try await tell(.corrected, ticket, 20, in: database, note: "non è così")
            #expect(erratum.earlier.isEmpty)
            #expect(erratum.nextAttemptAt > news.nextAttemptAt)
            #expect(erratum.nextAttemptAt < news.nextAttemptAt + .seconds(1))
            _ = try await database.pool.query(
                "update event set details = '{\"payment\": {\"amount\": 1}}' where kind = 'acknowledged'")
            let next = try await tell(.inProgress, ticket, 30, in: database)
            #expect(next.earlier.isEmpty && next.nextAttemptAt > erratum.nextAttemptAt)
        }
    }

    @Test("what the citizen did themselves is answered at once, and takes along what waited")
    func answers() async throws {
        try await with { database, ticket in
            _ = try await tell(.resolved, ticket, 0, in: database)
            _ = try await tell(.answered, ticket, 10, in: database, note: "a presto")
            let answer = try await tell(.reopened, ticket, 20, in: database, by: "citizen")
            #expect(answer.nextAttemptAt == Sample.moment + .seconds(20))
            #expect(answer.earlier.map(\.note) == ["a presto"])
        }
    }

    @Test("the daemon that holds the earlier one hears of it; one that was just being sent is on record as told")
    func race() async throws {
        try await with { database, ticket in
            // What waits longer than a minute is left in the table; these daemons have come to hold it.
            func held(by owner: Int64) async throws {
                _ = try await database.number(
                    "update notification set owner = \(owner) where status = 'waiting' returning owner")
            }
            let first = try await tell(.acknowledged, ticket, 10, in: database, owner: 7)
            try await held(by: 7)
            let second = try await tell(.inProgress, ticket, 20, in: database, owner: 8)
            try await held(by: 8)
            #expect(try await database.outbox.recalled(from: 7) == [first.id])
            #expect(try await database.outbox.recalled(from: 8).isEmpty)
            // Daemon 7 was faster than its beat: both are told, none is lost, and both are on record.
            try await database.outbox.record(
                [
                    Outbox.Outcome(
                        id: first.id, status: .delivered, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
                ], followUps: [], owner: 7)
            #expect(try await columns("status", in: database) == ["delivered", "waiting"])
            try await database.outbox.handBack([first.id], owner: 7)
            #expect(try await claimed(database, owner: 8).isEmpty)
            let owner = try await database.number(
                "select owner from notification where status = 'waiting' and event = '\(second.event)'")
            #expect(owner == 8)
        }
    }

    @Test("a failure of one that was taken back meanwhile does not bring it back")
    func failsMeanwhile() async throws {
        try await with { database, ticket in
            let first = try await tell(.acknowledged, ticket, 10, in: database, owner: 7)
            _ = try await tell(.inProgress, ticket, 20, in: database, owner: 7)
            try await database.outbox.record(
                [
                    Outbox.Outcome(
                        id: first.id, status: .waiting, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment,
                        reason: "421")
                ], followUps: [], owner: 7)
            #expect(try await columns("status", in: database) == ["cancelled", "waiting"])
        }
    }

    @Test("many steps at the same time, by several offices: each event is told exactly once")
    func concurrently() async throws {
        try await with { database, ticket in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<24 {
                    group.addTask {
                        _ = try await tell(
                            index % 2 == 0 ? .inProgress : .answered, ticket, Int64(index), in: database,
                            note: "\(index)", by: "office\(index % 5)", owner: Holder(Int64(index % 3)))
                    }
                }
                try await group.waitForAll()
            }
            let told = try await claimed(database)
            let statuses = try await columns("status", in: database).filter { $0 == "waiting" }
            #expect(statuses.count == told.count)
            let events = told.flatMap { [$0.event] + $0.bundled }
            #expect(events.count == 24 && Set(events).count == 24)
            #expect(Set(told.flatMap { [$0.note] + $0.earlier.map(\.note) }) == Set((0..<24).map { "\($0)" }))
        }
    }

    @Test("an opening goes when its plan says, not when it was owed")
    func opening() async throws {
        try await TestDatabase.with { database in
            var ticket = Sample.ticket(notifications: 2)
            ticket.notifications[1].nextAttemptAt = Sample.moment + .seconds(500)
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            let times = try await claimed(database).map(\.nextAttemptAt).sorted()
            #expect(times == [Sample.moment, Sample.moment + .seconds(500)])
        }
    }
}
