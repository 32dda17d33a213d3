import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("outbox", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct OutboxTests {
    private static let dead = DaemonRegistry.dead
    private static let farFuture = Sample.moment + .seconds(100 * 86_400)

    /// A database with one ticket and that many notifications owed.
    private func with(
        _ count: Int, owner: Holder? = nil, _ body: (TestDatabase, [OwedNotification]) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            let record = Sample.record("a", notifications: count)
            try await database.open(record, owner: owner)
            try await body(database, try #require(record.ticket?.notifications))
        }
    }

    private func claim(
        _ owner: Int64, in database: TestDatabase, limit: Int = 100, dueBefore: Timestamp = farFuture
    ) async throws -> (waiting: [OwedNotification], interrupted: [OwedNotification]) {
        try await database.outbox.claim(owner: owner, limit: limit, dueBefore: dueBefore, deadAfter: Self.dead)
    }

    private func outcome(
        _ owed: OwedNotification, _ status: Outbox.Outcome.Status, attempts: Int = 1, reason: String? = nil,
        next: Timestamp = Sample.moment
    ) -> Outbox.Outcome {
        Outbox.Outcome(
            id: owed.id, status: status, attempts: attempts, nextAttemptAt: next, at: Sample.moment, reason: reason)
    }

    /// - Parameter seconds: less than none, and the daemon lives however slow the machine is.
    private func register(_ database: TestDatabase, lateBy seconds: Int = -600) async throws -> Int64 {
        let id = try await database.registry.register(host: "here", pid: 1, version: "1", config: "c")
        _ = try await database.pool.query(
            "update daemon set beat_at = now() - make_interval(secs => $2) where id = $1",
            [.int8(id), .double(Double(seconds))])
        return id
    }

    private func status(_ owed: OwedNotification, in database: TestDatabase) async throws -> String? {
        try await database.pool.query(
            "select status from notification where id = $1", [.uuid(owed.id.high, owed.id.low)]
        ).first?.string(0)
    }

    @Test("what nobody holds is claimed once, with all its facts")
    func claims() async throws {
        try await with(1) { database, owed in
            let claimed = try await claim(1, in: database)
            let found = try #require(claimed.waiting.first)
            #expect(claimed.waiting.count == 1 && claimed.interrupted.isEmpty)
            #expect(found.id == owed[0].id)
            #expect(found.code == owed[0].code)
            #expect(found.event == owed[0].event)
            #expect(found.priority == .high)
            #expect(found.office == "urp")
            #expect(found.openedAt == Sample.moment)
            #expect(found.expiresAt == owed[0].expiresAt)
            #expect(try await claim(1, in: database).waiting.isEmpty)
        }
    }

    @Test("what was left out of a message is told to offices, and to the citizen in none of its notifications")
    func notes() async throws {
        try await TestDatabase.with { database in
            var ticket = Sample.ticket(notifications: 2)
            ticket.note = "a.zip was left out"
            ticket.notifications[1].template = "office_new"
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            let claimed = try await claim(1, in: database).waiting
            let notes = Dictionary(uniqueKeysWithValues: claimed.map { ($0.template, $0.note) })
            #expect(notes == ["opened": nil, "office_new": "a.zip was left out"])
        }
    }

    @Test("what a living daemon holds stays with it; a dead one's, and an unknown one's, is taken over")
    func owners() async throws {
        try await with(3) { database, owed in
            let alive = try await register(database)
            let late = try await register(database, lateBy: 11)
            let me = try await register(database)
            for (notification, owner) in zip(owed, [alive, late, 999]) {
                _ = try await database.pool.query(
                    "update notification set owner = $2 where id = $1",
                    [.uuid(notification.id.high, notification.id.low), .int8(owner)])
            }
            #expect(Set(try await claim(me, in: database).waiting.map(\.id)) == [owed[1].id, owed[2].id])
            try await database.registry.bury(host: "here", pids: [1])
            let other = try await register(database)
            #expect(try await claim(other, in: database).waiting.count == 3)
        }
    }

    @Test("a request that was under way when its daemon died is told apart")
    func interrupted() async throws {
        try await with(3, owner: 999) { database, owed in
            try await database.outbox.record([outcome(owed[1], .sending)], followUps: [], owner: nil)
            let claimed = try await claim(1, in: database)
            #expect(Set(claimed.waiting.map(\.id)) == [owed[0].id, owed[2].id])
            #expect(claimed.interrupted.map(\.id) == [owed[1].id])
            #expect(claimed.interrupted.first?.attempts == 1)
        }
    }

    @Test("only what is due, the oldest first, and no more than asked for")
    func due() async throws {
        try await with(3) { database, owed in
            for (seconds, notification) in zip([30, 10, 500], owed) {
                let next = Sample.moment + .seconds(seconds)
                try await database.outbox.record(
                    [outcome(notification, .waiting, next: next)], followUps: [], owner: nil)
            }
            let soon = Sample.moment + .seconds(60)
            #expect(try await claim(1, in: database, limit: 1, dueBefore: soon).waiting.map(\.id) == [owed[1].id])
            #expect(try await claim(1, in: database, limit: 5, dueBefore: soon).waiting.map(\.id) == [owed[0].id])
            #expect(try await claim(1, in: database, limit: 5, dueBefore: soon).waiting.isEmpty)
        }
    }

    @Test("daemons that claim at once never get the same")
    func together() async throws {
        try await with(200) { database, owed in
            let claimed = try await withThrowingTaskGroup(of: [Identifier].self) { group in
                for _ in 0..<4 {
                    let id = try await register(database)
                    group.addTask {
                        var ids: [Identifier] = []
                        while true {
                            let batch = try await claim(id, in: database, limit: 7).waiting.map(\.id)
                            // Others may have locked the rest for a moment; nothing is left only if the table says so.
                            let left = try await database.number(
                                "select count(*) from notification where owner is null")
                            if batch.isEmpty, left == 0 { return ids }
                            ids += batch
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 200)
            #expect(Set(claimed) == Set(owed.map(\.id)))
        }
    }

    @Test("what is released is anybody's, unless others took it over meanwhile")
    func release() async throws {
        try await with(2, owner: 5) { database, owed in
            try await database.outbox.release(owed.map(\.id), owner: 6)
            #expect(try await database.number("select count(*) from notification where owner = 5") == 2)
            try await database.outbox.record([outcome(owed[1], .delivered)], followUps: [], owner: nil)
            try await database.outbox.release(owed.map(\.id), owner: 5)
            _ = try await register(database)
            #expect(try await claim(9, in: database).waiting.map(\.id) == [owed[0].id])
        }
    }

    @Test("outcomes are recorded together, and a final one is final")
    func record() async throws {
        try await with(4) { database, owed in
            let next = Sample.moment + .seconds(99)
            try await database.outbox.record(
                [
                    outcome(owed[0], .delivered), outcome(owed[1], .refused, attempts: 3, reason: "550"),
                    outcome(owed[2], .waiting, attempts: 2, reason: "421", next: next),
                ], followUps: [], owner: nil)
            for (index, expected) in ["delivered", "refused", "waiting", "waiting"].enumerated() {
                #expect(try await status(owed[index], in: database) == expected)
            }
            try await database.outbox.record(
                [outcome(owed[0], .waiting), outcome(owed[1], .delivered)], followUps: [], owner: nil)
            #expect(try await status(owed[0], in: database) == "delivered")
            #expect(try await status(owed[1], in: database) == "refused")
            let ticket = try #require(try await database.tickets.find(code: owed[0].code))
            let refused = try #require(ticket.notifications.first { $0.id == owed[1].id })
            #expect(refused.attempts == 3)
            #expect(refused.reason == "550")
            #expect(refused.doneAt == Sample.moment)
            let retried = try #require(try await claim(1, in: database).waiting.first { $0.id == owed[2].id })
            #expect(retried.attempts == 2)
            #expect(retried.nextAttemptAt == next)
        }
    }

    @Test("only its own daemon marks a notification, and says that it waits; what was done anybody says")
    func marks() async throws {
        try await with(5, owner: 5) { database, owed in
            func outcome(_ index: Int, _ status: Outbox.Outcome.Status, by owner: Int64) -> Outbox.Outcome {
                var outcome = self.outcome(owed[index], status)
                outcome.owner = owner
                return outcome
            }
            try await database.outbox.release([owed[1].id], owner: 5)
            try await database.outbox.record([outcome(2, .delivered, by: 5)], followUps: [], owner: nil)
            let marks = (0..<3).map { outcome($0, .sending, by: 5) } + [outcome(3, .sending, by: 6)]
            #expect(try await database.outbox.mark(marks) == [owed[0].id])
            for (index, expected) in ["sending", "waiting", "delivered", "waiting"].enumerated() {
                #expect(try await status(owed[index], in: database) == expected)
            }
            // Another's word does not end an attempt that is under way, and nobody's is anybody's.
            try await database.outbox.record([outcome(0, .waiting, by: 6)], followUps: [], owner: nil)
            #expect(try await status(owed[0], in: database) == "sending")
            try await database.outbox.record([outcome(0, .waiting, by: 5)], followUps: [], owner: nil)
            #expect(try await status(owed[0], in: database) == "waiting")
            var unowned = outcome(1, .waiting, by: 6)
            unowned.attempts = 7
            try await database.outbox.record([unowned], followUps: [], owner: nil)
            #expect(
                try await database.number("select count(*) from notification where attempts = 7 and owner is null") == 1
            )
            try await database.outbox.record([outcome(4, .refused, by: 6)], followUps: [], owner: nil)
            #expect(try await status(owed[4], in: database) == "refused")
        }
    }

    @Test("what is owed instead is read however young it is")
    func ownedInstead() async throws {
        try await with(2, owner: 5) { database, owed in
            var instead = owed[0]
            instead.id = Identifier(high: owed[0].id.high, low: owed[0].id.low ^ 1)
            instead.insteadOf = owed[0].id
            try await database.outbox.record([outcome(owed[0], .refused)], followUps: [instead], owner: 5)
            let before = owed[0].createdAt
            #expect(try await database.outbox.owned(by: 5, createdBefore: before).waiting.map(\.id) == [instead.id])
            let found = try await database.outbox.owned(by: 5, createdBefore: before + .seconds(1)).waiting
            #expect(Set(found.map(\.id)) == [instead.id, owed[1].id])
        }
    }

    @Test("what takes a notification's place is owed once, even if it is recorded twice")
    func followUp() async throws {
        try await with(1) { database, owed in
            var email = owed[0]
            email.id = Identifier(high: owed[0].id.high, low: owed[0].id.low ^ 1)
            email.recipient = "altra@example.org"
            for owner in [7, 8] as [Holder] {
                try await database.outbox.record(
                    [outcome(owed[0], .refused)], followUps: [email], owner: owner)
            }
            let rows = try await database.pool.query(
                "select recipient, owner from notification where status = 'waiting'")
            #expect(rows.count == 1)
            #expect(rows.first?.string(0) == "altra@example.org")
            #expect(rows.first?.int(1) == 7)
        }
    }

    @Test("an outcome and what follows from it are written together or not at all")
    func atomic() async throws {
        try await with(1) { database, owed in
            var bad = owed[0]
            bad.id = .timeOrdered(at: Sample.moment)
            bad.recipient = "a\0b"
            await #expect(throws: PostgresError.self) {
                try await database.outbox.record([outcome(owed[0], .refused)], followUps: [bad], owner: nil)
            }
            let unchanged = try await status(owed[0], in: database)
            #expect(unchanged == "waiting")
        }
    }

    @Test("a daemon finds what it owns, but for what was written a moment ago")
    func owned() async throws {
        try await with(3, owner: 5) { database, owed in
            try await database.outbox.record([outcome(owed[0], .delivered)], followUps: [], owner: nil)
            let later = Sample.moment + .seconds(1)
            #expect(
                Set(try await database.outbox.owned(by: 5, createdBefore: later).waiting.map(\.id))
                    == [owed[1].id, owed[2].id])
            #expect(try await database.outbox.owned(by: 5, createdBefore: Sample.moment).waiting.isEmpty)
            #expect(try await database.outbox.owned(by: 6, createdBefore: later).waiting.isEmpty)
        }
    }

    @Test("an operator retries what was given up and cancels what waits")
    func operators() async throws {
        try await with(3) { database, owed in
            try await database.outbox.record(
                [outcome(owed[0], .refused, attempts: 20), outcome(owed[1], .delivered)], followUps: [], owner: nil)
            #expect(
                try await database.outbox.retry(
                    Outbox.Selection(statuses: Outbox.Selection.givenUp), lifetime: .seconds(60)) == 1)
            #expect(try await database.outbox.retry(.one(owed[1]), lifetime: .seconds(60)) == 0)
            #expect(try await database.outbox.cancel(.one(owed[2])) == 1)
            #expect(try await database.outbox.cancel(.one(owed[2])) == 0)
            #expect(try await database.outbox.cancel(.one(owed[1])) == 0)
            let claimed = try await claim(1, in: database).waiting
            #expect(claimed.map(\.id) == [owed[0].id])
            #expect(claimed.first?.attempts == 0)
            let entries = try await database.outbox.entries(
                Outbox.Selection(statuses: ["waiting", "cancelled"]), limit: 10)
            #expect(Set(entries.map(\.destination)) == ["example.org"])
            #expect(entries.count == 2)
            let waiting = try await database.outbox.waiting()
            #expect(waiting.map(\.medium) == ["email"])
            #expect(waiting.map(\.count) == [1])
        }
    }

    @Test("a daemon hears what an operator changed while it held it, and gives it up")
    func recalled() async throws {
        try await with(3) { database, owed in
            let outbox = database.outbox
            let held = try await claim(1, in: database).waiting
            #expect(held.count == 3)
            #expect(try await outbox.recalled(from: 1).isEmpty)
            #expect(try await outbox.cancel(.one(owed[0])) == 1)
            #expect(try await outbox.retry(.one(owed[1]), lifetime: .seconds(60)) == 1)
            #expect(Set(try await outbox.recalled(from: 1)) == [owed[0].id, owed[1].id])
            #expect(try await outbox.recalled(from: 2).isEmpty)

            try await outbox.handBack([owed[0].id, owed[1].id], owner: 2)
            #expect(try await outbox.recalled(from: 1).count == 2)
            try await outbox.handBack([owed[0].id, owed[1].id], owner: 1)
            #expect(try await outbox.recalled(from: 1).isEmpty)
            #expect(try await claim(1, in: database).waiting.map(\.id) == [owed[1].id])
        }
    }

    @Test("what was under way when it was cancelled is recorded if it delivers, and only then")
    func cancelledUnderWay() async throws {
        try await with(2) { database, owed in
            for notification in owed { #expect(try await database.outbox.cancel(.one(notification)) == 1) }
            try await database.outbox.record(
                [outcome(owed[0], .delivered), outcome(owed[1], .waiting)], followUps: [], owner: nil)
            let entries = try await database.outbox.entries(
                Outbox.Selection(statuses: ["delivered", "cancelled"]), limit: 10)
            #expect(entries.first { $0.id == owed[0].id }?.status == "delivered")
            #expect(entries.first { $0.id == owed[1].id }?.status == "cancelled")
        }
    }
}

extension Outbox.Selection {
    static func one(_ owed: OwedNotification) -> Outbox.Selection {
        var selection = Outbox.Selection(statuses: Outbox.Selection.statuses)
        selection.id = owed.id
        return selection
    }
}
