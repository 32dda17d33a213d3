import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("the audit trail", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct AuditTests {
    @Test("Each act has its line, in its own transaction; what was refused has none")
    func lines() async throws {
        try await TestDatabase.with { database in
            let record = Person.record("1")
            try await database.open(record)
            let code = try #require(record.ticket?.code)
            try await database.close(code)
            // Not allowed: nothing changed, nothing is on record.
            var again = Tickets.Step(code: code, at: Sample.moment, kind: .acknowledged, by: "urp")
            again.audited = .office("urp")
            guard case .notAllowed = try await database.tickets.take(again, owner: nil, due: { _, _ in nil }) else {
                Issue.record("a closed ticket was acknowledged")
                return
            }
            var all = Outbox.Selection(statuses: ["waiting"])
            all.ticket = code
            let count = try await database.outbox.cancel(all, by: .account("anna"))
            #expect(count == 3)
            #expect(try await database.outbox.retry(all.cancelled, lifetime: .seconds(60), by: .account("anna")) == 3)
            let mail = UnreadMail(pool: database.pool)
            try await mail.keep([1], channel: "posta", reason: "?", at: Sample.moment)
            let id = try #require(try await mail.list(all: false).first?.id)
            try await mail.replayed(id, at: Sample.moment, by: .account("anna"))
            let stories = try await database.tickets.stories(
                of: .phone, "+393479988776", by: .office("urp"), at: Sample.moment)
            #expect(stories.map(\.citizen) == [Person.id])
            #expect(stories.first?.tickets.map(\.code) == [code])
            #expect(
                try await database.tickets.stories(of: .phone, "+390", by: .office("urp"), at: Sample.moment).isEmpty)

            let trail = AuditTrail(pool: database.pool)
            let entries = try await trail.list(.init()).reversed()
            #expect(
                entries.map { "\($0.actor) \($0.action) \($0.ticket ?? "-") \($0.details ?? "-")" } == [
                    "office:urp ticket.resolved \(code) -", "operator:anna queue.cancel \(code) {\"notifications\": 3}",
                    "operator:anna queue.retry \(code) {\"notifications\": 3}",
                    "operator:anna inbox.replay - {\"mail\": \"\(id)\"}",
                    "office:urp citizen.read - {\"found\": 1, \"known_by\": \"phone\"}",
                    "office:urp citizen.read - {\"found\": 0, \"known_by\": \"phone\"}",
                ])
            #expect(entries.compactMap(\.citizen) == [Person.id])
            var filter = AuditTrail.Filter()
            filter.ticket = code
            #expect(try await trail.list(filter).count == 3)
            filter.action = "queue"
            #expect(try await trail.list(filter).count == 2)
            filter.since = .current + .seconds(3600)
            #expect(try await trail.list(filter).isEmpty)
        }
    }

    @Test("Rows are neither changed nor removed, but by age")
    func kept() async throws {
        try await TestDatabase.with { database in
            let day = Duration.seconds(86_400)
            try await database.session { connection in
                try await connection.transaction { session in
                    for age in [0, 20, 40, 400] {
                        try await AuditLine(
                            at: .current + (.zero - day * age), actor: .daemon, action: "day.\(age)"
                        ).append(in: session)
                    }
                }
            }
            // Nor those that are old enough, unless their age is declared.
            for sql in [
                "update audit set actor = 'x'", "truncate audit", "delete from audit where action = 'day.0'",
                "delete from audit where action = 'day.40'",
            ] {
                await #expect(throws: PostgresError.self) { try await database.pool.query(sql) }
            }
            // Whoever declares less than thirty days gains nothing.
            await #expect(throws: PostgresError.self) {
                try await database.pool.transaction { session in
                    _ = try await session.query("set local pasquino.audit_age = '1 day'")
                    _ = try await session.query("delete from audit where action = 'day.20'")
                }
            }
            let sweep = RetentionSweep(pool: database.pool)
            let now = Timestamp.current
            #expect(try await sweep.run(.audit, before: now + (.zero - day * 365), at: now)?.removed == 1)
            let left = try await AuditTrail(pool: database.pool).list(.init()).map(\.action)
            #expect(Set(left) == ["day.0", "day.20", "day.40", "retention.audit"])
        }
    }
}

extension Outbox.Selection {
    /// The same, of what was cancelled.
    fileprivate var cancelled: Outbox.Selection {
        var selection = self
        selection.statuses = ["cancelled"]
        return selection
    }
}
