import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("correspondence", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct CorrespondenceTests {
    private static let anna = Sender(email: "anna@example.org")

    /// A stored ticket that a mail opened.
    private func opened(
        _ id: String, in database: TestDatabase, notifications: Int = 0
    ) async throws -> NewTicket {
        let writer = try database.writer()
        var record = Sample.record(id, sender: Self.anna, notifications: notifications)
        record.mail = MailFacts(id: "\(id)@example.org")
        #expect(try await writer.submit(record).isStored)
        await writer.drain()
        return try #require(record.ticket)
    }

    /// - Parameter seconds: after the ticket was opened; what comes at one moment has no order.
    private func reply(
        _ id: String, to ticket: NewTicket, sender: Sender = anna, after seconds: Int64 = 10
    ) -> Correspondence.Addition {
        var record = Sample.record(id, sender: sender, text: "ancora", outcome: .appended(to: ticket.number))
        record.message.receivedAt = Sample.moment + .seconds(seconds)
        record.message.id = .timeOrdered(at: record.message.receivedAt)
        record.kind = .reply
        record.mail = MailFacts(id: "\(id)@example.org", quoted: "> prima", signature: "Anna")
        return Correspondence.Addition(
            record: record, ticket: ticket.number, event: .message, by: "citizen", note: "ancora", reopens: true,
            tells: true, offices: Sample.offices)
    }

    @Test("a ticket is found by its code and by the mails on it; who has written on it is known there")
    func threads() async throws {
        try await TestDatabase.with { database in
            let correspondence = Correspondence(pool: database.pool)
            let ticket = try await opened("a", in: database)
            _ = try await opened("b", in: database)
            let byCode = try await correspondence.threads(
                codes: [ticket.code, "RM-NOBODY"], sender: "anna@example.org")
            #expect(byCode.map(\.number) == [ticket.number])
            #expect(byCode.first?.knowsSender == true)
            let stranger = try await correspondence.threads(codes: [ticket.code], sender: "bruno@example.org")
            #expect(stranger.first?.knowsSender == false)
            #expect(try await correspondence.threads(codes: [ticket.code], sender: nil).first?.knowsSender == false)
            #expect(
                try await correspondence.threads(mailIDs: ["a@example.org"], sender: nil).map(\.code) == [ticket.code])
            #expect(try await correspondence.threads(mailIDs: ["c@example.org"], sender: nil).isEmpty)
            #expect(try await correspondence.threads(mailIDs: [], sender: nil).isEmpty)
            #expect(try await correspondence.openThreads(of: "anna@example.org").count == 2)
            // Whoever joined is known from then on.
            _ = try await correspondence.append(
                reply("d", to: ticket, sender: Sender(email: "bruno@example.org")), owner: nil, due: { _, _, _ in nil })
            let joined = try await correspondence.threads(codes: [ticket.code], sender: "bruno@example.org")
            #expect(joined.first?.knowsSender == true)
        }
    }

    @Test("a reply is added once, its office is told, and a closed ticket is open again with a new due time")
    func append() async throws {
        try await TestDatabase.with { database in
            let correspondence = Correspondence(pool: database.pool)
            let ticket = try await opened("a", in: database)
            let due = Sample.moment + .seconds(5 * 86_400)
            guard
                case .appended(let owed) = try await correspondence.append(
                    reply("r1", to: ticket), owner: nil, due: { _, _, _ in due })
            else { throw Unexpected() }
            #expect(owed.map(\.template) == ["office_reply"])
            #expect(owed.first?.recipient == "urp@example.org")
            guard
                case .duplicate = try await correspondence.append(
                    reply("r1", to: ticket), owner: nil, due: { _, _, _ in due })
            else { throw Unexpected() }
            let step = Tickets.Step(
                code: ticket.code, at: Sample.moment + .seconds(20), kind: .resolved, by: "urp", tells: false)
            _ = try await database.tickets.take(step, owner: nil) { _, _ in nil }
            guard
                case .appended(let again) = try await correspondence.append(
                    reply("r2", to: ticket, after: 30), owner: nil, due: { _, _, _ in due })
            else { throw Unexpected() }
            #expect(again.map(\.template) == ["reopened", "office_reply"])
            #expect(again.first?.inReplyTo == "a@example.org")

            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.status == .reopened)
            #expect(stored.dueAt == due)
            #expect(stored.text == "una buca")
            #expect(stored.messages.map(\.kind) == [.opening, .reply, .reply])
            #expect(stored.messages.last?.quoted == "> prima")
            #expect(stored.messages.last?.signature == "Anna")
            #expect(stored.events.map(\.kind) == [.opened, .message, .resolved, .reopened])
            #expect(stored.notifications.count == 3)
            #expect(stored.json(personal: true).text.contains("ancora"))
            #expect(!stored.json(personal: false).text.contains("ancora"))
            // A list shows each ticket once, however many messages it has.
            #expect(try await database.tickets.list(Tickets.Filter()).count == 1)
        }
    }

    @Test("what is owed goes below the mail that opened the ticket, whoever owes it and whoever delivers it")
    func below() async throws {
        try await TestDatabase.with { database in
            let ticket = try await opened("a", in: database, notifications: 1)
            _ = try await Correspondence(pool: database.pool).append(
                reply("r1", to: ticket), owner: nil, due: { _, _, _ in nil })
            let step = Tickets.Step(
                code: ticket.code, at: Sample.moment + .seconds(20), kind: .acknowledged, by: "urp")
            let owed = try await database.tickets.take(step, owner: nil) { _, _ in nil }.owed
            #expect(owed?.inReplyTo == "a@example.org")
            let claimed = try await database.outbox.claim(
                owner: 1, limit: 10, dueBefore: Sample.moment + .seconds(3600), deadAfter: .seconds(10)
            ).waiting
            #expect(Set(claimed.map(\.template)) == ["opened", "office_reply", "acknowledged"])
            #expect(claimed.allSatisfy { $0.inReplyTo == "a@example.org" })
        }
    }

    @Test("a robot's mail is kept with the ticket and changes nothing of it")
    func automatic() async throws {
        try await TestDatabase.with { database in
            let correspondence = Correspondence(pool: database.pool)
            let ticket = try await opened("a", in: database)
            let step = Tickets.Step(
                code: ticket.code, at: Sample.moment + .seconds(5), kind: .resolved, by: "urp", tells: false)
            _ = try await database.tickets.take(step, owner: nil) { _, _ in nil }
            var addition = reply("auto", to: ticket)
            addition.record.kind = .automatic
            (addition.event, addition.by, addition.reopens) = (.note, "mail", false)
            guard
                case .appended(let owed) = try await correspondence.append(
                    addition, owner: nil, due: { _, _, _ in nil })
            else { throw Unexpected() }
            #expect(owed.isEmpty)
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.status == .resolved)
            #expect(stored.events.last?.kind == .note)
        }
    }

    @Test("an address has so many answers and tickets within an hour")
    func allowance() async throws {
        try await TestDatabase.with { database in
            let correspondence = Correspondence(pool: database.pool)
            var given: [Correspondence.Allowance] = []
            for (address, minutes) in [("a", 0), ("a", 0), ("a", 0), ("a", 0), ("b", 0), ("a", 60)] as [(String, Int64)]
            {
                given.append(
                    try await correspondence.allowance(
                        for: "\(address)@example.org", at: Sample.moment + .seconds(minutes * 60), answers: 2,
                        tickets: 3,
                        wantsAnswer: true))
            }
            #expect(given.map(\.answer) == [true, true, false, false, true, true])
            #expect(given.map(\.ticket) == [true, true, true, false, true, true])
        }
    }

    @Test("a report finds its notification and sets its outcome; what a provider says is kept beside it")
    func reports() async throws {
        try await TestDatabase.with { database in
            let correspondence = Correspondence(pool: database.pool)
            let ticket = try await opened("a", in: database, notifications: 2)
            let (first, second) = (ticket.notifications[0].id, ticket.notifications[1].id)
            let outcomes = ticket.notifications.map {
                Outbox.Outcome(
                    id: $0.id, status: .delivered, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
            }
            try await Outbox(pool: database.pool).record(outcomes, followUps: [], owner: nil)
            #expect(try await correspondence.notification(first, ticket: ticket.number, recipients: []) == first)
            // Another ticket's notification is not spoken of.
            #expect(try await correspondence.notification(first, ticket: ticket.number + 1, recipients: []) == nil)
            #expect(
                try await correspondence.notification(nil, ticket: ticket.number, recipients: ["bruno@example.org"])
                    == nil)
            #expect(
                try await correspondence.notification(nil, ticket: ticket.number, recipients: ["ANNA@example.org"])
                    != nil)

            let later = Sample.moment + .seconds(60)
            try await correspondence.record(
                .init(outcome: .noted, reason: "accepted", receipt: "accettazione"), of: first, at: later)
            try await correspondence.record(
                .init(outcome: .failed, reason: "5.1.1 no such user", receipt: "errore-consegna"), of: first, at: later)
            try await correspondence.record(
                .init(outcome: .delivered, reason: "there", receipt: "avvenuta-consegna"), of: second, at: later)
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            let states = Dictionary(uniqueKeysWithValues: stored.notifications.map { ($0.id, $0) })
            #expect(states[first]?.status == "refused")
            #expect(states[first]?.reason == "5.1.1 no such user")
            #expect(states[first]?.receipt == "errore-consegna")
            #expect(states[second]?.status == "delivered")
            #expect(states[second]?.receipt == "avvenuta-consegna")
        }
    }

    @Test("a file's bytes are stored once, whoever sends them; what may not be shown is not there for others")
    func attachments() async throws {
        try await TestDatabase.with { database in
            let writer = try database.writer()
            func file(_ name: String, shown: StoredAttachment.Shown?) -> StoredAttachment {
                StoredAttachment(
                    name: name, type: "image/jpeg", hash: [1, 2, 3], content: Array("photo".utf8), shown: shown,
                    isInline: false, facts: #"{"active":false}"#)
            }
            var first = Sample.record("a")
            first.attachments = [
                file("a.jpg", shown: .copy(hash: [4], content: Array("clean".utf8))), file("b.jpg", shown: nil),
            ]
            var second = Sample.record("b")
            second.attachments = [file("c.jpg", shown: .itself)]
            for record in [first, second, first] { _ = try await writer.submit(record) }
            await writer.drain()
            #expect(try await database.number("select count(*) from blob") == 2)
            #expect(try await database.number("select count(*) from attachment") == 3)
            let code = try #require(first.ticket?.code)
            let tickets = database.tickets
            #expect(try await tickets.find(code: code)?.attachments.map(\.name) == ["a.jpg", "b.jpg"])
            #expect(
                try await tickets.content(ofAttachment: 1, code: code, originalFor: nil)?.bytes == Array("clean".utf8))
            #expect(try await tickets.content(ofAttachment: 2, code: code, originalFor: nil) == nil)
            for number in [3, 0, -1, Int.min, Int.max] {
                #expect(try await tickets.content(ofAttachment: number, code: code, originalFor: nil) == nil)
            }
            #expect(
                try await tickets.content(ofAttachment: 1, code: code, originalFor: "urp")?.bytes == Array("photo".utf8)
            )
            #expect(try await tickets.content(ofAttachment: 1, code: code, originalFor: "other") == nil)
        }
    }

    @Test("mail that cannot be taken in is kept once, listed, and gone from the list once replayed")
    func unread() async throws {
        try await TestDatabase.with { database in
            let unread = UnreadMail(pool: database.pool)
            for _ in 0..<2 { try await unread.keep([1, 2], channel: "posta", reason: "why", at: Sample.moment) }
            try await unread.keep([3], channel: "pec", reason: "why not", at: Sample.moment + .seconds(1))
            let list = try await unread.list(all: false)
            #expect(list.map(\.channel) == ["pec", "posta"])
            let oldest = try #require(list.last)
            #expect(try await unread.raw(oldest.id)?.bytes == [1, 2])
            try await unread.replayed(oldest.id, at: Sample.moment)
            #expect(try await unread.list(all: false).count == 1)
            #expect(try await unread.list(all: true).count == 2)
        }
    }

    private struct Unexpected: Error {}
}

@Suite("thread tokens") struct ThreadTokenTests {
    private let instance = Instance(ticketKey: [UInt8](1...16), statusKey: [UInt8](17...32))

    @Test("what we made is known, in any case; what is changed by a letter is not")
    func tokens() {
        let token = instance.threadToken(of: "RM-7Q4K2MXD")
        #expect(token.hasPrefix("rm-7q4k2mxd."))
        #expect(instance.code(inThreadToken: token) == "RM-7Q4K2MXD")
        #expect(instance.code(inThreadToken: token.uppercased()) == "RM-7Q4K2MXD")
        #expect(instance.code(inAddress: "urp+\(token)@example.org") == "RM-7Q4K2MXD")
        #expect(instance.code(inAddress: "URP+a+\(token.uppercased())@EXAMPLE.ORG") == "RM-7Q4K2MXD")
        let id = Identifier.timeOrdered(at: Timestamp(seconds: 1_800_000_000))
        #expect(instance.ownMail(messageID: "\(id).\(token)@example.org")?.notification == id)
        #expect(instance.ownMail(messageID: "ticket.\(token)@example.org")?.code == "RM-7Q4K2MXD")
        #expect(instance.ownMail(messageID: "ticket.\(token)@example.org")?.notification == nil)
        for index in token.indices {
            var changed = token
            changed.replaceSubrange(index...index, with: token[index] == "9" ? "8" : "9")
            #expect(instance.code(inThreadToken: changed) == nil)
        }
        let other = Instance(ticketKey: [UInt8](1...16), statusKey: [UInt8](18...33))
        #expect(other.code(inThreadToken: token) == nil)
        for nothing in ["", ".", "a@b", "+@", "rm-7q4k2mxd", "\(token)x", String(repeating: "a", count: 10_000)] {
            #expect(instance.code(inThreadToken: nothing) == nil)
            #expect(instance.code(inAddress: nothing) == nil)
            #expect(instance.ownMail(messageID: nothing) == nil)
        }
    }
}
