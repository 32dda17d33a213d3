import Civic
import Foundation
import Testing

@testable import Postgres
@testable import Store

@Suite("conversations", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct ConversationTests {
    private static let place = Conversations.Place(channel: "telegram", chat: "42")
    private static let sender = Sender(account: "telegram:42", attested: [.account])

    /// - Parameter seconds: after the first moment.
    private func word(
        _ id: String, _ text: String = "una buca", opens: Bool = true, group: String? = nil, after seconds: Int64 = 0,
        ticket: NewTicket? = nil, media: [Conversations.Media] = []
    ) -> Conversations.Word {
        let at = Sample.moment + .seconds(seconds)
        var opening = Sample.record(
            id, sender: Self.sender, text: text,
            outcome: .ticket(
                ticket ?? Sample.ticket(contact: Contact(medium: .telegram, address: Self.place.recipient))))
        opening.message.receivedAt = at
        opening.message.id = .timeOrdered(at: at)
        return Conversations.Word(
            place: Self.place, opening: opens ? opening : nil,
            addition: { [opening] number, _ in
                var record = opening
                record.kind = .reply
                record.outcome = .appended(to: number)
                return Correspondence.Addition(
                    record: record, ticket: number, event: .message, by: "citizen", note: text,
                    offices: Sample.offices)
            },
            reference: id, group: group, media: media)
    }

    private static func reconsideration(
        _ location: Location? = nil,
        _ decide: @escaping @Sendable (Reconsideration.Said) -> Reconsideration.Decided? = { _ in nil }
    ) -> Reconsideration {
        Reconsideration(
            within: .seconds(600), location: location, offices: Sample.offices, timing: .prompt(), decide: decide)
    }

    private func take(
        _ word: Conversations.Word, _ conversations: Conversations, _ reconsider: Reconsideration = reconsideration()
    ) async throws -> Conversations.Taken {
        try await conversations.take(word, owner: nil, reconsider: reconsider, due: { _, _, _ in nil })
    }

    private func obey(
        _ act: Conversations.Act, _ conversations: Conversations, id: String = UUID().uuidString, isNew: Bool = true
    ) async throws {
        var record = Sample.record(id, outcome: .discarded(reason: "a command"))
        record.kind = .notice
        record.message.channel = "telegram"
        #expect(try await conversations.keep(record, act: act) == isNew)
    }

    private static func undecided() -> NewTicket {
        var ticket = Sample.ticket(contact: Contact(medium: .telegram, address: place.recipient), category: nil)
        ticket.undecided = true
        ticket.area = nil
        return ticket
    }

    private static func decided(_ category: String) -> Reconsideration.Decided {
        Reconsideration.Decided(
            category: category, office: "municipio-i", priority: .high, area: "municipio-i", dueAt: nil,
            tags: ["strada"],
            undecided: false, decision: "{}", config: "0123456789ab", tells: ["strade@example.org"])
    }

    @Test("the first word opens a ticket, the next join it until it is closed, and then one opens another")
    func joins() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            guard case .wantsOpening = try await take(word("0", opens: false), conversations) else {
                Issue.record("nobody has written yet")
                return
            }
            guard case .opened(let first, let owed) = try await take(word("1"), conversations) else {
                Issue.record("no ticket was opened")
                return
            }
            #expect(owed.isEmpty)
            guard case .appended(first, let told) = try await take(word("2", after: 10), conversations) else {
                Issue.record("the second word did not join the first")
                return
            }
            #expect(told.map(\.template) == ["office_reply"])
            guard case .duplicate = try await take(word("2", after: 20), conversations) else {
                Issue.record("the same word was taken twice")
                return
            }
            #expect(try await conversations.standing(of: Self.place)?.lastMessage == "2")
            let tickets = Tickets(pool: database.pool)
            _ = try await tickets.take(
                Tickets.Step(code: first, at: Sample.moment + .seconds(30), kind: .resolved, by: "urp"), owner: nil,
                due: { _, _ in nil })
            #expect(try await conversations.standing(of: Self.place)?.ticket == nil)
            guard case .opened(let second, _) = try await take(word("3", after: 40), conversations) else {
                Issue.record("a closed ticket was joined")
                return
            }
            #expect(second != first)
            try await obey(.begin(Self.place), conversations)
            guard case .opened = try await take(word("4", after: 50), conversations) else {
                Issue.record("the citizen wanted another ticket")
                return
            }
            let record = try #require(try await tickets.find(code: first))
            #expect(record.messages.map(\.kind) == [.opening, .reply])
            #expect(record.events.map(\.kind) == [.opened, .message, .resolved])
        }
    }

    @Test("of a hundred deliveries of one word at once one is taken, and of a hundred words one opens the ticket")
    func together() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            func all(_ words: [Conversations.Word]) async throws -> [String] {
                try await withThrowingTaskGroup(of: String.self) { tasks in
                    for word in words {
                        tasks.addTask { "\(try await take(word, conversations))".prefix { $0 != "(" }.description }
                    }
                    return try await tasks.reduce(into: []) { $0.append($1) }.sorted()
                }
            }
            let same = try await all((0..<100).map { _ in word("same") })
            #expect(same == Array(repeating: "duplicate", count: 99) + ["opened"])
            try await obey(.begin(Self.place), conversations)
            let others = try await all((0..<100).map { word("other \($0)") })
            #expect(others == Array(repeating: "appended", count: 99) + ["opened"])
            let rows = try await database.pool.query(
                "select count(distinct ticket), count(*) from message where ticket is not null")
            #expect(rows.first?.int(0) == 2)
            #expect(rows.first?.int(1) == 101)
        }
    }

    @Test("the pictures of an album are parts of one message; what comes after it is a message")
    func album() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            let picture = Conversations.Media(reference: "file", name: "", type: "image/jpeg", size: 10)
            guard case .opened(let code, _) = try await take(word("1", group: "g", media: [picture]), conversations)
            else {
                Issue.record("no ticket")
                return
            }
            for id in 2...5 {
                guard
                    case .appended(code, let owed) = try await take(
                        word("\(id)", "", group: "g", after: 1, media: [picture]), conversations)
                else {
                    Issue.record("a picture went astray")
                    return
                }
                #expect(owed.isEmpty)
            }
            _ = try await take(word("6", after: 2), conversations)
            let record = try #require(try await Tickets(pool: database.pool).find(code: code))
            #expect(record.messages.map(\.kind) == [.opening, .reply])
            #expect(record.events.map(\.kind) == [.opened, .message])
            let waiting = try await database.pool.query("select count(*) from media")
            #expect(waiting.first?.int(0) == 5)
        }
    }

    @Test(
        "what follows within minutes decides an undecided ticket again, from all that was said; a person's touch ends it"
    )
    func reconsiders() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            let place = Location(point: GeoPoint(latitude: 41.9, longitude: 12.5), accuracy: 20)
            _ = try await take(word("1", "buongiorno", ticket: Self.undecided()), conversations)
            let taken = try await take(
                word("2", "una buca", after: 10), conversations,
                Self.reconsideration(place) { said in
                    said.texts == ["buongiorno", "una buca"] && said.location == place
                        ? Self.decided("strade.buche") : nil
                })
            guard case .appended(let code, let owed) = taken else {
                Issue.record("not joined")
                return
            }
            #expect(Set(owed.map(\.template)) == ["office_reply", "office_new", "office_work"])
            let work = try #require(owed.first { $0.template == "office_work" })
            #expect(work.medium == .webhook && work.recipient == "municipio-i")
            let tickets = Tickets(pool: database.pool)
            let record = try #require(try await tickets.find(code: code))
            #expect(record.category == "strade.buche")
            #expect(record.office == "municipio-i")
            #expect(!record.undecided)
            #expect(record.events.map(\.kind) == [.opened, .message, .moved])
            let position = try await database.pool.query(
                "select latitude, accuracy from ticket where code = $1", [.text(code)])
            #expect(position.first?.double(0) == 41.9)
            #expect(position.first?.double(1) == 20)
            // Decided from words, it is not turned by more of them.
            _ = try await take(
                word("3", "e rifiuti", after: 20), conversations,
                Self.reconsideration(place) { _ in Self.decided("other") })
            #expect(try await tickets.find(code: code)?.category == "strade.buche")

            try await obey(.begin(Self.place), conversations)
            guard
                case .opened(let second, _) = try await take(
                    word("4", "salve", after: 30, ticket: Self.undecided()), conversations)
            else { return }
            // Too late, by its own clock.
            _ = try await take(
                word("5", "una buca", after: 700), conversations, Self.reconsideration { _ in Self.decided("late") })
            #expect(try await tickets.find(code: second)?.category == nil)
            try await obey(.begin(Self.place), conversations)
            guard
                case .opened(let third, _) = try await take(
                    word("6", "salve", after: 800, ticket: Self.undecided()), conversations)
            else { return }
            _ = try await tickets.take(
                Tickets.Step(
                    code: third, at: Sample.moment + .seconds(801), kind: .note, by: "operator:anna", note: "?",
                    tells: false),
                owner: nil, due: { _, _ in nil })
            _ = try await take(
                word("7", "una buca", after: 802), conversations, Self.reconsideration { _ in Self.decided("turned") })
            #expect(try await tickets.find(code: third)?.category == nil)
        }
    }

    @Test("a file that was fetched belongs to its message, once; one that never comes is told on the ticket")
    func media() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            let journal = MediaJournal(pool: database.pool)
            let files = ["a", "b"].map {
                Conversations.Media(reference: $0, name: "\($0).jpg", type: "image/jpeg", size: nil)
            }
            guard case .opened(let code, _) = try await take(word("1", media: files), conversations) else { return }
            let now = Sample.moment + .seconds(1)
            let claimed = try await journal.claim(limit: 10, at: now, until: now + .seconds(60))
            #expect(claimed.map(\.reference).sorted() == ["a", "b"])
            #expect(claimed.map(\.attempts) == [1, 1])
            #expect(try await journal.claim(limit: 10, at: now, until: now + .seconds(60)).isEmpty)
            let first = try #require(claimed.first { $0.reference == "b" })
            let file = StoredAttachment(
                name: "b.jpg", type: "image/jpeg", hash: [1, 2, 3], content: [9, 9], shown: .itself, isInline: false,
                facts: "{}")
            for _ in 0..<2 {
                _ = try await journal.fetched(first, as: file, reconsider: Self.reconsideration(), at: now, owner: nil)
            }
            let second = try #require(claimed.first { $0.reference == "a" })
            try await journal.failed(second, reason: "away", retryAt: now + .seconds(5))
            let again = try await journal.claim(limit: 10, at: now + .seconds(5), until: now + .seconds(60))
            #expect(again.map(\.attempts) == [2])
            for _ in 0..<2 { try await journal.giveUp(second, reason: "it is gone", at: now + .seconds(6)) }
            #expect(try await journal.claim(limit: 10, at: now + .seconds(600), until: now + .seconds(700)).isEmpty)
            let record = try #require(try await Tickets(pool: database.pool).find(code: code))
            #expect(record.attachments.map(\.name) == ["b.jpg"])
            #expect(record.events.compactMap(\.note) == ["a file could not be fetched: it is gone"])
        }
    }

    @Test("a receipt settles the notification that it names; a failure owes the e-mail once")
    func receipts() async throws {
        try await TestDatabase.with { database in
            let outbox = Outbox(pool: database.pool)
            let writer = try database.writer()
            var ticket = Sample.ticket(notifications: 1)
            ticket.notifications[0].medium = .whatsapp
            ticket.notifications[0].recipient = "wa/39333"
            ticket.notifications[0].fallback = "anna@example.org"
            let id = ticket.notifications[0].id
            #expect(try await writer.submit(Sample.record("1", outcome: .ticket(ticket))).isStored)
            await writer.drain()
            let at = Sample.moment + .seconds(5)
            func apply(_ state: Outbox.Receipt.State) async throws -> [OwedNotification]? {
                try await outbox.apply(
                    Outbox.Receipt(
                        medium: .whatsapp, remoteID: "wamid.1", state: state, reason: state == .failed ? "131026" : nil),
                    at: at, owner: nil)
            }
            #expect(try await apply(.failed) == nil)
            try await outbox.record(
                [
                    Outbox.Outcome(
                        id: id, status: .delivered, attempts: 1, nextAttemptAt: at, at: at, remoteID: "wamid.1")
                ],
                followUps: [], owner: nil)
            #expect(try await apply(.read)?.isEmpty == true)
            #expect(try await apply(.delivered)?.isEmpty == true)
            let tickets = Tickets(pool: database.pool)
            #expect(try await tickets.find(code: ticket.code)?.notifications.map(\.receipt) == ["read"])
            let emails = try #require(try await apply(.failed))
            #expect(emails.map(\.medium) == [.email])
            #expect(emails.map(\.recipient) == ["anna@example.org"])
            #expect(try await apply(.failed)?.isEmpty == true)
            #expect(try await apply(.delivered)?.isEmpty == true)
            let notifications = try #require(try await tickets.find(code: ticket.code)?.notifications)
            #expect(Set(notifications.map(\.status)) == ["refused", "waiting"])
            #expect(notifications.count == 2)
        }
    }

    @Test("a message becomes a ticket of its own, with its file, and its citizen is told; the first one does not")
    func split() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            guard case .opened(let code, _) = try await take(word("1"), conversations) else { return }
            _ = try await take(word("2", "e un lampione", after: 10), conversations)
            let tickets = Tickets(pool: database.pool)
            let messages = try #require(try await tickets.find(code: code)?.messages)
            var fresh = Sample.ticket(notifications: 1)
            fresh.openedAt = Sample.moment + .seconds(60)
            fresh.notifications[0].medium = .telegram
            fresh.notifications[0].recipient = Self.place.recipient
            guard
                case .isOpening = try await tickets.split(
                    messages[0].id, of: code, into: fresh, by: "operator:anna", owner: nil)
            else {
                Issue.record("the first message was taken away")
                return
            }
            guard
                case .done(let owed) = try await tickets.split(
                    messages[1].id, of: code, into: fresh, by: "operator:anna", owner: nil)
            else {
                Issue.record("not split")
                return
            }
            #expect(owed.count == 1)
            guard
                case .noSuchMessage = try await tickets.split(
                    messages[1].id, of: code, into: fresh, by: "operator:anna", owner: nil)
            else {
                Issue.record("split twice")
                return
            }
            let old = try #require(try await tickets.find(code: code))
            #expect(old.messages.count == 1)
            #expect(old.events.last?.note == "a message became the ticket \(fresh.code)")
            let new = try #require(try await tickets.find(code: fresh.code))
            #expect(new.text == "e un lampione")
            #expect(new.links.map(\.code) == [code])
            #expect(new.notifications.count == 1)
        }
    }

    @Test("an answer to a message of ours belongs to that one's ticket, in its own chat and while it is open")
    func answers() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            var first = Sample.ticket(
                contact: Contact(medium: .telegram, address: Self.place.recipient), notifications: 1)
            first.notifications[0].medium = .telegram
            first.notifications[0].recipient = Self.place.recipient
            _ = try await take(word("1", ticket: first), conversations)
            let at = Sample.moment + .seconds(1)
            try await Outbox(pool: database.pool).record(
                [
                    Outbox.Outcome(
                        id: first.notifications[0].id, status: .delivered, attempts: 1, nextAttemptAt: at, at: at,
                        remoteID: "42:7")
                ], followUps: [], owner: nil)
            try await obey(.begin(Self.place), conversations)
            guard case .opened(let second, _) = try await take(word("2", after: 10), conversations) else { return }
            func code(_ id: String, answers: String, after: Int64) async throws -> String? {
                var word = word(id, after: after)
                word.answers = answers
                switch try await take(word, conversations) {
                case .appended(let code, _), .opened(let code, _): return code
                default: return nil
                }
            }
            #expect(try await code("3", answers: "42:8", after: 20) == second)
            #expect(try await code("4", answers: "42:7", after: 30) == first.code)
            // The chat is at that matter again.
            #expect(try await conversations.standing(of: Self.place)?.ticket?.code == first.code)
            _ = try await Tickets(pool: database.pool).take(
                Tickets.Step(code: first.code, at: Sample.moment + .seconds(40), kind: .resolved, by: "urp"),
                owner: nil,
                due: { _, _ in nil })
            let third = try await code("5", answers: "42:7", after: 50)
            #expect(third != nil && third != first.code && third != second)
            // Nobody else's chat.
            var stranger = word("6", after: 60)
            stranger.place = Conversations.Place(channel: "telegram", chat: "43")
            stranger.answers = "42:7"
            guard case .opened = try await take(stranger, conversations) else {
                Issue.record("a stranger joined the ticket")
                return
            }
        }
    }

    @Test("who wants to hear nothing is remembered, and may change their mind; poll positions are kept")
    func small() async throws {
        try await TestDatabase.with { database in
            let conversations = Conversations(pool: database.pool)
            try await obey(.mute(true, Self.place), conversations, id: "stop")
            #expect(try await conversations.standing(of: Self.place)?.isMuted == true)
            try await obey(.mute(false, Self.place), conversations)
            #expect(try await conversations.standing(of: Self.place)?.isMuted == false)
            // What was obeyed before is not obeyed again when it comes again.
            try await obey(.mute(true, Self.place), conversations, id: "stop", isNew: false)
            #expect(try await conversations.standing(of: Self.place)?.isMuted == false)
            let positions = PollPositions(pool: database.pool)
            #expect(try await positions.position(of: "mastodon") == nil)
            try await positions.remember("1", of: "mastodon")
            try await positions.remember("2", of: "mastodon")
            #expect(try await positions.position(of: "mastodon") == "2")
            #expect(Conversations.Place(recipient: "tg/a/b") == Conversations.Place(channel: "tg", chat: "a/b"))
        }
    }
}
