import Civic
import Foundation
import Observability
import Postgres
import Settings
import Store
import Synchronization
import Testing

@testable import Intake

@Suite("The shadow decides after the live rules, and harms nobody", .timeLimit(.minutes(30)))
struct ShadowRunnerTests {
    private static let live = """
        rules:
          - {name: spam, when: {text: [premio]}, then: {discard: pubblicità}}
          - {name: buche, when: {text: [buca]}, then: {category: manutenzione.buche, office: urp}}
          - {name: alberi, when: {text: [albero]}, then: {category: manutenzione.buche, office: urp}}
        """
    private static let shadow = """
        rules:
          - {name: incerto, when: {text: [forse]}, then: {abstain: chissà}}
          - {name: buche.gravi, when: {text: [buca]}, then: {category: manutenzione.buche, office: urp, priority: urgent}}
          - {name: vincite, when: {text: [premio]}, then: {category: manutenzione.buche, office: urp}}
          - {name: allegati, when: {has: [photo]}, then: {priority: urgent}}
        """

    private func configuration(shadow: String = Self.shadow) throws -> Configuration {
        let city = try OtherRome(rules: Self.live)
        try FileManager.default.createDirectory(
            at: city.url.appending(path: "next"), withIntermediateDirectories: false)
        try city.write("next/10.yaml", shadow)
        let main = try String(contentsOf: city.url.appending(path: "pasquino.yaml"), encoding: .utf8)
        try city.write("pasquino.yaml", main + "\nrules: {shadow: next}\n")
        return try city.configuration()
    }

    /// A city's live decisions, offered to a runner.
    private struct Town {
        let configuration: Configuration
        let classifier: Classifier
        let shadow: Classifier
        let registrar: Registrar

        init(_ configuration: Configuration) throws {
            self.configuration = configuration
            classifier = Classifier(configuration: configuration)
            shadow = try #require(classifier.shadow)
            registrar = Registrar(
                configuration: configuration,
                instance: Instance(ticketKey: [UInt8](1...16), statusKey: [UInt8](17...32)))
        }

        @discardableResult
        func offer(_ text: String, number: Int64 = 7, photo: Bool = false, to runner: ShadowRunner) throws -> Message {
            var message = try Rome.message(#"{"id":"x","text":"\#(text)"}"#, in: configuration)
            if photo { message.attachments = [Attachment(name: "a.jpg", type: "image/jpeg", content: [1, 2, 3])] }
            let verdict = classifier.decide(message)
            let record = try registrar.record(message, raw: [], verdict: verdict, number: number)
            runner.offer(message, decided: verdict, record: record, shadow: shadow)
            return message
        }
    }

    private final class Journal: Sendable {
        struct State {
            var differences: [ShadowDifference] = []
            var tallies: [ShadowTally] = []
            var errors: [PostgresError] = []
            var rests: [Duration] = []
            var gate: CheckedContinuation<Void, Never>?
            var isShut = false
        }
        let state = Mutex(State())
        let observe = Observer(level: .error, sink: Silence())

        var differences: [ShadowDifference] { state.withLock { $0.differences } }
        var seen: Int { state.withLock { $0.tallies.reduce(0) { $0 + $1.messages } } }
        var metrics: String { observe.metrics.render() }

        func runner(capacity: Int = 1000) -> ShadowRunner {
            ShadowRunner(
                record: { differences, tallies throws(PostgresError) in
                    let error = self.state.withLock { $0.errors.isEmpty ? nil : $0.errors.removeFirst() }
                    if let error { throw error }
                    self.state.withLock {
                        $0.differences += differences
                        $0.tallies += tallies
                    }
                }, observe: observe, capacity: capacity,
                rest: { duration in
                    self.state.withLock { $0.rests.append(duration) }
                    await withCheckedContinuation { continuation in
                        let go = self.state.withLock { state in
                            if state.isShut { state.gate = continuation }
                            return !state.isShut
                        }
                        if go { continuation.resume() }
                    }
                })
        }

        func shut() { state.withLock { $0.isShut = true } }
        func open() {
            state.withLock { state in
                state.isShut = false
                defer { state.gate = nil }
                return state.gate
            }?.resume()
        }

        private struct Silence: LogSink {
            func write(_ record: LogRecord) -> Bool { true }
        }
    }

    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test("What differs is kept by field, with the rule; what does not differ is only counted")
    func differences() async throws {
        let town = try Town(configuration())
        let journal = Journal()
        let runner = journal.runner()
        let message = try town.offer("una buca", number: 1, to: runner)
        try town.offer("ciao", number: 2, to: runner)
        try town.offer("forse un albero", number: 3, to: runner)
        try town.offer("un premio", number: 4, to: runner)
        await runner.drain(within: .seconds(60))
        let kept = journal.differences
        try #require(kept.count == 3)
        #expect(kept[0].message == message.id)
        #expect(kept.map(\.ticket) == [1, 3, nil])
        #expect(kept.allSatisfy { $0.config == town.configuration.hash })
        #expect(kept.allSatisfy { $0.shadowConfig == town.configuration.shadow?.hash })
        #expect(kept[0].changes == [.init(field: .priority, from: "normal", to: "urgent", rule: "buche.gravi")])
        #expect(kept[1].changes.map(\.field) == [.category, .undecided])
        #expect(kept[1].changes[0] == .init(field: .category, from: "manutenzione.buche", to: nil, rule: "incerto"))
        #expect(kept[2].changes == [.init(field: .outcome, from: "discarded", to: "opened")])
        #expect(journal.seen == 4)
        #expect(journal.metrics.contains("\npasquino_shadow_messages_total 4\n"))
        #expect(journal.metrics.contains(#"pasquino_shadow_differences_total{field="category"} 1"#))
    }

    @Test("The same rules twice differ in nothing")
    func same() async throws {
        let town = try Town(configuration(shadow: Self.live))
        let journal = Journal()
        let runner = journal.runner()
        for text in ["una buca", "un albero", "ciao", "un premio"] { try town.offer(text, to: runner) }
        await runner.drain(within: .seconds(60))
        #expect(journal.differences.isEmpty)
        #expect(journal.seen == 4)
    }

    @Test("Rules see that there is a photo although its content is not kept")
    func photo() async throws {
        let town = try Town(configuration())
        let journal = Journal()
        let runner = journal.runner()
        try town.offer("un albero", photo: true, to: runner)
        await runner.drain(within: .seconds(60))
        #expect(journal.differences.first?.changes.contains { $0.rule == "allegati" } == true)
    }

    @Test("A shadow that is too slow skips messages, holds a bounded number and keeps nobody waiting")
    func bounded() async throws {
        let town = try Town(configuration())
        let journal = Journal()
        let runner = journal.runner(capacity: 10)
        journal.shut()
        try town.offer("una buca", to: runner)
        await until { journal.state.withLock { $0.gate != nil } }
        // It rests; ten may wait, the others are skipped.
        for _ in 0..<25 { try town.offer("una buca", to: runner) }
        #expect(!runner.isIdle)
        journal.open()
        await runner.drain(within: .seconds(60))
        #expect(journal.seen == 11)
        #expect(journal.metrics.contains("\npasquino_shadow_skipped_total 15\n"))
    }

    @Test("It rests three times as long as it worked")
    func rests() async throws {
        let town = try Town(configuration())
        let journal = Journal()
        let runner = journal.runner()
        try town.offer("una buca", to: runner)
        await runner.drain(within: .seconds(60))
        let seconds = journal.metrics.split(separator: "\n").first { $0.hasPrefix("pasquino_shadow_seconds_total") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
        let rested = try #require(journal.state.withLock { $0.rests.first })
        #expect(abs(rested.inSeconds - 3 * (try #require(seconds))) < 1e-6)
        #expect(rested > .zero)
    }

    @Test("While PostgreSQL is away differences wait; what it refuses for good does not hold up the next")
    func unwritable() async throws {
        let town = try Town(configuration())
        let journal = Journal()
        let runner = journal.runner()
        journal.state.withLock { $0.errors = [PostgresError(.unavailable, "away")] }
        try town.offer("una buca", number: 1, to: runner)
        await until { runner.isIdle }
        #expect(journal.differences.isEmpty)
        await runner.flush()
        #expect(journal.differences.map(\.ticket) == [1])
        #expect(journal.seen == 1)
        journal.state.withLock { $0.errors = [PostgresError(.usage, "never")] }
        try town.offer("una buca", number: 2, to: runner)
        await until { runner.isIdle }
        try town.offer("una buca", number: 3, to: runner)
        await runner.drain(within: .seconds(60))
        #expect(journal.differences.map(\.ticket) == [1, 3])
        #expect(journal.metrics.contains("\npasquino_internal_errors_total 1\n"))
    }

    @Test("A decision without its reasons is the same decision")
    func conclusion() throws {
        let configuration = try Rome.configuration()
        let classifier = Classifier(configuration: configuration)
        for text in ["una buca in strada", "il lampione è spento", "ciao", "albero caduto, un ferito"] {
            let message = try Rome.message(#"{"id":"x","text":"\#(text)","fields":{"municipio":7}}"#)
            let (full, brief) = (classifier.decide(message), classifier.conclude(message))
            #expect(full.outline == brief.outline)
            #expect(full.tags == brief.tags)
            #expect(full.target == brief.target)
        }
    }
}
