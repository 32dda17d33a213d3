import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "offices hear of tickets", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct OfficeNoticeTests {
    /// `urp` has a system and a mailbox, `ama` a system, `acqua` an Open311 server, everybody else a mailbox that is told
    /// of replies only.
    private static let offices = OfficeNotices(
        language: "it",
        work: { office in
            func address(_ medium: Medium, _ recipient: String) -> OfficeNotices.Address {
                .init(contact: Contact(medium: medium, address: recipient), lifetime: .seconds(5 * 86_400))
            }
            switch office {
            case "urp": return [address(.email, "urp@example.org"), address(.webhook, "urp")]
            case "ama": return [address(.webhook, "ama")]
            case "acqua": return [address(.open311, "acqua")]
            default: return []
            }
        },
        news: { office in
            func address(_ medium: Medium, _ recipient: String) -> OfficeNotices.Address {
                .init(contact: Contact(medium: medium, address: recipient), lifetime: .seconds(5 * 86_400))
            }
            switch office {
            case "urp": return [address(.email, "urp@example.org"), address(.webhook, "urp")]
            case "ama": return [address(.webhook, "ama")]
            default: return [address(.email, "\(office)@example.org")]
            }
        })

    private func take(
        _ kind: TicketEvent.Kind, to office: String? = nil, by: String = "operator:carla", id: String? = nil,
        _ ticket: NewTicket, in database: TestDatabase
    ) async throws -> [String] {
        var step = Tickets.Step(
            code: ticket.code, at: Sample.moment + .seconds(60), kind: kind, by: by, externalID: id, office: office,
            tells: false)
        step.offices = Self.offices
        guard case .done(let owed) = try await database.tickets.take(step, owner: 5, due: { _, _ in nil }) else {
            return ["refused"]
        }
        // What was answered stands in the table.
        for one in owed {
            let rows = try await database.pool.query(
                "select n.template from notification n where n.id = $1 and n.owner = 5 and n.event = $2",
                [.uuid(one.id.high, one.id.low), .uuid(one.event.high, one.event.low)])
            #expect(rows.first?.string(0) == one.template)
            #expect(one.expiresAt == Sample.moment + .seconds(60 + 5 * 86_400))
        }
        return owed.map { "\($0.medium.rawValue) \($0.recipient) \($0.template)" }
    }

    private func expect(
        _ told: [String], _ expected: [String], _ comment: Comment? = nil,
        at sourceLocation: SourceLocation = #_sourceLocation
    ) { #expect(told == expected, comment, sourceLocation: sourceLocation) }

    private func withTicket(_ body: (TestDatabase, NewTicket) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            let ticket = Sample.ticket()
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            try await body(database, ticket)
        }
    }

    @Test("a ticket that is moved is told to the office that has it now, by each of its media")
    func moved() async throws {
        try await withTicket { database, ticket in
            expect(try await take(.moved, to: "ama", ticket, in: database), ["webhook ama office_work"])
            expect(
                try await take(.moved, to: "urp", ticket, in: database),
                [
                    "email urp@example.org office_work", "webhook urp office_work",
                ])
            expect(try await take(.moved, to: "urp", ticket, in: database), [], "it had it already")
            expect(try await take(.moved, to: "scuola", ticket, in: database), [], "it has no work")
        }
    }

    @Test("a ticket that is handed on is told there, and the office that answers for it follows in its system")
    func forwarded() async throws {
        try await withTicket { database, ticket in
            expect(
                try await take(.forwarded, to: "acqua", by: "urp", id: "1", ticket, in: database),
                [
                    "open311 acqua office_work"
                ])
            expect(try await take(.forwarded, to: "acqua", by: "urp", id: "1", ticket, in: database), ["refused"])
            expect(
                try await take(.forwarded, to: "ama", ticket, in: database),
                [
                    "webhook ama office_work", "webhook urp office_reply",
                ])
            expect(try await take(.forwarded, to: "ama", by: "ama", ticket, in: database), ["webhook urp office_reply"])
        }
    }

    @Test("an office's system learns what others did on its ticket, and nothing of its own steps; letters are for work")
    func followed() async throws {
        try await withTicket { database, ticket in
            expect(try await take(.acknowledged, by: "urp", ticket, in: database), [])
            expect(try await take(.inProgress, by: "acqua", ticket, in: database), ["webhook urp office_reply"])
            expect(try await take(.resolved, by: "acqua", ticket, in: database), ["webhook urp office_reply"])
            expect(
                try await take(.reopened, ticket, in: database),
                [
                    "email urp@example.org office_reply", "webhook urp office_reply",
                ])
            expect(try await take(.note, ticket, in: database), [])
            expect(try await take(.answered, ticket, in: database), [])
        }
    }

    @Test("a citizen's reply is told once by each medium, of ten replies within an hour at most")
    func replies() async throws {
        try await withTicket { database, ticket in
            var owed: [OwedNotification] = []
            for number in 0..<12 {
                var record = Sample.record("r\(number)", outcome: .appended(to: ticket.number))
                record.kind = .reply
                record.message.receivedAt = Sample.moment + .seconds(Int64(number + 1))
                let addition = Correspondence.Addition(
                    record: record, ticket: ticket.number, event: .message, by: "citizen", note: "ancora",
                    offices: Self.offices)
                for _ in 0..<2 {
                    if case .appended(let more) = try await Correspondence(pool: database.pool).append(
                        addition, owner: nil, due: { _, _, _ in nil })
                    {
                        owed += more
                    }
                }
            }
            #expect(owed.count == 20)
            #expect(Set(owed.map(\.event)).count == 10)
            #expect(owed.allSatisfy { $0.template == "office_reply" && $0.note == "ancora" })
            #expect(Set(owed.map(\.medium)) == [.email, .webhook])
        }
    }

    @Test("what a system is told is the ticket as it stands, and the event")
    func task() async throws {
        try await withTicket { database, ticket in
            var step = Tickets.Step(
                code: ticket.code, at: Sample.moment + .seconds(60), kind: .forwarded, by: "urp", note: "è vostro",
                office: "acqua")
            step.offices = Self.offices
            guard case .done(let owed) = try await database.tickets.take(step, owner: nil, due: { _, _ in nil }),
                let work = owed.first(where: { $0.medium == .open311 })
            else {
                Issue.record("nothing is owed")
                return
            }
            let task = try #require(try await database.tickets.task(ticket.code, event: work.event))
            #expect(task.ticket.code == ticket.code && task.ticket.text == "una buca")
            #expect(task.event.kind == .forwarded && task.event.office == "acqua" && task.event.note == "è vostro")
            #expect(try await database.tickets.lastTask(ticket.code)?.event == task.event)
            #expect(try await database.tickets.task("RM-0", event: work.event) == nil)
        }
    }
}
