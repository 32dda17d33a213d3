import Civic

/// Runs the examples that stand beside the rules.
///
/// An example that is only a text is read as body and as subject, and conditions on anything else (channel, area, time …)
/// are taken to be as the rule needs them: `match` examples must be able to make the condition hold, `no match`
/// examples must not. An example with a context is a whole message, and every condition is looked at. Where it states an
/// outcome, the whole rule set must decide so, too.
public struct RuleTest: Sendable {
    public struct Failure: Hashable, Sendable {
        public let rule: String
        /// Where the example stands.
        public let place: SourcePlace
        public let example: String
        /// What was expected, and what happened instead: the condition that failed, the words that matched, or the fields
        /// that came out otherwise.
        public let message: String
        /// Why it came out so: a line for each thing to know.
        public let why: [String]
    }

    /// What becomes of an example with a context where the rules are at work.
    public struct Trial: Sendable {
        public let input: RuleInput
        /// The fields that should have come out, and what did instead: `category strade.buche, not verde.alberi`.
        public let differences: [String]
        /// Why, a line for each thing to know; empty if nothing differs.
        public let why: [String]
        public init(input: RuleInput, differences: [String], why: [String]) {
            self.input = input
            self.differences = differences
            self.why = why
        }
    }

    public let passed: Int
    /// In the order of the rules and examples.
    public let failures: [Failure]
    public let coverage: Coverage

    /// - Parameter trial: decides an example with a context as a message of a citizen would be.
    public init(_ rules: RuleSet, trial: (RuleExample, RuleExample.Context) -> Trial) {
        var passed = 0
        var failures: [Failure] = []
        var coverage = CoverageRecorder(rules.program)
        for (index, rule) in rules.rules.enumerated() {
            for (example, expected) in rule.matchExamples.map({ ($0, true) })
                + rule.noMatchExamples.map({ ($0, false) })
            {
                let tried = example.context.map { trial(example, $0) }
                let own = RuleTest.run(example, tried?.input, expected, rule: index, rules, &coverage)
                let differing = (tried?.differences ?? []).joined(separator: "; ")
                let messages = [own, differing.isEmpty ? nil : "should become \(differing)"].compactMap(\.self)
                if messages.isEmpty {
                    passed += 1
                } else {
                    failures.append(
                        Failure(
                            rule: rule.name, place: example.place, example: example.text,
                            message: messages.joined(separator: "; and it "), why: tried?.why ?? []))
                }
            }
        }
        self.passed = passed
        self.failures = failures
        self.coverage = coverage.result()
    }

    /// - Parameter whole: nil if the example is only a text.
    /// - Returns: why the rule itself does not do what the example says.
    private static func run(
        _ example: RuleExample, _ whole: RuleInput?, _ expected: Bool, rule: Int, _ rules: RuleSet,
        _ coverage: inout CoverageRecorder
    ) -> String? {
        let input = whole ?? bare(example.text)
        let context: Evaluation.Context = whole == nil ? .favourable : .asGiven
        return Evaluation.with(rules.program, input) { evaluation in
            if let failure = evaluation.failure { return failure.message }
            coverage.record(rule, copy evaluation, context, matched: expected)
            let holds = evaluation.holds(rule: rule, context)
            if holds == expected { return nil }
            let explainer = Explainer(
                evaluation: copy evaluation, finder: PlaceFinder(input.message, seekers: rules.program.seekers),
                context: context)
            return explain(holds, explainer, rule)
        }
    }

    private static func bare(_ text: String) -> RuleInput {
        let moment = Timestamp(seconds: 0)
        let message = Message(
            id: Identifier(high: 0, low: 0), channel: "", externalID: "", receivedAt: moment, subject: text, text: text)
        return RuleInput(message: message, language: "", area: .unknown, at: moment)
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
