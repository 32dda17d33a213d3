import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite(
    "what the shadow would have changed", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing),
    .timeLimit(.minutes(30)))
struct ShadowJournalTests {
    private typealias Change = ShadowDifference.Change
    private static let hour = Timestamp(seconds: 1_800_000_000)

    private func difference(
        _ record: IntakeRecord, _ changes: [ShadowDifference.Change], at: Timestamp = hour, shadow: String = "s1"
    ) -> ShadowDifference {
        ShadowDifference(
            message: record.message.id, ticket: record.ticket?.number, at: at, config: "live", shadowConfig: shadow,
            changes: changes)
    }

    private static let toVerde = ShadowDifference.Change(
        field: .category, from: "strade.buche", to: "verde.alberi", rule: "verde.nuova")
    private static let undecided = ShadowDifference.Change(field: .undecided, from: "false", to: "true")
    private static let unrouted = ShadowDifference.Change(field: .category, from: "strade.buche", to: nil)

    @Test("counted from and to by field, with the latest tickets' codes")
    func summary() async throws {
        try await TestDatabase.with { database in
            let journal = ShadowJournal(pool: database.pool)
            let records = (0..<5).map { Sample.record("s\($0)") }
            for record in records { try await database.open(record) }
            let dropped = Sample.record("x", outcome: .discarded(reason: "spam"))
            let tally = ShadowTally(config: "live", shadowConfig: "s1", messages: 40)
            try await journal.record(
                records[..<4].enumerated().map {
                    difference($1, [Self.toVerde], at: Self.hour + .seconds(Int64($0)))
                }, tallies: [tally], at: Self.hour)
            try await journal.record(
                [
                    difference(records[4], [Self.unrouted, Self.undecided], at: Self.hour + .seconds(10)),
                    difference(dropped, [Change(field: .outcome, from: "discarded", to: "opened")]),
                ], tallies: [tally], at: Self.hour)
            let summary = try await journal.summary(since: Self.hour)
            #expect(summary.messages == 80)
            #expect(summary.changed == 6)
            #expect(summary.newlyUndecided == 1)
            let codes = records.compactMap(\.ticket?.code)
            #expect(
                summary.moves.first
                    == ShadowSummary.Move(
                        field: "category", from: "strade.buche", to: "verde.alberi", count: 4,
                        examples: [codes[3], codes[2], codes[1]]))
            #expect(Set(summary.moves.map(\.field)) == ["category", "outcome", "undecided"])
            #expect(summary.moves.first { $0.field == "outcome" }?.examples == [])
            #expect(summary.moves.first { $0.field == "category" && $0.to == nil }?.examples == [codes[4]])
            #expect(summary.versions == [.init(shadowConfig: "s1", messages: 80, changed: 6)])
        }
    }

    @Test("since a moment, and of one draft only; the latest draft first")
    func since() async throws {
        try await TestDatabase.with { database in
            let journal = ShadowJournal(pool: database.pool)
            let later = Self.hour + .seconds(7200)
            for (draft, at) in [("s1", Self.hour), ("s2", later)] {
                try await journal.record(
                    [difference(Sample.record("\(draft)"), [Self.toVerde], at: at, shadow: draft)],
                    tallies: [ShadowTally(config: "live", shadowConfig: draft, messages: 3)], at: at)
            }
            let all = try await journal.summary(since: Self.hour)
            #expect(all.versions.map(\.shadowConfig) == ["s2", "s1"])
            #expect(all.changed == 2)
            #expect(all.messages == 6)
            let recent = try await journal.summary(since: later)
            #expect(recent.versions.map(\.shadowConfig) == ["s2"])
            #expect(try await journal.summary(since: Self.hour, shadowConfig: "s1").changed == 1)
            #expect(try await journal.summary(since: Self.hour, shadowConfig: "none").moves.isEmpty)
            #expect(try await journal.summary(since: later + .seconds(7200)).messages == 0)
        }
    }

    @Test("a difference is kept once, and found by its ticket")
    func find() async throws {
        try await TestDatabase.with { database in
            let journal = ShadowJournal(pool: database.pool)
            let record = Sample.record("a")
            try await database.open(record)
            let number = try #require(record.ticket?.number)
            #expect(try await journal.find(ticket: number) == nil)
            let kept = difference(record, [Self.toVerde, Self.undecided])
            try await journal.record([kept], tallies: [], at: Self.hour)
            try await journal.record([difference(record, [Self.unrouted])], tallies: [], at: Self.hour)
            #expect(try await journal.find(ticket: number) == kept)
        }
    }
}

@Suite(
    "requests for a reload", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing),
    .timeLimit(.minutes(30)))
struct ReloadRequestTests {
    @Test("a request is open until it is settled, for its daemon only, and then has its answer")
    func answered() async throws {
        try await TestDatabase.with { database in
            let requests = ReloadRequests(pool: database.pool)
            let first = try await requests.ask(daemon: 1)
            let second = try await requests.ask(daemon: 1)
            let other = try await requests.ask(daemon: 2)
            #expect(try await requests.open(daemon: 1) == [first, second])
            #expect(try await requests.answer(to: first) == nil)
            try await requests.settle([first], report: .object([("accepted", .bool(true))]))
            #expect(try await requests.open(daemon: 1) == [second])
            #expect(try await requests.answer(to: first) == #"{"accepted": true}"#)
            #expect(try await requests.answer(to: other) == nil)
            try await requests.forget([first, second])
            #expect(try await requests.open(daemon: 1).isEmpty)
            #expect(try await requests.answer(to: first) == nil)
            #expect(try await requests.open(daemon: 2) == [other])
        }
    }

    @Test("what a command that was killed left behind is no request after a day, and goes away")
    func old() async throws {
        try await TestDatabase.with { database in
            let requests = ReloadRequests(pool: database.pool)
            _ = try await requests.ask(daemon: 1)
            _ = try await database.pool.query("update reload_request set asked_at = now() - interval '2 days'")
            #expect(try await requests.open(daemon: 1).isEmpty)
            let fresh = try await requests.ask(daemon: 1)
            try await requests.settle([fresh], report: .object([]))
            #expect(try await database.number("select count(*) from reload_request") == 1)
        }
    }
}
