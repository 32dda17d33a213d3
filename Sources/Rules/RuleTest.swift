import Civic

/// Runs the examples that stand beside the rules.
///
/// An example is only a text. It is read as body and as subject, and conditions on anything else (channel, area, time …)
/// are taken to be as the rule needs them: `match` examples must be able to make the condition hold, `no match`
/// examples must not.
public struct RuleTest: Sendable {
    public struct Failure: Hashable, Sendable {
        public let rule: String
        /// Where the example stands.
        public let place: SourcePlace
        public let example: String
        /// What was expected, and what happened instead: the condition that failed, or the words that matched.
        public let message: String
    }

    public let passed: Int
    /// In the order of the rules and examples.
    public let failures: [Failure]
    public let coverage: Coverage

    public init(_ rules: RuleSet) {
        var passed = 0
        var failures: [Failure] = []
        var coverage = CoverageRecorder(rules.program)
        for (index, rule) in rules.rules.enumerated() {
            for (example, expected) in rule.matchExamples.map({ ($0, true) })
                + rule.noMatchExamples.map({ ($0, false) })
            {
                let message = RuleTest.run(example, expected, rule: index, rules, &coverage)
                if let message {
                    failures.append(
                        Failure(rule: rule.name, place: example.place, example: example.value, message: message))
                } else {
                    passed += 1
                }
            }
        }
        self.passed = passed
        self.failures = failures
        self.coverage = coverage.result()
    }

    /// - Returns: why the example failed.
    private static func run(
        _ example: Placed<String>, _ expected: Bool, rule: Int, _ rules: RuleSet, _ coverage: inout CoverageRecorder
    ) -> String? {
        let moment = Timestamp(seconds: 0)
        let message = Message(
            id: Identifier(high: 0, low: 0), channel: "", externalID: "", receivedAt: moment, subject: example.value,
            text: example.value)
        let input = RuleInput(message: message, language: "", area: .unknown, at: moment)
        let (failed, seen): (String?, Set<Int>) = Evaluation.with(rules.program, input) { evaluation in
            if let failure = evaluation.failure { return (failure.message, []) }
            let facts = coverage.facts(of: rule).filter { evaluation.holds(fact: $0) }
            let holds = evaluation.holds(rule: rule, .favourable)
            if holds == expected { return (nil, Set(facts)) }
            let explainer = Explainer(
                evaluation: copy evaluation, finder: PlaceFinder(message, seekers: rules.program.seekers),
                context: .favourable)
            return (explain(holds, explainer, rule), Set(facts))
        }
        coverage.record(rule, seen, matched: expected)
        return failed
    }

    private static func explain(_ holds: Bool, _ explainer: Explainer, _ rule: Int) -> String {
        guard holds else { return "should match, but this does not hold: \(explainer.failure(rule: rule))" }
        let support = explainer.support(rule: rule)
        let words = Set(support.matches.map { "`\($0.text)`" }).sorted()
        let matched =
            words.isEmpty ? "no condition on the text stands against it" : "matched \(words.joined(separator: ", "))"
        return "should not match, but this holds: \(support.conditions.joined(separator: " and ")) (\(matched))"
    }
}
