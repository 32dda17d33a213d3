import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("retention", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct RetentionTests {
    private static let day = Duration.seconds(86_400)
    private let now = Sample.moment + Self.day * 1000

    @Test("Old tickets lose their people, in batches; young ones, held ones and what is still to be told do not")
    func tickets() async throws {
        try await TestDatabase.with { database in
            let sweep = RetentionSweep(pool: database.pool)
            for index in 0..<5 {
                let record = Person.record("old \(index)")
                try await database.open(record)
                try await database.close(try #require(record.ticket?.code))
            }
            let young = Sample.record("young", sender: Sender(email: "bruno@example.org"), text: "di Bruno")
            try await database.open(young)
            try await database.close(try #require(young.ticket?.code), at: now, note: "fatto")
            let before = now + (.zero - Self.day * 30)
            #expect(try await sweep.count(.tickets, before: before) == 0)
            _ = try await database.pool.query("update notification set status = 'delivered', owner = null")
            #expect(try await sweep.count(.tickets, before: before) == 5)
            let statistics = try await database.statistics()

            let holds = LegalHolds(pool: database.pool)
            _ = try await holds.place(on: Person.id, by: .daemon, reason: "causa", at: now)
            #expect(try await sweep.count(.tickets, before: before) == 0)
            #expect(try await sweep.run(.tickets, before: before, at: now)?.removed == 0)
            _ = try await holds.release(Person.id, by: .daemon, reason: "finita", at: now)

            var batches: [Int] = []
            while let done = try await sweep.run(.tickets, before: before, at: now, limit: 2) {
                batches.append(done.removed)
                if !done.isMore { break }
            }
            #expect(batches == [2, 2, 1])
            #expect(try await database.traces() != [])
            #expect(try await sweep.run(.remains, before: now, at: now)?.removed == 3)
            #expect(try await database.traces() == [])
            #expect(try await database.statistics() == statistics)
            #expect(try await database.number("select count(*) from message where body = 'di Bruno'") == 1)
            #expect(try await database.number("select count(*) from identity") == 1)
            #expect(try await database.number("select count(*) from blob") == 0)
            let progress = try await sweep.progress().first { $0.kind == "tickets" }
            #expect(progress?.removed == 5 && progress?.removedAt == now)
        }
    }

    @Test("Messages as they came, discarded ones, unread mail, counters and attempts go by their own ages")
    func others() async throws {
        try await TestDatabase.with { database in
            let sweep = RetentionSweep(pool: database.pool)
            let old = Person.record("1")
            try await database.open(old)
            try await database.open(Sample.record("spam", text: "compra", outcome: .discarded(reason: "spam")))
            try await UnreadMail(pool: database.pool).keep(
                [1], channel: "posta", reason: "?", at: Sample.moment)
            _ = try await Correspondence(pool: database.pool).allowance(
                for: "a@example.org", at: Sample.moment, answers: 1, tickets: 1, wantsAnswer: true)
            let owed = try #require(old.ticket?.notifications.first)
            let outcome = Outbox.Outcome(
                id: owed.id, status: .waiting, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
            try await database.outbox.record(
                [outcome],
                tries: [Outbox.Try(id: owed.id, number: 1, at: Sample.moment, outcome: .waiting, reason: "451")],
                followUps: [], owner: nil)
            let kinds: [RetentionSweep.Kind] = [.raw, .discarded, .unreadMail, .correspondents, .attempts]
            // Nothing is old enough a second before.
            for kind in kinds {
                #expect(try await sweep.run(kind, before: Sample.moment + (.zero - Self.day), at: now)?.removed == 0)
            }
            let before = Sample.moment + Self.day
            let due: [RetentionSweep.Kind: Int] = [
                .raw: 2, .discarded: 1, .unreadMail: 1, .correspondents: 1, .attempts: 1,
            ]
            for kind in kinds {
                #expect(try await sweep.count(kind, before: before) == due[kind], "\(kind)")
                #expect(try await sweep.run(kind, before: before, at: now)?.removed == due[kind], "\(kind)")
                #expect(try await sweep.count(kind, before: before) == 0, "\(kind)")
                #expect(try await sweep.run(kind, before: before, at: now)?.removed == 0, "\(kind)")
            }
            #expect(try await database.number("select count(*) from message where body = 'compra'") == 0)
            #expect(try await database.number("select count(*) from message where octet_length(raw) > 0") == 0)
            #expect(try await database.number("select count(*) from message where body = '\(Person.words)'") == 1)
            // A backtest knows of none without its bytes.
            let stored = StoredMessages(pool: database.pool, since: Sample.moment, until: before)
            #expect(try await stored.count() == 0)
            #expect(try await stored.batch(after: nil).isEmpty)
        }
    }

    @Test("Of two daemons one is at it")
    func one() async throws {
        try await TestDatabase.with { database in
            let sweep = RetentionSweep(pool: database.pool)
            try await database.session { connection in
                try await connection.transaction { session in
                    _ = try await session.query(
                        "select pg_advisory_xact_lock(hashtextextended('retention ' || current_schema(), 0))")
                    #expect(try await sweep.run(.raw, before: now, at: now) == nil)
                }
            }
            #expect(try await sweep.run(.raw, before: now, at: now) != nil)
        }
    }
}
