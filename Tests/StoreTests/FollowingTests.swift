import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "tickets at other bodies' servers", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing),
    .timeLimit(.minutes(30)))
struct FollowingTests {
    private static let polls = ["acqua": Duration.seconds(600)]
    private static let done = Sample.moment + .seconds(10)

    private func at(_ seconds: Int64) -> Timestamp { Self.done + .seconds(seconds) }

    /// A ticket that was handed on, and its notification as the queue leaves it.
    private func handedOn(
        _ id: String, _ status: Outbox.Outcome.Status = .delivered, remote: String? = "U-1", in database: TestDatabase
    ) async throws -> (ticket: NewTicket, notification: Identifier) {
        let ticket = Sample.ticket()
        try await database.open(Sample.record(id, outcome: .ticket(ticket)))
        var step = Tickets.Step(
            code: ticket.code, at: Sample.moment + .seconds(1), kind: .forwarded, by: "urp", office: "acqua")
        step.offices = OfficeNotices(
            language: "it",
            work: {
                $0 == "acqua" ? [.init(contact: Contact(medium: .open311, address: $0), lifetime: .seconds(60))] : []
            },
            news: { _ in [] })
        guard case .done(let owed) = try await database.tickets.take(step, owner: nil, due: { _, _ in nil }),
            let work = owed.first(where: { $0.medium == .open311 })
        else { throw Missing() }
        let outcome = Outbox.Outcome(
            id: work.id, status: status, attempts: 1, nextAttemptAt: Self.done, at: Self.done, remoteID: remote)
        try await database.outbox.record([outcome], followUps: [], owner: nil)
        return (ticket, work.id)
    }

    private struct Missing: Error {}

    private func lease(_ now: Timestamp, in database: TestDatabase) async throws -> [Outbox.Followed] {
        try await database.outbox.lease(Self.polls, at: now, until: now + .seconds(300), limit: 10)
    }

    @Test("a ticket is looked at after the office's pause, by one daemon, and again when it is time")
    func leases() async throws {
        try await TestDatabase.with { database in
            let (ticket, id) = try await handedOn("a", in: database)
            #expect(try await lease(at(599), in: database).isEmpty)
            let looks = try await withThrowingTaskGroup(of: [Outbox.Followed].self) { group in
                for _ in 0..<3 { group.addTask { try await lease(at(600), in: database) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let followed = try #require(looks.first)
            #expect(looks.count == 1)
            #expect(followed.id == id && followed.code == ticket.code && followed.remoteID == "U-1")
            #expect(followed.status == .forwarded && followed.steps == 0 && followed.last == nil)
            #expect(!followed.isSuperseded && !followed.isClosedByThem)
            // The daemon that looked has died.
            #expect(try await lease(at(899), in: database).isEmpty)
            #expect(try await lease(at(900), in: database).count == 1)
            try await database.outbox.looked([id], next: [at(2000)])
            #expect(try await lease(at(1999), in: database).isEmpty)
            #expect(try await lease(at(2000), in: database).count == 1)
            try await database.outbox.looked([id], next: [nil])
            #expect(try await lease(at(1_000_000), in: database).isEmpty)
        }
    }

    @Test("their steps are told apart from ours, and one that has gone on elsewhere is known")
    func steps() async throws {
        try await TestDatabase.with { database in
            let (ticket, _) = try await handedOn("a", in: database)
            func take(_ kind: TicketEvent.Kind, _ number: Int?, after seconds: Int64, by: String) async throws {
                _ = try await database.tickets.take(
                    Tickets.Step(
                        code: ticket.code, at: at(seconds), kind: kind, by: by,
                        externalID: number.map { Outbox.externalID(ofStep: $0, of: "U-1") },
                        office: kind == .moved ? "ama" : nil),
                    owner: nil, due: { _, _ in nil })
            }
            try await take(.inProgress, 1, after: 1, by: "acqua")
            try await take(.resolved, 2, after: 2, by: "acqua")
            try await take(.resolved, 2, after: 3, by: "acqua")
            var followed = try #require(try await lease(at(1000), in: database).first)
            #expect(followed.steps == 2 && followed.last == .resolved && followed.isClosedByThem)
            #expect(followed.closedAt == at(2))
            try await take(.reopened, nil, after: 4, by: "operator:carla")
            try await take(.rejected, nil, after: 5, by: "operator:carla")
            followed = try #require(try await lease(at(2000), in: database).first)
            #expect(followed.steps == 2 && !followed.isClosedByThem && !followed.isSuperseded)
            try await take(.reopened, nil, after: 6, by: "operator:carla")
            try await take(.moved, nil, after: 7, by: "operator:carla")
            followed = try #require(try await lease(at(3000), in: database).first)
            #expect(followed.isSuperseded)
        }
    }

    @Test("one whose answer was lost is looked for until its id is known; one without an id is not followed")
    func identified() async throws {
        try await TestDatabase.with { database in
            let (_, lost) = try await handedOn("a", .uncertain, remote: nil, in: database)
            _ = try await handedOn("b", .delivered, remote: nil, in: database)
            _ = try await handedOn("c", .refused, remote: nil, in: database)
            let followed = try await lease(at(600), in: database)
            #expect(followed.map(\.id) == [lost])
            #expect(followed.first?.remoteID == nil)
            try await database.outbox.identify(lost, as: "U-9", at: at(601))
            try await database.outbox.looked([lost], next: [at(700)])
            #expect(try await lease(at(700), in: database).first?.remoteID == "U-9")
            let status = try await database.pool.query(
                "select status from notification where id = $1", [.uuid(lost.high, lost.low)])
            #expect(status.first?.string(0) == "delivered")
        }
    }
}
