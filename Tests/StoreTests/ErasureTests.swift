import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("erasure", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct ErasureTests {
    private func erase(_ database: TestDatabase, openToo: Bool = false) async throws -> CitizenErasure.Result {
        try await CitizenErasure(pool: database.pool).erase(
            Person.order(openToo: openToo), patience: .zero, rest: {})
    }

    @Test("Nothing of the person is left anywhere; statistics stay as they were; once more changes nothing")
    func nothingLeft() async throws {
        try await TestDatabase.with { database in
            let record = Person.record("1")
            try await database.open(record)
            try await database.open(Sample.record("other", text: "una buca", notifications: 1))
            let code = try #require(record.ticket?.code)
            try await database.close(code)
            try await database.tickets.preferences.set(.silence, of: Person.id, by: "citizen")
            let unread = UnreadMail(pool: database.pool)
            try await unread.keep(
                Array("From: Squarcialupi@Example.net".utf8), channel: "posta", reason: "?", at: Sample.moment)
            _ = try await Correspondence(pool: database.pool).allowance(
                for: "squarcialupi@example.net", at: Sample.moment, answers: 1, tickets: 1, wantsAnswer: true)
            #expect(try await database.traces().count == Person.traces.count)
            let before = try await database.statistics()

            guard case .done(let counted) = try await CitizenErasure(pool: database.pool).count(Person.order()) else {
                Issue.record("not counted")
                return
            }
            #expect(try await database.traces().count == Person.traces.count)
            guard case .done(let report) = try await erase(database) else {
                Issue.record("not erased")
                return
            }
            #expect(report == counted)
            #expect(report.tickets == 1 && report.messages == 1 && report.attachments == 1 && report.unread == 1)
            #expect(try await database.traces() == [])
            #expect(try await database.statistics() == before)
            #expect(try await database.number("select count(*) from blob") == 0)
            #expect(try await database.number("select count(*) from message where body = 'una buca'") == 1)
            #expect(
                try await database.number(
                    "select count(*) from notification where status = 'waiting' and starts_with(template, 'office_')")
                    == 1)

            guard case .unknown(let erasedAt) = try await erase(database) else {
                Issue.record("erased twice")
                return
            }
            #expect(erasedAt == Sample.moment)
            // Who writes again is somebody new.
            try await database.open(Person.record("2"))
            #expect(try await database.number("select count(*) from ticket where citizen is not null") == 1)
        }
    }

    @Test("A legal hold, or an open ticket, keeps everything; on record")
    func refused() async throws {
        try await TestDatabase.with { database in
            let record = Person.record("1")
            try await database.open(record)
            guard case .open(let codes) = try await erase(database) else {
                Issue.record("erased an open ticket")
                return
            }
            #expect(codes == [try #require(record.ticket?.code)])
            let holds = LegalHolds(pool: database.pool)
            #expect(try await holds.place(on: Person.id, by: .account("anna"), reason: "causa", at: Sample.moment))
            #expect(try await !holds.place(on: Person.id, by: .account("anna"), reason: "causa", at: Sample.moment))
            guard case .held(let hold) = try await erase(database, openToo: true) else {
                Issue.record("erased under a hold")
                return
            }
            #expect(hold.reason == "causa")
            #expect(try await database.traces().count == Person.traces.count)
            #expect(try await holds.release(Person.id, by: .account("anna"), reason: "finita", at: Sample.moment))
            guard case .done(let report) = try await erase(database, openToo: true) else {
                Issue.record("not erased")
                return
            }
            #expect(report.cancelled == 1)
            #expect(try await database.traces() == [])
            let reasons = try await database.pool.query(
                "select reason from notification where status = 'cancelled'"
            ).map { $0.string(0) }
            #expect(reasons == [Anonymiser.cancelled])
            let actions = try await AuditTrail(pool: database.pool).list(.init()).map(\.action)
            #expect(actions == ["citizen.erase", "citizen.release", "citizen.hold"])
        }
    }

    @Test("What a living daemon holds is taken from it first, and it can write nothing back")
    func held() async throws {
        try await TestDatabase.with { database in
            let daemon = try await database.registry.register(host: "a", pid: 1, version: "1", config: "c")
            let record = Person.record("1")
            try await database.open(record, owner: Holder(daemon))
            let owed = try #require(record.ticket?.notifications.first)
            // Nothing is removed while the daemon has it in memory.
            guard case .busy = try await erase(database, openToo: true) else {
                Issue.record("erased what a daemon held")
                return
            }
            #expect(try await database.traces().count == Person.traces.count)
            let recalled = try await database.outbox.recalled(from: daemon)
            #expect(recalled.contains(owed.id) && recalled.count == 2)
            // What was under way when it was recalled is recorded; then the daemon gives it up.
            try await database.outbox.handBack(recalled, owner: daemon)
            guard case .done = try await erase(database, openToo: true) else {
                Issue.record("not erased")
                return
            }
            #expect(try await database.traces() == [])

            // A daemon that was away meanwhile remembers.
            var late = owed
            late.id = .timeOrdered(at: Sample.moment)
            late.insteadOf = owed.id
            var outcome = Outbox.Outcome(
                id: owed.id, status: .delivered, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment,
                reason: "250 squarcialupi@example.net")
            outcome.remoteID = "Petronilla"
            let written = try await database.outbox.record(
                [outcome],
                tries: [
                    Outbox.Try(
                        id: owed.id, number: 1, at: Sample.moment, outcome: .waiting, reason: "550 squarcialupi@")
                ], followUps: [late], owner: Holder(daemon))
            #expect(written.allSatisfy { !$0.isHeld })
            #expect(try await database.traces() == [])
            #expect(
                try await database.outbox.retry(
                    Outbox.Selection(statuses: ["cancelled"]), lifetime: .seconds(60)) == 0)
        }
    }

    @Test("What others wrote, and files that others sent, stay")
    func others() async throws {
        try await TestDatabase.with { database in
            let record = Person.record("1")
            let ticket = try #require(record.ticket)
            try await database.open(record)
            let neighbour = Sender(email: "bruno@example.org")
            var reply = Sample.record(
                "2", sender: neighbour, text: "anche da me", outcome: .appended(to: ticket.number))
            reply.attachments = record.attachments
            try await database.open(reply)
            try await database.close(ticket.code)
            guard case .done = try await erase(database) else {
                Issue.record("not erased")
                return
            }
            // The file is the neighbour's, too.
            #expect(try await database.traces() == ["fontanella.jpg"])
            #expect(try await database.number("select count(*) from blob") == 2)
            #expect(try await database.number("select count(*) from message where body = 'anche da me'") == 1)
            #expect(try await database.number("select count(*) from ticket where erased_at is null") == 1)
        }
    }

    @Test("An export holds all there is, and what others wrote on the same ticket does not stand in it")
    func export() async throws {
        try await TestDatabase.with { database in
            let record = Person.record("1")
            let ticket = try #require(record.ticket)
            try await database.open(record)
            try await database.open(
                Sample.record(
                    "2", sender: Sender(email: "bruno@example.org"), text: "anche da me",
                    outcome: .appended(to: ticket.number)))
            let files = Gathered<CitizenExport.File>()
            let json = try #require(
                try await CitizenExport(pool: database.pool).run(
                    Person.id, by: .account("anna"), reason: "art. 15", at: Sample.moment, keep: files.add)
            ).text
            for trace in Person.traces where trace != "Squarcialupi" { #expect(json.contains(trace), "\(trace)") }
            #expect(!json.contains("anche da me") && !json.contains("bruno@"))
            #expect(files.values.map(\.content) == [[1, 2, 3], record.raw])
            let line = try #require(try await AuditTrail(pool: database.pool).list(.init()).first)
            #expect(line.action == "citizen.export" && line.citizen == Person.id && line.reason == "art. 15")
            #expect(line.actor == "operator:anna")
            #expect(
                try await CitizenExport(pool: database.pool).run(
                    Identifier(high: 1, low: 1), by: .account("anna"), reason: nil, at: Sample.moment) == nil)
        }
    }
}
