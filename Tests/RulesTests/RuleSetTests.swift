import Civic
import Testing

@testable import Rules

@Suite("Rules")
struct RuleSetTests {
    @Test("the first rule that sets a field wins, and each field has its own first")
    func firstWins() throws {
        let set = try ruleSet(
            rule("a", text("buca"), Actions(priority: placed(.high))),
            rule("b", text("buca"), Actions(category: placed("strade.buche"), priority: placed(.low))),
            rule("c", .all([]), Actions(category: placed("altro"), office: placed("urp"), target: placed(.days(3)))),
            rule("d", text("buca"), Actions(office: placed("strade"), reply: placed("r"), discard: placed("doppio"))))
        let outcome = set.decide(input("una buca"))
        #expect(outcome.priority == Decided(.high, rule: 0))
        #expect(outcome.category == Decided("strade.buche", rule: 1))
        #expect(outcome.office == Decided("urp", rule: 2))
        #expect(outcome.target == Decided(.days(3), rule: 2))
        #expect(outcome.reply == Decided("r", rule: 3))
        #expect(outcome.discard == Decided("doppio", rule: 3))
        #expect(
            outcome.because.map(\.field) == [.category, .office, .priority, .sla, .reply, .discard])
        #expect(set.decide(input("altro")).category == Decided("altro", rule: 2))
    }

    @Test("lists gather in the order of the rules, without repetition")
    func listsGather() throws {
        let set = try ruleSet(
            rule("a", text("buca"), Actions(tags: placed("x", "y"), notify: placed("pm"))),
            rule("b", text("via"), Actions(tags: placed("y", "z"), notify: placed("pm", "urp"))))
        let outcome = set.decide(input("buca in via Roma"))
        #expect(outcome.tags == [Decided("x", rule: 0), Decided("y", rule: 0), Decided("z", rule: 1)])
        #expect(outcome.notify == [Decided("pm", rule: 0), Decided("urp", rule: 1)])
        #expect(outcome.isUndecided)
    }

    @Test("stop ends the evaluation, after its own actions")
    func stop() throws {
        let set = try ruleSet(
            rule("a", text("buca"), Actions(tags: placed("a"))),
            rule("b", text("spam"), Actions(tags: placed("b"), stop: true)),
            rule("c", text("buca"), Actions(category: placed("c"), tags: placed("c"))))
        let stopped = set.decide(input("buca spam"))
        #expect(stopped.tags.map(\.value) == ["a", "b"])
        #expect(stopped.stoppedBy == 1)
        #expect(stopped.category == nil)
        #expect(set.decide(input("buca")).tags.map(\.value) == ["a", "c"])
    }

    @Test("who abstains keeps later rules from deciding; what they would have decided are guesses")
    func abstain() throws {
        let set = try ruleSet(
            rule("office", text("municipio"), Actions(office: placed("urp"))),
            rule("a", text("bollo"), Actions(tags: placed("a"), abstain: placed("della Regione"))),
            rule(
                "b", text("buca"),
                Actions(
                    category: placed("strade"), office: placed("strade"), priority: placed(.urgent),
                    target: placed(.days(3)), tags: placed("b"), reply: placed("r"), notify: placed("pm"))),
            rule("c", text("buca"), Actions(category: placed("strade"), discard: placed("d"))),
            rule("d", text("luce"), Actions(category: placed("luce"), abstain: placed("tardi"))))
        let outcome = set.decide(input("il bollo e la buca e la luce"))
        #expect(outcome.abstain == Decided("della Regione", rule: 1))
        #expect(outcome.category == nil && outcome.office == nil && outcome.target == nil)
        #expect(outcome.reply == nil && outcome.discard == nil && outcome.notify.isEmpty)
        #expect(outcome.priority == Decided(.urgent, rule: 2))
        #expect(outcome.tags.map(\.value) == ["a", "b"])
        #expect(outcome.guesses == [Decided("strade", rule: 2), Decided("luce", rule: 4)])
        #expect(outcome.because.map(\.field) == [.priority, .tags, .tags, .abstain])
        #expect(set.decide(input("municipio bollo")).office == Decided("urp", rule: 0))
        let late = set.decide(input("la buca e la luce"))
        #expect(late.category == Decided("strade", rule: 2))
        #expect(late.abstain == nil && late.guesses.isEmpty)
    }

    @Test("rules that no pattern announces are evaluated too, in their place")
    func withoutPattern() throws {
        var rules: [RuleDefinition] = []
        for index in 0..<200 {
            let condition: Condition =
                switch index % 4 {
                case 0: .not(text("assente"))
                case 1: text("buca")
                case 2: .any([text("assente"), .not(text("altro"))])
                default: text("assente")
                }
            rules.append(rule("r\(index)", condition, Actions(tags: placed("t\(index)"))))
        }
        let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
        let expected = (0..<200).filter { $0 % 4 != 3 }.map { Decided("t\($0)", rule: $0) }
        #expect(set.decide(input("una buca")).tags == expected)
        #expect(set.decide(input("assente")).tags.map(\.rule) == (0..<200).filter { $0 % 4 >= 2 })
    }

    @Test("no rules decide nothing")
    func empty() throws {
        #expect(try ruleSet().decide(input("buca")) == RuleOutcome())
    }

    @Test("decide, matches and explain agree with a plain evaluation of the conditions", arguments: 1...30)
    func oneEvaluator(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 104_729)
        let rules = (0..<40).map { index in
            rule("r\(index)", condition(&generator, 3), Actions(tags: placed("t\(index)")))
        }
        let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
        for _ in 0..<40 {
            let words = ["a", "b", "c", "d"].filter { _ in Bool.random(using: &generator) }
            let area = ["x", "y"].randomElement(using: &generator) ?? "x"
            let input = input(message(words.joined(separator: " ")), area: .certain(area))
            let expected = rules.indices.filter { holds(rules[$0].condition, Set(words), area) }
            #expect(set.decide(input).tags.map(\.rule) == expected)
            #expect(rules.indices.filter { set.matches(rule: $0, input) } == expected)
            let explanation = set.explain(input)
            #expect(explanation.outcome == set.decide(input))
            #expect(explanation == set.explain(input))
            #expect(Set(explanation.nearly.map(\.rule)).isDisjoint(with: expected.map { "r\($0)" }))
        }
    }

    private func condition(_ generator: inout SeededGenerator, _ depth: Int) -> Condition {
        switch Int.random(in: 0..<(depth == 0 ? 2 : 5), using: &generator) {
        case 0: return text(["a", "b", "c", "d"].randomElement(using: &generator) ?? "a")
        case 1: return .area(placed(["x", "y"].randomElement(using: &generator) ?? "x"))
        case 2: return .not(condition(&generator, depth - 1))
        case 3:
            return .all((0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(&generator, depth - 1) })
        default:
            return .any((0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(&generator, depth - 1) })
        }
    }

    private func holds(_ condition: Condition, _ words: Set<String>, _ area: String) -> Bool {
        switch condition {
        case .all(let parts): parts.allSatisfy { holds($0, words, area) }
        case .any(let parts): parts.contains { holds($0, words, area) }
        case .not(let part): !holds(part, words, area)
        case .text(_, let patterns): patterns.contains { words.contains($0.value) }
        case .area(let areas): areas.contains { $0.value == area }
        default: false
        }
    }

    @Test("nesting without end is refused, not followed")
    func nesting() {
        let deep = (0..<10_000).reduce(text("a")) { inner, _ in .not(inner) }
        let error = #expect(throws: RuleSetError.self) { try ruleSet(rule("r", deep)) }
        #expect(error?.findings.first?.message.contains("32 deep") == true)
    }

    @Test("many threads share a set")
    func threads() async throws {
        let set = try ruleSet(rule("a", text("buc* ~3 strada")), rule("b", text("/lampion[ei]/")))
        let answers = await withTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                group.addTask {
                    (0..<200).reduce(0) { sum, step in
                        let text = step % 2 == 0 ? "buca \(number) in strada" : "un lampione \(step)"
                        return sum + (set.decide(input(text)).tags.first?.rule == step % 2 ? 1 : 0)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(answers == 64 * 200)
    }
}
