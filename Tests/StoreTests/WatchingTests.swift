import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "what became of messages that were taken", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing),
    .timeLimit(.minutes(30)))
struct WatchingTests {
    private static let start = Sample.moment
    private static let lease = Duration.seconds(300)

    /// A database with that many App IO messages, taken at `start`.
    private func withTaken(
        _ count: Int, medium: Medium = .appIO, fallback: String? = "anna@example.org",
        _ body: (TestDatabase, [OwedNotification]) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            var ticket = Sample.ticket(notifications: count)
            for index in ticket.notifications.indices {
                ticket.notifications[index].medium = medium
                ticket.notifications[index].recipient = "RSSMRA68A01H501Y"
                ticket.notifications[index].fallback = fallback
            }
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            let outcomes = ticket.notifications.enumerated().map { index, owed in
                Outbox.Outcome(
                    id: owed.id, status: .delivered, attempts: 1, nextAttemptAt: owed.nextAttemptAt, at: Self.start,
                    remoteID: "01HX\(index)")
            }
            try await database.outbox.record(outcomes, followUps: [], owner: nil)
            try await body(database, ticket.notifications)
        }
    }

    private func claim(
        in database: TestDatabase, limit: Int = 100, after: Duration = WatchSchedule.first
    ) async throws -> [Outbox.Watched] {
        try await database.outbox.claimWatched(.appIO, limit: limit, at: Self.start + after, lease: Self.lease)
    }

    private func row(_ owed: OwedNotification, in database: TestDatabase) async throws -> (
        status: String?, receipt: String?, reason: String?, watches: Int64?, isWatched: Bool?
    ) {
        let row = try await database.pool.query(
            "select status, receipt, reason, watches, watch_at is not null from notification where id = $1",
            [.uuid(owed.id.high, owed.id.low)]
        ).first
        return (row?.string(0), row?.string(1), row?.string(2), row?.int(3), row?.bool(4))
    }

    @Test("looked at a minute after it was taken, with all that is needed for it")
    func claims() async throws {
        try await withTaken(1) { database, owed in
            #expect(try await claim(in: database, after: .seconds(59)).isEmpty)
            let found = try #require(try await claim(in: database).first)
            #expect(found.id == owed[0].id)
            #expect(found.code == owed[0].code)
            #expect(found.recipient == "RSSMRA68A01H501Y")
            #expect(found.remoteID == "01HX0")
            #expect(found.category == "strade.buche")
            #expect(found.receipt == nil)
            #expect(found.takenAt == Self.start)
            // Taken by this one for the time of the lease; after a crash by whoever comes.
            #expect(try await claim(in: database).isEmpty)
            #expect(try await claim(in: database, after: WatchSchedule.first + Self.lease).count == 1)
        }
    }

    @Test("only App IO's messages are looked at, and only those with an id")
    func others() async throws {
        try await withTaken(1, medium: .email) { database, _ in
            let found = try await claim(in: database, after: .seconds(86_400))
            #expect(found.isEmpty)
        }
        try await TestDatabase.with { database in
            var ticket = Sample.ticket(notifications: 1)
            ticket.notifications[0].medium = .appIO
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            let outcome = Outbox.Outcome(
                id: ticket.notifications[0].id, status: .delivered, attempts: 1, nextAttemptAt: Self.start,
                at: Self.start)
            try await database.outbox.record([outcome], followUps: [], owner: nil)
            #expect(try await claim(in: database, after: .seconds(86_400)).isEmpty)
        }
    }

    @Test("two daemons never look at the same ones")
    func together() async throws {
        try await withTaken(40) { database, owed in
            let found = try await withThrowingTaskGroup(of: [Outbox.Watched].self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        try await database.outbox.claimWatched(
                            .appIO, limit: 7, at: Self.start + WatchSchedule.first, lease: Self.lease)
                    }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(found.map(\.id)).count == found.count)
            let rest = try await claim(in: database)
            #expect(Set((found + rest).map(\.id)) == Set(owed.map(\.id)))
            #expect(found.count + rest.count == 40)
        }
    }

    @Test("what is seen is kept, and looked at again in its time")
    func sightings() async throws {
        try await withTaken(2) { database, owed in
            let again = Self.start + .seconds(300)
            let settled = try await database.outbox.settle(
                [
                    Outbox.Sighting(id: owed[0].id, fate: .throttled, again: again),
                    Outbox.Sighting(id: owed[1].id, fate: .processed, again: nil),
                ], at: Self.start + .seconds(60), owner: 1)
            #expect(settled.isEmpty)
            #expect(try await row(owed[0], in: database) == ("delivered", "throttled", nil, 1, true))
            #expect(try await row(owed[1], in: database) == ("delivered", "processed", nil, 1, false))
            #expect(try await claim(in: database, after: .seconds(299)).isEmpty)
            let found = try await claim(in: database, after: .seconds(300))
            #expect(found.map(\.receipt) == [.throttled])
            // Nothing learnt leaves what was known.
            _ = try await database.outbox.settle(
                [Outbox.Sighting(id: owed[0].id, fate: nil, again: again)], at: again, owner: 1)
            #expect(try await row(owed[0], in: database) == ("delivered", "throttled", nil, 2, true))
        }
    }

    @Test("a failure is final, and the next of the chain is owed once, however often it is seen")
    func failures() async throws {
        try await withTaken(2, fallback: "anna@example.org\ntelegram:t/7") { database, owed in
            let now = Self.start + .seconds(60)
            let seen = [
                Outbox.Sighting(id: owed[1].id, fate: .failed, again: nil, reason: "rejected"),
                Outbox.Sighting(id: owed[0].id, fate: .unread, again: now + .seconds(60)),
            ]
            let next = try await database.outbox.settle(seen, at: now, owner: 7)
            #expect(next.map(\.id) == [owed[1].id.fallback])
            #expect(next.first?.medium == .email)
            #expect(next.first?.recipient == "anna@example.org")
            #expect(next.first?.fallback == "telegram:t/7")
            #expect(try await row(owed[1], in: database) == ("refused", "failed", "rejected", 1, false))
            #expect(try await database.number("select owner from notification where medium = 'email'") == 7)
            #expect(try await database.outbox.settle(seen, at: now, owner: 8).isEmpty)
            // Who was late to look changes nothing any more.
            let late = [Outbox.Sighting(id: owed[1].id, fate: .processed, again: now)]
            #expect(try await database.outbox.settle(late, at: now, owner: 7).isEmpty)
            #expect(try await row(owed[1], in: database) == ("refused", "failed", "rejected", 1, false))
            #expect(try await database.number("select count(*) from notification where medium = 'email'") == 1)
        }
    }

    @Test("without a chain a failure is the end")
    func withoutFallback() async throws {
        try await withTaken(1, fallback: nil) { database, owed in
            let seen = [Outbox.Sighting(id: owed[0].id, fate: .failed, again: nil, reason: "rejected")]
            #expect(try await database.outbox.settle(seen, at: Self.start, owner: nil).isEmpty)
            #expect(try await row(owed[0], in: database) == ("refused", "failed", "rejected", 1, false))
            let ticket = try #require(try await database.tickets.find(code: owed[0].code))
            #expect(ticket.notifications.first?.receipt == "failed")
        }
    }

    @Test("an operator's retry is not looked at until it was taken again")
    func retried() async throws {
        try await withTaken(1) { database, owed in
            _ = try await database.outbox.settle(
                [Outbox.Sighting(id: owed[0].id, fate: .failed, again: nil, reason: "rejected")], at: Self.start,
                owner: nil)
            var one = Outbox.Selection()
            one.id = owed[0].id
            #expect(try await database.outbox.retry(one, lifetime: .seconds(3600)) == 1)
            #expect(try await claim(in: database, after: .seconds(86_400)).isEmpty)
            let outcome = Outbox.Outcome(
                id: owed[0].id, status: .delivered, attempts: 1, nextAttemptAt: Self.start,
                at: Self.start + .seconds(86_400), remoteID: "01HXNEW")
            try await database.outbox.record([outcome], followUps: [], owner: nil)
            let found = try await claim(in: database, after: .seconds(86_460))
            #expect(found.map(\.remoteID) == ["01HXNEW"])
            #expect(found.first?.receipt == nil)
        }
    }
}
