import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "how citizens are told", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct PreferenceTests {
    private static let person = "MRTNTN23M02D969P"
    private static let anna = Sender(email: "anna@example.org", fiscalCode: person, attested: [.fiscalCode])
    private static let citizen = Identifier(
        citizenOf: Identity(kind: .fiscalCode, value: person, attested: true))
    private static let later = Sample.moment + .seconds(600)
    private static let choice = MediumChoice(order: [.appIO, .email])

    /// A ticket of Anna's, who is told on App IO first, then by e-mail.
    private func opened(
        _ id: String, in database: TestDatabase, notifications: Int = 0,
        _ change: (inout IntakeRecord) -> Void = { _ in }
    ) async throws -> NewTicket {
        let contact = Contact(medium: .appIO, address: Self.person, fallback: "anna@example.org")
        var record = Sample.record(
            id, sender: Self.anna, outcome: .ticket(Sample.ticket(contact: contact, notifications: notifications)))
        change(&record)
        try await database.open(record)
        return try #require(record.ticket)
    }

    private func take(
        _ kind: TicketEvent.Kind, _ ticket: NewTicket, in database: TestDatabase, by: String = "urp",
        at: Timestamp = later, choice: MediumChoice = choice
    ) async throws -> OwedNotification {
        var step = Tickets.Step(code: ticket.code, at: at, kind: kind, by: by)
        step.choice = choice
        let result = try await database.tickets.take(step, owner: 7) { _, from in from }
        return try #require(result.owed)
    }

    private func table(_ database: TestDatabase) -> PreferenceTable { database.tickets.preferences }

    private func reason(_ owed: OwedNotification, in database: TestDatabase) async throws -> (String?, String?, Int64?)
    {
        let row = try await database.pool.query(
            "select status, reason, owner from notification where id = $1", [.uuid(owed.id.high, owed.id.low)]
        ).first
        return (row?.string(0), row?.string(1), row?.int(2))
    }

    // MARK: What the citizen wants

    @Test("a choice changes the next notification, and the ticket says why")
    func choice() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database)
            let first = try await take(.acknowledged, ticket, in: database)
            #expect(first.medium == .appIO && first.fallback == "anna@example.org")
            try await table(database).set(.by(.email), of: Self.citizen, by: "operator:bruno")
            let second = try await take(.inProgress, ticket, in: database)
            #expect(second.medium == .email && second.recipient == "anna@example.org")
            #expect(second.fallback == "app_io:\(Self.person)")
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.contact?.ways.map(\.medium) == [.email, .appIO])
            #expect(stored.contactWhy == "the citizen chose it")
            let json = stored.json(personal: false).text
            #expect(
                json.contains(
                    #""contact":{"medium":"email","recipient":"a…@example.org","why":"the citizen chose it"}"#))
            // An office that demands App IO alone still knows both ways afterwards.
            let demanding = MediumChoice(order: [.appIO, .email], demands: ["urp": [.appIO]])
            let third = try await take(.answered, ticket, in: database, choice: demanding)
            #expect(third.medium == .appIO && third.fallback == nil)
            #expect(try await database.tickets.find(code: ticket.code)?.contact?.ways.count == 2)
        }
    }

    @Test("who wants no news: they are on record and not sent, what must be heard is sent")
    func muted() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database)
            try await table(database).set(.silence, of: Self.citizen, by: "citizen")
            let news = try await take(.acknowledged, ticket, in: database)
            #expect(news.withheld == MediumChoice.muted)
            let kept = try await reason(news, in: database)
            #expect(kept == ("cancelled", MediumChoice.muted, nil))
            for kind in [TicketEvent.Kind.waiting, .answered, .corrected] {
                #expect(try await take(kind, ticket, in: database).withheld == nil)
            }
            // Whoever owns them by now, nothing of it is claimed.
            let claimed = try await database.outbox.claim(
                owner: 1, limit: 10, dueBefore: Self.later, deadAfter: DaemonRegistry.dead)
            #expect(!claimed.waiting.contains { $0.id == news.id })
            #expect(claimed.waiting.count == 3)
            try await table(database).set(.any, of: Self.citizen, by: "operator:bruno")
            #expect(try await take(.inProgress, ticket, in: database).withheld == nil)
        }
    }

    @Test("on the page: for one ticket, or for all; what waits is not sent any more; each change is on record")
    func page() async throws {
        try await TestDatabase.with { database in
            let table = table(database)
            let (first, second) = (try await opened("a", in: database), try await opened("b", in: database))
            let waiting = try await take(.acknowledged, first, in: database)
            let duty = try await take(.waiting, first, in: database)
            let silence = PreferenceTable.Said(wish: .silence, isForAll: false)
            for _ in 0..<2 { #expect(try await table.say(silence, on: first.code, at: Self.later)) }
            #expect(try await !table.say(silence, on: "RM-NOBODY", at: Self.later))
            #expect(try await reason(waiting, in: database).0 == "cancelled")
            #expect(try await reason(duty, in: database).0 == "waiting")
            #expect(try await database.number("select count(*) from notification where recalled_at is not null") == 1)
            #expect(try await take(.inProgress, first, in: database).withheld == MediumChoice.muted)
            #expect(try await take(.acknowledged, second, in: database).withheld == nil)
            // Twice the same is one line of the history, and none for offices' systems to read.
            let events = try #require(try await database.tickets.find(code: first.code)?.events)
            #expect(events.filter { $0.by == "citizen" }.map(\.note) == ["wants no more news, of this ticket"])
            #expect(events.filter { $0.by == "citizen" }.allSatisfy { !$0.isTold })

            let all = PreferenceTable.Said(wish: .by(.email), isForAll: true)
            #expect(try await table.say(all, on: first.code, at: Self.later))
            for ticket in [first, second] {
                #expect(try await take(.answered, ticket, in: database).medium == .email)
            }
            let found = try #require(try await table.citizens(knownBy: [(.fiscalCode, Self.person)]).first)
            #expect(found.id == Self.citizen && found.tickets == 2 && found.standing.prefers == .email)
            #expect(found.changes.map(\.wish) == ["email"] && found.changes.map(\.actor) == ["citizen"])
            #expect(!found.json(now: Self.later).text.contains(Self.person))
        }
    }

    @Test("attested and declared are never one citizen, and each is found by what they are called by")
    func citizens() async throws {
        try await TestDatabase.with { database in
            _ = try await opened("a", in: database)
            try await database.open(Sample.record("b", sender: Sender(email: "anna@example.org")))
            let found = try await table(database).citizens(knownBy: [(.email, "anna@example.org")])
            #expect(found.count == 2)
            #expect(Set(found.map(\.id)).count == 2)
            #expect(try await table(database).citizens(knownBy: [(.phone, "+393331234567")]).isEmpty)
            #expect(try await table(database).citizen(Self.citizen)?.identity == nil)
            #expect(try await table(database).citizen(Identifier(high: 1, low: 1)) == nil)
        }
    }

    @Test("said with a message: once, in its transaction; of several in one batch the last counts")
    func withMessages() async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            let records = [ContactWish.by(.appIO), .silence, .by(.email)].enumerated().map { index, wish in
                var record = Sample.record("m\(index)", sender: Self.anna)
                record.wish = wish
                return record
            }
            // While no message can be written they gather, and go in one batch.
            let submitted = Gathered<Task<IntakeResult, any Error>>()
            try await database.withMessagesLocked {
                submitted.add(Task { try await writer.submit(Sample.record("first")) })
                try await database.statementsWait(1)
                for (index, record) in records.enumerated() {
                    submitted.add(Task { try await writer.submit(record) })
                    await until { writer.waiting == index + 1 }
                }
            }
            for task in submitted.values { #expect(try await task.value.isStored) }
            // The same one again is a duplicate, and says nothing a second time.
            var again = records[1]
            again.message.id = .timeOrdered(at: Sample.moment)
            #expect(try await writer.submit(again).earlier != nil)
            await writer.drain()
            let found = try await table(database).standings(of: [Self.citizen])
            // By external id, as they are sorted: m2 is the last.
            #expect(found[Self.citizen]?.effective == .by(.email))
            #expect(try await database.number("select count(*) from preference_change") == 1)
        }
    }

    // MARK: In memory

    @Test("the cache answers as the table does, after each change; beyond its limit it asks")
    func cache() async throws {
        try await TestDatabase.with { database in
            let table = table(database)
            let cache = Preferences(table, most: 3)
            let people = (1...5).map { Identifier(high: 8, low: $0) }
            var now = Timestamp(seconds: 1_900_000_000)
            func agree(_ comment: Comment) async throws {
                let stored = try await table.standings(of: people)
                for person in people {
                    let known = try await cache.standing(of: person)
                    #expect(known == stored[person] ?? CitizenStanding(), comment)
                }
            }
            // Nothing read yet: asked.
            try await table.set(.by(.email), of: people[0], by: "citizen")
            #expect(!cache.size.isComplete)
            try await agree("before the first reading")
            try await cache.refresh(at: now)
            #expect(cache.size == (1, true))
            try await agree("read")
            try await table.set(.silence, of: people[0], by: "citizen")
            try await table.set(.by(.appIO), of: people[1], by: "citizen")
            #expect(try await cache.standing(of: people[1]) == CitizenStanding())
            try await cache.refresh(at: now)
            try await agree("after changes")
            #expect(try await cache.standing(of: people[0]) == CitizenStanding(prefers: .email, isMuted: true))
            try await table.set(.any, of: people[0], by: "citizen")
            try await cache.refresh(at: now)
            #expect(cache.size == (1, true))
            // Too many: nothing is kept, and everything is asked.
            for person in people { try await table.set(.by(.email), of: person, by: "citizen") }
            try await cache.refresh(at: now)
            #expect(cache.size == (0, false))
            try await withThrowingTaskGroup(of: CitizenStanding.self) { tasks in
                for _ in 0..<50 { for person in people { tasks.addTask { try await cache.standing(of: person) } } }
                for try await standing in tasks { #expect(standing.prefers == .email) }
            }
            #expect(cache.mayBeUnreached(on: .email, at: now))
            // Fewer again: an hour later they are in memory.
            for person in people.dropFirst() { try await table.set(.any, of: person, by: "citizen") }
            now = now + .seconds(3601)
            try await cache.refresh(at: now)
            #expect(cache.size == (1, true))
            try await agree("at last")
        }
    }

    @Test("a citizen about whom PostgreSQL cannot be asked is not guessed at")
    func away() async throws {
        let pool = try PostgresPool(
            configuration: PostgresConfiguration(connectionString: "host=/nonexistent"), size: 1, label: "none",
            observe: { _ in })
        let cache = Preferences(PreferenceTable(pool: pool))
        await #expect(throws: PostgresError.self) { try await cache.standing(of: Self.citizen) }
        #expect(try await cache.standing(of: nil) == CitizenStanding())
        await pool.close()
    }

    // MARK: What did not reach them

    private func refusal(_ owed: OwedNotification, for time: Duration) -> Outbox.Outcome {
        var outcome = Outbox.Outcome(
            id: owed.id, status: .refused, attempts: 1, nextAttemptAt: Self.later, at: Self.later, reason: "not there")
        outcome.unreachedUntil = Self.later + time
        return outcome
    }

    @Test("after a refusal the next notification begins with the next medium, until it is over or the medium reaches")
    func unreached() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database)
            let first = try await take(.acknowledged, ticket, in: database)
            let next = try #require(first.succeeded(at: Self.later))
            try await database.outbox.record([refusal(first, for: .seconds(3600))], followUps: [next], owner: 7)
            #expect(try await reason(next, in: database).0 == "waiting")
            let second = try await take(.inProgress, ticket, in: database)
            #expect(second.medium == .email && second.fallback == "app_io:\(Self.person)")
            #expect(
                try await database.tickets.find(code: ticket.code)?.contactWhy
                    == "the city's order; app_io lately did not reach them")
            let afterwards = try await take(
                .answered, ticket, in: database, at: Self.later + .seconds(3600))
            #expect(afterwards.medium == .appIO)
            // The e-mail is refused, App IO takes its place and reaches her.
            let last = try #require(second.succeeded(at: Self.later))
            var delivered = Outbox.Outcome(
                id: last.id, status: .delivered, attempts: 1, nextAttemptAt: Self.later, at: Self.later)
            delivered.isReached = true
            try await database.outbox.record([], followUps: [last], owner: 7)
            try await database.outbox.record([delivered], followUps: [], owner: 7)
            #expect(try await take(.answered, ticket, in: database).medium == .appIO)
        }
    }

    @Test("a refusal costs one statement more, a delivery none; offices are no citizens")
    func offices() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database, notifications: 1)
            _ = try await database.pool.query("update notification set template = 'office_new'")
            try await database.outbox.record(
                [refusal(ticket.notifications[0], for: .seconds(60))], followUps: [], owner: nil)
            #expect(try await database.number("select count(*) from unreached") == 0)
        }
    }

    @Test("a mail that came back: its place is taken, and the address is not used for a while")
    func bounce() async throws {
        try await TestDatabase.with { database in
            let correspondence = Correspondence(pool: database.pool)
            let ticket = try await opened("a", in: database)
            try await table(database).set(.by(.email), of: Self.citizen, by: "citizen")
            let mail = try await take(.acknowledged, ticket, in: database)
            #expect(mail.medium == .email)
            var bounce = Correspondence.Report(outcome: .failed, reason: "5.1.1 no such user")
            bounce.unreachedFor = .seconds(30 * 86_400)
            // Still under way: the carrier's own word counts.
            #expect(try await correspondence.record(bounce, of: mail.id, at: Self.later).isEmpty)
            #expect(try await database.number("select count(*) from unreached") == 0)
            try await database.outbox.record(
                [
                    Outbox.Outcome(
                        id: mail.id, status: .delivered, attempts: 1, nextAttemptAt: Self.later, at: Self.later)
                ], followUps: [], owner: nil)
            let owed = try await correspondence.record(bounce, of: mail.id, at: Self.later, owner: 7)
            #expect(owed.map(\.medium) == [.appIO] && owed.first?.insteadOf == mail.id)
            #expect(try await correspondence.record(bounce, of: mail.id, at: Self.later).isEmpty)
            #expect(try await take(.inProgress, ticket, in: database).medium == .appIO)
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            let chains = NotificationChain.all(in: stored.notifications)
            #expect(chains.first?.links.map(\.medium) == ["email", "app_io"])
            #expect(stored.json(personal: false).text.contains(#""instead_of":"\#(mail.id)""#))

            // She writes from it: it works again.
            let identity = Identity(kind: .email, value: "anna@example.org", attested: false)
            _ = try await database.pool.query("update unreached set until = now() + interval '1 day'")
            try await table(database).heard(from: identity, on: .email)
            let standing = try await table(database).standings(of: [Self.citizen])[Self.citizen]
            #expect(standing?.unreached[.email] == Timestamp(seconds: 0))
        }
    }

    @Test("choosing a medium tries it again")
    func chosenAgain() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database)
            let first = try await take(.acknowledged, ticket, in: database)
            try await database.outbox.record([refusal(first, for: .seconds(3600))], followUps: [], owner: 7)
            try await table(database).set(.by(.appIO), of: Self.citizen, by: "citizen")
            #expect(try await take(.inProgress, ticket, in: database).medium == .appIO)
        }
    }

    // MARK: What is not read

    private func delivered(
        _ kind: TicketEvent.Kind, _ ticket: NewTicket, receipt: String?, in database: TestDatabase,
        at: Timestamp = later
    ) async throws -> OwedNotification {
        let owed = try await take(kind, ticket, in: database, at: at)
        try await database.outbox.record(
            [Outbox.Outcome(id: owed.id, status: .delivered, attempts: 1, nextAttemptAt: at, at: at)],
            followUps: [], owner: nil)
        _ = try await database.pool.query(
            "update notification set receipt = $2 where id = $1",
            [.uuid(owed.id.high, owed.id.low), .optional(receipt)])
        return owed
    }

    private static let twoDays = Duration.seconds(48 * 3600)
    private static let premium = Outbox.Unread(after: twoDays, appIOCategories: ["strade.buche"])

    @Test("what is not read in time is followed by the next medium, once, whoever looks")
    func unread() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database)
            let unread = try await delivered(.acknowledged, ticket, receipt: "unread", in: database)
            let early = Self.later + Self.twoDays + .seconds(-1)
            #expect(try await database.outbox.followUnread(Self.premium, at: early, owner: 7).isEmpty)
            let time = Self.later + Self.twoDays
            // App IO was said to be asked by then, and has not been.
            _ = try await database.pool.query(
                "update notification set watch_at = $1 where medium = 'app_io'", [.timestamptz(time.microseconds)])
            #expect(try await database.outbox.followUnread(Self.premium, at: time, owner: 7).isEmpty)
            _ = try await database.pool.query(
                "update notification set watch_at = watch_at + interval '1 hour' where medium = 'app_io'")
            // Several daemons look at once.
            let found = try await withThrowingTaskGroup(of: [OwedNotification].self) { tasks in
                for owner in 1...6 {
                    tasks.addTask {
                        try await database.outbox.followUnread(Self.premium, at: time, owner: Holder(Int64(owner))).map(
                            \.owed)
                    }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(found.map(\.medium) == [.email])
            #expect(found.first?.id == unread.id.fallback && found.first?.insteadOf == unread.id)
            let first = try await reason(unread, in: database)
            #expect(first.0 == "delivered" && first.1 == "unread for 48 h: email follows")
            #expect(try await database.outbox.followUnread(Self.premium, at: time, owner: 7).isEmpty)
            // Read at last: nothing happens.
            _ = try await database.pool.query("update notification set receipt = 'read' where medium = 'app_io'")
            #expect(try await database.outbox.followUnread(Self.premium, at: time, owner: 7).isEmpty)
            #expect(try await database.number("select count(*) from notification") == 2)
        }
    }

    @Test("nothing follows what was read, what does not tell, what is too long ago, and what nobody wants any more")
    func notUnread() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database)
            let time = Self.later + Self.twoDays
            for receipt in ["read", "paid", "processed", nil] {
                _ = try await delivered(.answered, ticket, receipt: receipt, in: database)
            }
            let old = Sample.moment + .seconds(-4 * 86_400)
            _ = try await delivered(.answered, ticket, receipt: "unread", in: database, at: old)
            let policies = [
                Outbox.Unread(after: Self.twoDays), Outbox.Unread(after: Self.twoDays, appIOWithoutCategory: true),
                Outbox.Unread(after: Self.twoDays, appIOCategories: ["verde.alberi"]),
            ]
            _ = try await delivered(.answered, ticket, receipt: "unread", in: database)
            for policy in policies {
                #expect(try await database.outbox.followUnread(policy, at: time, owner: 7).isEmpty)
            }
            #expect(try await database.outbox.followUnread(Self.premium, at: time, owner: 7).count == 1)
            _ = try await delivered(.acknowledged, ticket, receipt: "unread", in: database)
            try await table(database).set(.silence, of: Self.citizen, by: "citizen")
            #expect(try await database.outbox.followUnread(Self.premium, at: time, owner: 7).isEmpty)
        }
    }

    @Test("a messenger's: read is what was read, and what was answered")
    func unreadInChats() async throws {
        try await TestDatabase.with { database in
            let chat = Contact(medium: .whatsapp, address: "whatsapp/393331234567", fallback: "anna@example.org")
            let ticket = Sample.ticket(contact: chat)
            try await database.open(Sample.record("a", sender: Self.anna, outcome: .ticket(ticket)))
            _ = try await delivered(.acknowledged, ticket, receipt: "delivered", in: database)
            let policy = Outbox.Unread(after: Self.twoDays)
            let time = Self.later + Self.twoDays
            _ = try await database.pool.query(
                "insert into conversation (channel, chat, last_at) values ('whatsapp', '393331234567', $1)",
                [.timestamptz((Self.later + .seconds(60)).microseconds)])
            #expect(try await database.outbox.followUnread(policy, at: time, owner: 7).isEmpty)
            _ = try await database.pool.query(
                "update conversation set last_at = $1", [.timestamptz(Sample.moment.microseconds)])
            let followed = try await database.outbox.followUnread(policy, at: time, owner: 7)
            #expect(followed.map(\.unreadOn) == [.whatsapp] && followed.map(\.owed.medium) == [.email])
        }
    }
}
