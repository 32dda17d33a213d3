import Civic

/// One message seen by the rules: which facts hold, and what follows. Lives no longer than the call that made it.
struct Evaluation {
    let program: Program
    /// The moment for `time` conditions.
    private let at: Timestamp
    /// One bit a fact.
    private let holding: UnsafeMutableBufferPointer<UInt64>
    private(set) var failure: RuleFailure?

    /// What an example, which is only a text, leaves open.
    enum Context {
        /// Conditions on anything but the text are looked at.
        case asGiven
        /// Conditions on anything but the text are as the rule needs them.
        case favourable
    }

    static func with<R>(_ program: Program, _ input: RuleInput, _ body: (borrowing Evaluation) -> R) -> R {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: (program.facts.count + 63) / 64 + 1) { words in
            words.initialize(repeating: 0)
            var evaluation = Evaluation(program: program, at: input.at, holding: words)
            evaluation.gather(input)
            return body(evaluation)
        }
    }

    private init(program: Program, at: Timestamp, holding: UnsafeMutableBufferPointer<UInt64>) {
        self.program = program
        self.at = at
        self.holding = holding
    }

    private mutating func gather(_ input: RuleInput) {
        let holding = holding
        program.facts.forEachContextFact(of: input) { holding.insert($0) }
        do throws(PatternSet.Failure) {
            try search(input.message.text, isSubject: false)
            if let subject = input.message.subject, !subject.isEmpty { try search(subject, isSubject: true) }
        } catch {
            failure = RuleFailure(message: error.message)
        }
    }

    private func search(_ text: String, isSubject: Bool) throws(PatternSet.Failure) {
        try search(text, isSubject, program.words, program.facts.words.facts, .words)
        try search(text, isSubject, program.expressions, program.facts.expressions.facts, .light)
    }

    private func search(
        _ text: String, _ isSubject: Bool, _ set: PatternSet?, _ facts: [Facts.Parts], _ form: FoldedForm
    ) throws(PatternSet.Failure) {
        guard let set else { return }
        let failure: PatternSet.Failure? = FoldedText.withFolded(text, form) { folded in
            set.forEachMatch(in: folded) { id in
                if let fact = facts[id].text { holding.insert(fact) }
                if let fact = isSubject ? facts[id].subject : facts[id].body { holding.insert(fact) }
            }
        }
        if let failure { throw failure }
    }

    // MARK: Conditions

    func holds(fact: Int) -> Bool { holding.has(fact) }

    func holds(rule: Int, _ context: Context = .asGiven) -> Bool { holds(node: program.roots[rule], context) }

    func holds(node index: Int, _ context: Context = .asGiven, negated: Bool = false) -> Bool {
        let node = program.nodes[index]
        let members = node.first..<node.first + node.count
        if context == .favourable, !node.isText, node.kind == .facts || node.kind == .time { return !negated }
        switch node.kind {
        case .facts: return members.contains { holding.has(program.factLists[$0]) }
        case .all: return members.allSatisfy { holds(node: $0, context, negated: negated) }
        case .any: return members.contains { holds(node: $0, context, negated: negated) }
        case .not: return !holds(node: node.first, context, negated: !negated)
        case .time: return holds(program.times[node.first])
        }
    }

    private func holds(_ time: Program.Time) -> Bool {
        let condition = time.condition
        if let calendar = time.calendar, calendar.isOpen(at: at) != condition.open { return false }
        let local = program.zone.local(at)
        if !condition.weekdays.isEmpty, !condition.weekdays.contains(local.date.weekday) { return false }
        guard let hours = condition.hours else { return true }
        let minute = local.secondOfDay / 60
        return hours.from <= hours.to
            ? hours.from <= minute && minute < hours.to : hours.from <= minute || minute < hours.to
    }

    // MARK: Rules

    /// The rules in their order, as far as they may hold; `visit` returns whether to go on.
    private func forEachCandidate(_ visit: (Int) -> Bool) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: program.always.count) { candidates in
            _ = candidates.initialize(from: program.always)
            holding.forEach(below: program.facts.count) { fact in
                for place in program.indexStarts[fact]..<program.indexStarts[fact + 1] {
                    candidates.insert(program.indexedRules[place])
                }
                return true
            }
            candidates.forEach(below: program.rules.count, visit)
        }
    }

    /// The rules for which some words speak, in their order; `visit` returns whether to go on.
    func forEachSpokenFor(_ visit: (Int) -> Bool) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: program.always.count) { spoken in
            spoken.initialize(repeating: 0)
            holding.forEach(below: program.facts.count) { fact in
                for place in program.speakingStarts[fact]..<program.speakingStarts[fact + 1] {
                    spoken.insert(program.speakingRules[place])
                }
                return true
            }
            spoken.forEach(below: program.rules.count, visit)
        }
    }

    func outcome() -> RuleOutcome {
        var outcome = RuleOutcome()
        if let failure {
            outcome.failed = [failure]
            return outcome
        }
        forEachCandidate { rule in
            if holds(rule: rule) { outcome.take(program.rules[rule].actions, of: rule) }
            return outcome.stoppedBy == nil
        }
        return outcome
    }
}

/// A set of small numbers, one bit each.
extension UnsafeMutableBufferPointer<UInt64> {
    fileprivate func insert(_ number: Int) { self[number >> 6] |= 1 << UInt64(number & 63) }

    fileprivate func has(_ number: Int) -> Bool { self[number >> 6] >> UInt64(number & 63) & 1 != 0 }

    /// In ascending order, until `visit` returns false.
    fileprivate func forEach(below limit: Int, _ visit: (Int) -> Bool) {
        for word in 0..<(limit + 63) / 64 {
            var bits = self[word]
            while bits != 0 {
                if !visit(word << 6 | bits.trailingZeroBitCount) { return }
                bits &= bits - 1
            }
        }
    }
}
