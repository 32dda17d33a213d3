import Civic

/// Why a message was decided as it was.
public struct Explanation: Hashable, Sendable {
    /// Words of the message that made a pattern occur.
    public struct Match: Hashable, Sendable {
        /// As the citizen wrote it.
        public let text: String
        /// Unicode scalars from the beginning of the part.
        public let offset: Int
        /// In Unicode scalars.
        public let length: Int
        public let part: Part
    }

    public enum Part: String, Hashable, Sendable {
        case subject
        /// The body.
        case text
    }

    /// One field, and the rule that set it.
    public struct Because: Hashable, Sendable {
        public let field: DecisionField
        public let value: String
        public let rule: String
        public let place: SourcePlace
        /// The part of the rule's condition that spoke, in short: `text: buca`.
        public let condition: String
        /// The first of them, in the order of the patterns.
        public let matched: [Match]
    }

    /// A rule one of whose patterns occurred, but which did not hold.
    public struct Nearly: Hashable, Sendable {
        public let rule: String
        public let place: SourcePlace
        /// The condition that failed, in short: `not: text: "buca postale"`.
        public let failed: String
        /// What it would have set.
        public let category: String?
    }

    /// A category that a rule would have set, had an earlier one not abstained.
    public struct Guess: Hashable, Sendable {
        public let category: String
        public let rule: String
    }

    public let outcome: RuleOutcome
    public let because: [Because]
    public let guesses: [Guess]
    /// In the order of the rules, none behind a `stop`: at most five where no category was decided, else three.
    public let nearly: [Nearly]
}

extension RuleSet {
    /// What the rules conclude, and why. The same evaluation as `decide`; then the places in the text are looked up.
    public func explain(_ input: RuleInput) -> Explanation {
        Evaluation.with(program, input) { evaluation in
            let outcome = evaluation.outcome()
            let explainer = Explainer(
                evaluation: copy evaluation, finder: PlaceFinder(input.message, seekers: program.seekers))
            return Explanation(
                outcome: outcome, because: explainer.because(outcome),
                guesses: outcome.guesses.map {
                    Explanation.Guess(category: $0.value, rule: program.rules[$0.rule].name)
                },
                nearly: outcome.failed.isEmpty ? explainer.nearly(outcome) : [])
        }
    }
}

/// Walks a condition beside its nodes and says which parts of it spoke or failed.
struct Explainer {
    let evaluation: Evaluation
    let finder: PlaceFinder
    /// Examples leave open what is not text.
    var context = Evaluation.Context.asGiven

    static let mostNearly = (decided: 3, undecided: 5)
    private static let mostLookedAt = (decided: 6, undecided: 24)
    /// Characters of a condition that is told: the gist.
    private static let longestCondition = 160
    private static let mostWeightyWords = 6
    /// Enough to see why; a rule may have a thousand patterns, and the record is stored with each ticket.
    private static let mostMatched = 20

    private var program: Program { evaluation.program }

    /// What made a condition hold.
    struct Support {
        var conditions: [String] = []
        var matches: [Explanation.Match] = []
        static func += (a: inout Support, b: Support) {
            a.conditions += b.conditions
            a.matches += b.matches
        }
    }

    func because(_ outcome: RuleOutcome) -> [Explanation.Because] {
        var supports: [Int: Support] = [:]
        return outcome.because.map { reason in
            let rule = program.rules[reason.rule]
            if let because = because(precedents: reason, rule) { return because }
            let support = supports[reason.rule] ?? support(rule: reason.rule)
            supports[reason.rule] = support
            return Explanation.Because(
                field: reason.field, value: reason.value, rule: rule.name, place: rule.place,
                condition: Explainer.gist(support.conditions.joined(separator: " and ")),
                matched: Array(support.matches.prefix(Explainer.mostMatched)))
        }
    }

    /// What precedents set: how sure they were, and the words that spoke most.
    private func because(precedents reason: FieldReason, _ rule: RuleDefinition) -> Explanation.Because? {
        guard rule.actions.precedents != nil, [.category, .priority, .abstain].contains(reason.field),
            rule.actions.category == nil || reason.field != .category, let judgement = evaluation.judgement
        else { return nil }
        let isPriority = reason.field == .priority
        if isPriority, rule.actions.priority != nil { return nil }
        let best = isPriority ? judgement.urgent ?? judgement.best : judgement.best
        let next = judgement.candidates.first { $0.category != best.category }
        func name(_ candidate: Judgement.Candidate) -> String { candidate.category ?? "no request" }
        let lead = next.map { ", \(Explainer.percent(best.score - $0.score)) ahead of \(name($0))" } ?? ""
        let words = evaluation.weightiestWords(
            for: best.category, against: next?.category, most: Explainer.mostWeightyWords)
        return Explanation.Because(
            field: reason.field, value: reason.value, rule: rule.name, place: rule.place,
            condition: "precedents: like \(name(best))\(lead)",
            matched: words.compactMap(finder.first(word:)))
    }

    private static func percent(_ score: Float) -> String { "\(Int((score * 100).rounded())) %" }

    func nearly(_ outcome: RuleOutcome) -> [Explanation.Nearly] {
        let isOpen = outcome.category == nil
        let most = isOpen ? Explainer.mostNearly.undecided : Explainer.mostNearly.decided
        let mostLookedAt = isOpen ? Explainer.mostLookedAt.undecided : Explainer.mostLookedAt.decided
        // Those that failed by an exception only came nearest.
        var excepted: [Int] = []
        var others: [Int] = []
        evaluation.forEachSpokenFor { index in
            if let last = outcome.stoppedBy, index > last { return false }
            if !evaluation.holds(rule: index) {
                if isExcepted(program.roots[index]) { excepted.append(index) } else { others.append(index) }
            }
            return excepted.count < most && excepted.count + others.count < mostLookedAt
        }
        return (excepted + others).prefix(most).sorted().map { index in
            let rule = program.rules[index]
            return Explanation.Nearly(
                rule: rule.name, place: rule.place,
                failed: Explainer.gist(failure(rule.condition, program.roots[index])),
                category: rule.actions.category?.value)
        }
    }

    /// Whether all that a rule asks for holds, and only what it excludes does too.
    private func isExcepted(_ root: Int) -> Bool {
        let node = program.nodes[root]
        guard node.kind == .all else { return false }
        return (node.first..<node.first + node.count).allSatisfy {
            program.nodes[$0].kind == .not || evaluation.holds(node: $0)
        }
    }

    private static func gist(_ condition: String) -> String {
        if condition.utf8.count <= longestCondition { return condition }
        return String(condition.unicodeScalars.prefix(longestCondition)) + "…"
    }

    /// What made a rule hold; call it only if it does.
    func support(rule index: Int) -> Support {
        let condition = program.rules[index].condition
        var support = support(condition, program.roots[index])
        if support.conditions.isEmpty {
            support.conditions = [condition.isEmpty ? "always" : short(condition, program.roots[index])]
        }
        return support
    }

    /// What made a rule fail; call it only if it does.
    func failure(rule index: Int) -> String { failure(program.rules[index].condition, program.roots[index]) }

    // MARK: Walking

    private func children(_ parts: [Condition], _ node: Int) -> [(Condition, Int)] {
        parts.enumerated().map { ($1, program.nodes[node].first + $0) }
    }

    private func short(_ condition: Condition, _ node: Int) -> String {
        program.shortConditions.text(of: node) { condition.short }
    }

    private func holds(_ node: Int, _ negated: Bool) -> Bool { evaluation.holds(node: node, context, negated: negated) }

    /// Whether the value at `offset` of a list of patterns is known to hold: those that nobody had to ask for are not
    /// tried for the sake of the explanation.
    private func isKnown(value offset: Int, of node: Int) -> Bool {
        evaluation.isKnown(fact: program.factLists[program.nodes[node].first + offset])
    }

    private func support(_ condition: Condition, _ node: Int, negated: Bool = false) -> Support {
        guard holds(node, negated) else { return Support() }
        var support = Support()
        switch condition {
        case .all(let parts), .any(let parts):
            for (part, child) in children(parts, node) { support += self.support(part, child, negated: negated) }
        case .not: break
        case .text(let part, let patterns):
            let spoke = patterns.enumerated().filter { isKnown(value: $0.offset, of: node) }.map(\.element)
            support.conditions = [Condition.text(part, spoke).short]
            let isStem = program.nodes[node].isStem
            support.matches = spoke.flatMap { finder.matches(of: $0.value, in: part, isStem: isStem) }
            if isStem, let language = program.stemmer?.language {
                support.conditions = support.conditions.map { "\($0) (stems: \(language))" }
            }
        default: support.conditions = [short(condition, node)]
        }
        return support
    }

    private func failure(_ condition: Condition, _ node: Int, negated: Bool = false) -> String {
        switch condition {
        case .all(let parts):
            let failing = children(parts, node).first { !holds($0.1, negated) }
            return failing.map { failure($0.0, $0.1, negated: negated) } ?? short(condition, node)
        case .any(let parts) where parts.count == 1:
            return failure(parts[0], program.nodes[node].first, negated: negated)
        case .not(let part):
            let support = support(part, program.nodes[node].first, negated: !negated).conditions
            return "not: "
                + (support.isEmpty ? short(part, program.nodes[node].first) : support.joined(separator: " and "))
        default: return short(condition, node)
        }
    }
}
