import Civic
import Foundation
import Settings
import Testing

@testable import Intake

@Suite("Backtest: what another configuration would change") struct BacktestTests {
    private static let rules = """
        rules:
          - {name: via, when: {text: [pubblicità]}, then: {discard: pubblicità}}
          - {name: luce, when: {text: [lampione]}, then: {category: manutenzione.buche, priority: high}}
          - {name: erba, when: {text: [erba]}, then: {category: ambiente.zanzara-tigre}}
        """
    private static let other = """
        rules:
          - {name: luce.nuova, when: {text: [lampione, lanterna]}, then: {category: ambiente.zanzara-tigre}}
          - {name: erba, when: {text: [prato]}, then: {category: ambiente.zanzara-tigre}}
        """

    private static let texts = [
        "il lampione di sotto è spento", "erba alta", "una lanterna rotta", "pubblicità di lampade", "altro",
    ]

    private func input(_ name: String, _ json: String, channel: String = "portale") -> BacktestInput {
        BacktestInput(name: name, channel: channel, receivedAt: Rome.monday, raw: Array(json.utf8))
    }

    private func inputs() throws -> [BacktestInput] {
        try Self.texts.enumerated().map { index, text in
            input("m\(index)", String(decoding: try JSONEncoder().encode(["text": text]), as: UTF8.self))
        }
    }

    private func run(
        _ inputs: [BacktestInput], _ running: Configuration, _ against: Configuration, threads: Int = 2
    ) async -> BacktestReport {
        var report = BacktestReport()
        await Backtest(running: running, against: against).run(inputs, threads: threads, into: &report)
        return report
    }

    private func both() throws -> (Configuration, Configuration) {
        (try OtherRome(rules: Self.rules).configuration(), try OtherRome(rules: Self.other).configuration())
    }

    @Test("Each field that differs is a move, and only those")
    func moves() {
        let before = DecidedFields(category: "a", office: "x", priority: "low")
        #expect(before.moves(to: before) == [])
        #expect(
            before.moves(to: DecidedFields(category: nil, office: "y", priority: "low")) == [
                Move(field: .category, from: "a", to: nil), Move(field: .office, from: "x", to: "y"),
            ])
        #expect(
            before.moves(to: DecidedFields(discard: "spam")).map(\.field) == [.category, .office, .priority, .discard])
    }

    @Test("Moves by category, priority and discarding; newly undecided and decided; the words of both sides")
    func changes() async throws {
        let (running, against) = try both()
        let report = await run(try inputs(), running, against)
        #expect(report.messages == 5)
        #expect(report.changed == 4)
        #expect(report.changedPercent == 80)
        // The grass is left to nobody; so are the lamps that were advertisement, but those were decided before.
        #expect(report.newlyUndecided == 2)
        #expect(report.newlyDecided == 1)
        let lamp = Move(field: .category, from: "manutenzione.buche", to: "ambiente.zanzara-tigre")
        let example = try #require(report.moves[lamp]?.examples.first)
        #expect(report.moves[lamp]?.count == 1)
        #expect(example.message == "m0")
        #expect(example.text == "il lampione di sotto è spento")
        #expect(example.before.rule == "luce")
        #expect(example.after.rule == "luce.nuova")
        #expect(example.before.words == ["lampione"])
        #expect(example.after.source.hasSuffix("rules/10.yaml:2:12"))
        #expect(report.moves[Move(field: .priority, from: "high", to: "normal")]?.count == 1)
        #expect(report.moves[Move(field: .discard, from: "pubblicità", to: nil)]?.count == 1)
        let grass = Move(field: .category, from: "ambiente.zanzara-tigre", to: nil)
        #expect(report.moves[grass]?.examples.first?.after.rule == nil)
    }

    @Test("The same configuration against itself changes nothing", arguments: [1, 2, 7])
    func same(threads: Int) async throws {
        let configuration = try OtherRome(rules: Self.rules).configuration()
        let report = await run(try inputs(), configuration, configuration, threads: threads)
        #expect(report.messages == 5)
        #expect(report.changed == 0)
        #expect(report.moves.isEmpty)
        #expect(report.unreadable.count + report.unreadableAgainst.count == 0)
    }

    @Test("However many threads there are, the report is the same; five examples are enough")
    func threads() async throws {
        let (running, against) = try both()
        let many = try (0..<20).flatMap { round in
            try inputs().map { input in
                var input = input
                input.name += "-\(round)"
                return input
            }
        }
        let alone = await run(many, running, against, threads: 1)
        #expect(alone.moves.values.allSatisfy { $0.count == 20 || $0.count == 40 || $0.count == 60 })
        #expect(alone.moves.values.allSatisfy { $0.examples.count == BacktestReport.mostExamples })
        #expect(alone.sortedMoves.first?.tally.examples.first?.message.hasSuffix("-0") == true)
        for threads in [2, 3, 64] {
            #expect(await run(many, running, against, threads: threads).json.text == alone.json.text)
        }
        // In two batches.
        var halves = BacktestReport()
        let backtest = Backtest(running: running, against: against)
        await backtest.run(Array(many.prefix(33)), threads: 2, into: &halves)
        await backtest.run(Array(many.dropFirst(33)), threads: 2, into: &halves)
        #expect(halves.json.text == alone.json.text)
    }

    @Test("What one side cannot read is counted and told, and a channel that is gone is a change")
    func unreadable() async throws {
        let running = try Rome.configuration()
        var against = running
        against.channels["callcenter"] = nil
        against.limits.text = 10
        let report = await run(
            [
                input("a", #"{"text":"buca"}"#, channel: "callcenter"), input("b", #"{"text":7}"#),
                input("c", #"{"text":"una buca molto larga"}"#), input("d", "{", channel: "nowhere"),
                input("e", #"{"text":"buca"}"#),
            ], running, against)
        #expect(report.messages == 5)
        #expect(report.changed == 0)
        #expect(report.unreadable.examples.map(\.message) == ["b", "d"])
        #expect(
            report.unreadable.examples.map(\.reason) == ["/text: expected a string", "there is no channel nowhere"])
        #expect(report.unreadableAgainst.examples.map(\.message) == ["a", "c"])
        #expect(report.unreadableAgainst.examples.first?.reason == "there is no channel callcenter")
        #expect(report.changedPercent == 40)
    }

    @Test("A person's choice is the truth; what was recorded is compared with what is decided now")
    func agreement() async throws {
        let (running, against) = try both()
        var inputs = try inputs()
        inputs[0].chosenCategory = "ambiente.zanzara-tigre"
        inputs[1].chosenCategory = "ambiente.zanzara-tigre"
        inputs[1].chosenOffice = "nowhere"
        inputs[1].recorded = DecidedFields(category: "ambiente.zanzara-tigre", office: "x", priority: "normal")
        inputs[3].recorded = DecidedFields(discard: "pubblicità")
        let report = await run(inputs, running, against)
        #expect((report.categories.tickets, report.categories.running, report.categories.against) == (2, 1, 1))
        #expect((report.offices.tickets, report.offices.running, report.offices.against) == (1, 0, 0))
        #expect(report.recorded == 2)
        #expect(report.drifted.count == 1)
        #expect(report.drifted.examples.first?.message == "m1")
        #expect(report.drifted.examples.first?.reason.hasPrefix("office was x, is ") == true)
    }

    @Test("Without reasons a message is decided as with them: every example of Rome's rules")
    func oneEvaluator() throws {
        let configuration = try Rome.configuration()
        let classifier = Classifier(configuration: configuration)
        var seen = 0
        for rule in configuration.rules {
            for example in rule.matchExamples + rule.noMatchExamples {
                let body = String(decoding: try JSONEncoder().encode(["text": example.text]), as: UTF8.self)
                let message = try Rome.message(body)
                let conclusion = classifier.conclude(message)
                let verdict = classifier.decide(message).conclusion
                #expect(DecidedFields(conclusion) == DecidedFields(verdict), "\(example.text)")
                #expect(conclusion.outcome == verdict.outcome)
                #expect(conclusion.tags == verdict.tags)
                #expect(conclusion.undecided == verdict.undecided)
                seen += 1
            }
        }
        #expect(seen > 1000)
    }
}
