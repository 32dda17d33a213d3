import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("ticket events", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct TicketEventTests {
    private static let later = Sample.moment + .seconds(600)

    private func step(
        _ ticket: NewTicket, _ kind: TicketEvent.Kind, id: String? = nil, by: String = "urp",
        at: Timestamp = later, change: (inout Tickets.Step) -> Void = { _ in }
    ) -> Tickets.Step {
        var step = Tickets.Step(code: ticket.code, at: at, kind: kind, by: by, externalID: id)
        change(&step)
        return step
    }

    private func take(
        _ step: Tickets.Step, in database: TestDatabase, owner: Holder? = nil
    ) async throws -> Tickets.StepResult {
        try await database.tickets.take(step, owner: owner) { _, from in from + .seconds(1000) }
    }

    private func withTicket(
        _ ticket: NewTicket = Sample.ticket(), _ body: (TestDatabase, NewTicket) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            try await body(database, ticket)
        }
    }

    @Test("a step moves the ticket, and the citizen is owed a notification")
    func moves() async throws {
        try await withTicket { database, ticket in
            let step = step(ticket, .acknowledged, id: "1") { $0.note = "presa in carico" }
            let owed = try #require(try await take(step, in: database, owner: 7).owed)
            #expect(owed.template == "acknowledged")
            #expect(owed.recipient == "anna@example.org")
            #expect(owed.expiresAt == Self.later + .seconds(72 * 3600))
            #expect(owed.priority == .high)
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.status == .acknowledged)
            #expect(stored.dueAt == ticket.dueAt)
            #expect(stored.events.map(\.kind) == [.opened, .acknowledged])
            #expect(stored.events.last?.note == "presa in carico")
            #expect(stored.notifications.map(\.id) == [owed.id])
            #expect(try await database.number("select owner from notification") == 7)
        }
    }

    @Test("the files of a step, in their order, without what a photo tells of its maker")
    func files() async throws {
        try await withTicket { database, ticket in
            func file(_ name: String, _ byte: UInt8, shown: StoredAttachment.Shown?) -> StoredAttachment {
                StoredAttachment(
                    name: name, type: "application/pdf", hash: Array(repeating: byte, count: 32),
                    content: [byte, 0, 255], shown: shown, isInline: false, facts: "{}")
            }
            let copy = StoredAttachment.Shown.copy(hash: Array(repeating: 9, count: 32), content: [9])
            let step = step(ticket, .resolved, id: "1") {
                $0.attachments = [
                    file("b.pdf", 1, shown: .itself), file("a.jpg", 2, shown: copy), file("c.zip", 3, shown: nil),
                ]
            }
            let owed = try #require(try await take(step, in: database).owed)
            let outbox = Outbox(pool: database.pool)
            #expect(owed.hasFiles)
            let files = try await outbox.files(of: owed)
            #expect(files.map(\.name) == ["b.pdf", "a.jpg", "c.zip"])
            #expect(files.map(\.content) == [[1, 0, 255], [9], [3, 0, 255]])
            #expect(try await outbox.fileNames(of: owed) == ["b.pdf", "a.jpg", "c.zip"])
            #expect(try await take(self.step(ticket, .reopened, id: "2"), in: database).owed?.hasFiles == false)
        }
    }

    @Test("an answer may ask for a payment: on record, told by its own template, and kept for who delivers later")
    func payment() async throws {
        try await withTicket { database, ticket in
            let notice = try #require(
                PaymentNotice(
                    amount: 9_999_999_999, noticeNumber: "301011100007347557", due: CivilDate("2026-12-31"),
                    invalidAfterDue: true))
            let step = step(ticket, .answered, id: "1") { $0.payment = notice }
            let owed = try #require(try await take(step, in: database).owed)
            #expect(owed.template == "payment")
            #expect(owed.payment == notice)
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.events.map(\.payment) == [nil, notice])
            #expect(
                stored.json(personal: false).text.contains(
                    #""payment":{"amount":9999999999,"notice_number":"301011100007347557","due_date":"2026-12-31","invalid_after_due_date":true}"#
                ))
            let claimed = try await database.outbox.claim(
                owner: 1, limit: 9, dueBefore: Self.later + .seconds(3600), deadAfter: DaemonRegistry.dead)
            #expect(claimed.waiting.map(\.payment) == [notice])
            #expect(claimed.waiting.map(\.template) == ["payment"])
        }
    }

    @Test("a correction names the template of what was told last, errata and offices' mails excepted")
    func corrected() async throws {
        try await withTicket { database, ticket in
            let nothing = try #require(try await take(step(ticket, .corrected, id: "0"), in: database).owed)
            #expect(nothing.template == "corrected")
            #expect(nothing.corrects == nil)
            _ = try await take(step(ticket, .acknowledged, id: "1", at: Self.later + .seconds(1)), in: database)
            for (id, seconds) in [("2", 2), ("3", 3)] {
                let step = step(ticket, .corrected, id: id, at: Self.later + .seconds(seconds)) { $0.note = "lunedì" }
                let owed = try #require(try await take(step, in: database).owed)
                #expect(owed.corrects == "acknowledged")
                #expect(owed.note == "lunedì")
            }
            let claimed = try await database.outbox.claim(
                owner: 1, limit: 9, dueBefore: Self.later + .seconds(3600), deadAfter: DaemonRegistry.dead)
            #expect(
                claimed.waiting.filter { $0.template == "corrected" }.map(\.corrects)
                    .sorted { ($0 ?? "") < ($1 ?? "") } == [nil, "acknowledged", "acknowledged"])
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.status == .acknowledged)
        }
    }

    @Test("the same event again changes nothing, also once it would be impossible")
    func idempotent() async throws {
        try await withTicket { database, ticket in
            let first = step(ticket, .acknowledged, id: "1")
            #expect(try await take(first, in: database).isDone)
            #expect(try await take(first, in: database).isDuplicate)
            #expect(try await take(step(ticket, .resolved, id: "2"), in: database).isDone)
            #expect(try await take(first, in: database).isDuplicate)
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.status == .resolved)
            #expect(stored.events.count == 3)
            #expect(stored.notifications.count == 2)
            // Another office's event may have the same id.
            #expect(try await take(step(ticket, .reopened, id: "1", by: "ama"), in: database).isDone)
        }
    }

    @Test("the same event several times at once is one event")
    func together() async throws {
        try await withTicket { database, ticket in
            let step = step(ticket, .resolved, id: "1")
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<6 { group.addTask { try await take(step, in: database).isDone } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await database.number("select count(*) from notification") == 1)
        }
    }

    @Test("an impossible step is refused and leaves no trace")
    func impossible() async throws {
        try await withTicket { database, ticket in
            #expect(try await take(step(ticket, .reopened, id: "0"), in: database).refusedAs == .open)
            #expect(try await take(step(ticket, .resolved, id: "1"), in: database).isDone)
            for kind in [TicketEvent.Kind.acknowledged, .inProgress, .forwarded, .rejected] {
                #expect(try await take(step(ticket, kind, id: "2"), in: database).refusedAs == .resolved)
            }
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.events.map(\.kind) == [.opened, .resolved])
            #expect(stored.notifications.count == 1)
            // The refused event's id is still free.
            #expect(try await take(step(ticket, .reopened, id: "2"), in: database).isDone)
        }
    }

    @Test("a ticket that is not there")
    func missing() async throws {
        try await withTicket { database, ticket in
            var step = step(ticket, .resolved)
            step.code = "RM-0"
            guard case .noSuchTicket = try await take(step, in: database) else {
                Issue.record("found")
                return
            }
            #expect(try await database.tickets.find(code: "RM-0") == nil)
        }
    }

    @Test("closing is dated once, reopening undoes it and gives a new due time")
    func closing() async throws {
        try await withTicket { database, ticket in
            let times = (1...4).map { Sample.moment + .seconds(Int64($0) * 3600) }
            _ = try await take(step(ticket, .resolved, at: times[0]), in: database)
            _ = try await take(step(ticket, .resolved, at: times[1]) { $0.note = "ancora" }, in: database)
            #expect(try await database.tickets.find(code: ticket.code)?.closedAt == times[0])
            #expect(try await database.tickets.find(code: ticket.code)?.dueAt == ticket.dueAt)
            let owed = try await take(step(ticket, .reopened, at: times[2]), in: database).owed
            #expect(owed?.dueAt == times[2] + .seconds(1000))
            let reopened = try #require(try await database.tickets.find(code: ticket.code))
            #expect(reopened.status == .reopened)
            #expect(reopened.closedAt == nil)
            #expect(reopened.dueAt == times[2] + .seconds(1000))
            _ = try await take(step(ticket, .rejected, at: times[3]), in: database)
            #expect(try await database.tickets.find(code: ticket.code)?.closedAt == times[3])
        }
    }

    @Test("a move changes office, category and due time, which counts from the opening")
    func moved() async throws {
        try await withTicket { database, ticket in
            let moved = step(ticket, .moved, by: "operator:carla") {
                $0.office = "ama"
                $0.category = "rifiuti.cassonetti"
            }
            let asked = Gathered<String?>()
            _ = try await database.tickets.take(moved, owner: nil) { category, from in
                asked.add(category)
                return from + .seconds(1000)
            }
            #expect(asked.values == ["rifiuti.cassonetti"])
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.office == "ama")
            #expect(stored.category == "rifiuti.cassonetti")
            #expect(stored.status == .open)
            #expect(stored.dueAt == ticket.openedAt + .seconds(1000))
        }
    }

    @Test("a hand-over leaves the ticket with its office and names the other")
    func forwarded() async throws {
        try await withTicket { database, ticket in
            let step = step(ticket, .forwarded) { $0.office = "ama" }
            let owed = try await take(step, in: database).owed
            #expect(owed?.forwardedTo == "ama")
            #expect(owed?.office == "urp")
            let stored = try #require(try await database.tickets.find(code: ticket.code))
            #expect(stored.office == "urp")
            #expect(stored.events.last?.office == "ama")
            // What is claimed from the table says the same as what is delivered from memory.
            let claimed = try await database.outbox.claim(
                owner: 1, limit: 10, dueBefore: Self.later, deadAfter: .seconds(10))
            #expect(claimed.waiting.first?.forwardedTo == "ama")
            #expect(claimed.waiting.first?.office == "urp")
            #expect(claimed.waiting.first?.eventAt == Self.later)
        }
    }

    @Test("nobody is told without a contact, or if the step does not tell")
    func untold() async throws {
        try await withTicket(Sample.ticket(contact: nil)) { database, ticket in
            let result = try await take(step(ticket, .acknowledged), in: database)
            #expect(result.isDone && result.owed == nil)
        }
        try await withTicket { database, ticket in
            let note = step(ticket, .note) { $0.tells = false }
            let result = try await take(note, in: database)
            #expect(result.isDone && result.owed == nil)
            #expect(try await database.tickets.find(code: ticket.code)?.status == .open)
            #expect(try await database.number("select count(*) from notification") == 0)
            #expect(try await database.number("select count(*) from event") == 2)
        }
    }

    @Test("the list filters, the newest first")
    func list() async throws {
        try await TestDatabase.with { database in
            let categories = ["strade.buche", "strade.marciapiedi", "stradelle.x", nil]
            for (index, category) in categories.enumerated() {
                var record = Sample.record(
                    "\(index)", text: index == 0 ? "100% _buca_" : "una voragine",
                    outcome: .ticket(Sample.ticket(category: category)))
                record.message.receivedAt = Sample.moment + .seconds(Int64(index))
                try await database.open(record)
            }
            func categoriesOf(_ change: (inout Tickets.Filter) -> Void) async throws -> [String?] {
                var filter = Tickets.Filter()
                change(&filter)
                return try await database.tickets.list(filter).map(\.category)
            }
            #expect(try await categoriesOf { _ in } == categories.reversed())
            #expect(try await categoriesOf { $0.limit = 1 } == [nil])
            #expect(try await categoriesOf { $0.category = "strade" } == ["strade.marciapiedi", "strade.buche"])
            #expect(try await categoriesOf { $0.text = "% _BUCA_" } == ["strade.buche"])
            #expect(try await categoriesOf { $0.text = "%voragine" }.isEmpty)
            #expect(try await categoriesOf { $0.text = "vora\0gine" }.count == 3)
            #expect(try await categoriesOf { $0.status = "resolved" }.isEmpty)
            #expect(try await categoriesOf { $0.openedBefore = Sample.moment + .seconds(1) } == ["strade.buche"])
        }
    }
}

extension Tickets.StepResult {
    var isDone: Bool {
        if case .done = self { true } else { false }
    }
    var isDuplicate: Bool {
        if case .duplicate = self { true } else { false }
    }
    var owed: OwedNotification? {
        if case .done(let owed) = self { owed.first { !$0.isToOffice } } else { nil }
    }
    var refusedAs: TicketStatus? {
        if case .notAllowed(let status) = self { status } else { nil }
    }
}
