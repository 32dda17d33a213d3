import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "tickets that wait", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct TicketWaitingTests {
    /// Each waited second counts twice, so that a test sees whose word it is.
    private static let timing = Timing(
        plan: { NotificationPlan(nextAttemptAt: $0.owedAt, expiresAt: $0.owedAt + .seconds(3600)) },
        due: { due, wait, target, category, office in
            due + (wait.to - wait.from) * (target == .workingHours(8) ? 3 : 2)
        })

    private func with(_ body: (TestDatabase, NewTicket) async throws -> Void) async throws {
        var ticket = Sample.ticket()
        ticket.decision = #"{"decision":{"category":"strade.buche","sla":"2d"}}"#
        try await TestDatabase.with { [ticket] database in
            try await database.open(Sample.record("a", outcome: .ticket(ticket)))
            try await body(database, ticket)
        }
    }

    @discardableResult private func take(
        _ kind: TicketEvent.Kind, _ ticket: NewTicket, _ second: Int64, in database: TestDatabase,
        change: (inout Tickets.Step) -> Void = { _ in }
    ) async throws -> Tickets.StepResult {
        var step = Tickets.Step(
            code: ticket.code, at: Sample.moment + .seconds(second), kind: kind, by: "urp",
            note: kind == .waiting ? "Quale numero civico?" : nil, timing: Self.timing)
        change(&step)
        return try await database.tickets.take(step, owner: nil) { _, from in from + .seconds(1000) }
    }

    private func stored(_ ticket: NewTicket, in database: TestDatabase) async throws -> TicketRecord {
        try #require(try await database.tickets.find(code: ticket.code))
    }

    private func write(
        _ id: String, to ticket: NewTicket, _ second: Int64, in database: TestDatabase,
        event: TicketEvent.Kind? = .message
    ) async throws -> [OwedNotification] {
        var record = Sample.record(id, outcome: .appended(to: ticket.number))
        record.message.receivedAt = Sample.moment + .seconds(second)
        record.message.id = .timeOrdered(at: record.message.receivedAt)
        record.kind = .reply
        let addition = Correspondence.Addition(
            record: record, ticket: ticket.number, event: event, by: "citizen", note: "il 12",
            offices: Sample.offices, timing: Self.timing)
        guard
            case .appended(let owed) = try await database.tickets.correspondence.append(
                addition, owner: nil, due: { _, _, _ in nil })
        else { throw Unexpected() }
        return owed
    }

    private struct Unexpected: Error {}

    @Test("the citizen is asked; their word makes the ticket go on, later by the time it waited, and tells the office")
    func answered() async throws {
        try await with { database, ticket in
            let due = try #require(ticket.dueAt)
            let owed = try #require(try await take(.waiting, ticket, 100, in: database).owed)
            #expect(owed.template == "waiting" && owed.note == "Quale numero civico?")
            var now = try await stored(ticket, in: database)
            #expect(now.status == .waiting && now.waitingSince == Sample.moment + .seconds(100) && now.dueAt == due)
            #expect(try await database.tickets.counts().waiting == 1)
            // Asked again, it waits since the first time; a note, an answer and a mail system's word change nothing.
            try await take(.waiting, ticket, 150, in: database)
            try await take(.note, ticket, 160, in: database) { $0.tells = false }
            try await take(.answered, ticket, 170, in: database)
            _ = try await write("n", to: ticket, 180, in: database, event: .note)
            now = try await stored(ticket, in: database)
            #expect(now.status == .waiting && now.waitingSince == Sample.moment + .seconds(100) && now.dueAt == due)

            let told = try await write("m", to: ticket, 400, in: database)
            #expect(told.map(\.template) == ["office_reply"] && told.first?.dueAt == due + .seconds(600))
            now = try await stored(ticket, in: database)
            #expect(now.status == .inProgress && now.waitingSince == nil && now.dueAt == due + .seconds(600))
            #expect(try await database.tickets.counts().waiting == 0)
            // What they write besides changes nothing more.
            _ = try await write("m2", to: ticket, 500, in: database)
            now = try await stored(ticket, in: database)
            #expect(now.status == .inProgress && now.dueAt == due + .seconds(600))
            var filter = Tickets.Filter()
            filter.status = "waiting"
            #expect(try await database.tickets.list(filter).isEmpty)
        }
    }

    @Test(
        "a step that moves the ticket on ends the wait",
        arguments: [TicketEvent.Kind.inProgress, .forwarded, .resolved])
    func steps(_ kind: TicketEvent.Kind) async throws {
        try await with { database, ticket in
            try await take(.waiting, ticket, 100, in: database)
            try await take(kind, ticket, 200, in: database) { $0.office = kind == .forwarded ? "ama" : nil }
            let now = try await stored(ticket, in: database)
            #expect(now.status.rawValue == kind.rawValue && now.waitingSince == nil)
            #expect(now.dueAt == ticket.dueAt.map { $0 + .seconds(200) })
        }
    }

    @Test("what the rules gave it to be done in counts, until it is moved to another category")
    func target() async throws {
        try await with { database, ticket in
            _ = try await database.pool.query(
                "update ticket set decision = jsonb_set(decision, '{decision,sla}', '\"8wh\"')")
            try await take(.waiting, ticket, 100, in: database)
            _ = try await write("m", to: ticket, 200, in: database)
            let due = ticket.dueAt.map { $0 + .seconds(300) }
            #expect(try await stored(ticket, in: database).dueAt == due)
            // Moved: due anew, but for the time it waited; and it goes on waiting where it is.
            try await take(.waiting, ticket, 300, in: database)
            try await take(.moved, ticket, 350, in: database) {
                $0.office = "ama"
                $0.category = "rifiuti.raccolta"
                $0.tells = false
            }
            var now = try await stored(ticket, in: database)
            #expect(now.status == .waiting && now.waitingSince == Sample.moment + .seconds(300))
            #expect(now.dueAt == Sample.moment + .seconds(1000 + 200))
            try await take(.acknowledged, ticket, 400, in: database)
            now = try await stored(ticket, in: database)
            #expect(now.dueAt == Sample.moment + .seconds(1200 + 200))
        }
    }

    @Test("one that is not due waits and goes on; a closed one cannot wait")
    func edges() async throws {
        try await with { database, ticket in
            _ = try await database.pool.query("update ticket set due_at = null")
            try await take(.waiting, ticket, 100, in: database)
            _ = try await write("m", to: ticket, 200, in: database)
            let now = try await stored(ticket, in: database)
            #expect(now.status == .inProgress && now.dueAt == nil)
            try await take(.resolved, ticket, 300, in: database)
            #expect(try await take(.waiting, ticket, 400, in: database).refusedAs == .resolved)
            #expect(try await stored(ticket, in: database).waitingSince == nil)
        }
    }
}
