import Civic

/// One message seen by the rules: which facts hold, and what follows. Lives no longer than the call that made it.
struct Evaluation {
    let program: Program
    /// The moment for `time` conditions.
    private let at: Timestamp
    /// One bit a fact.
    private let holding: UnsafeMutableBufferPointer<UInt64>
    /// One bit a fact: patterns whose literal parts occur. Whether one matches is found out when somebody asks.
    private let open: UnsafeMutableBufferPointer<UInt64>
    /// Not 0 if a pattern could not be tried.
    private let trouble: UnsafeMutableBufferPointer<UInt64>
    private let body: Folded
    private let subject: Folded

    /// A part of the message in both forms; a form is empty if no rule asks for it.
    struct Folded {
        let isAbsent: Bool
        let words: UnsafeBufferPointer<UInt8>
        let stems: UnsafeBufferPointer<UInt8>
        let light: UnsafeBufferPointer<UInt8>
    }

    var failure: RuleFailure? {
        trouble[0] == 0 ? nil : RuleFailure(message: "a pattern could not be tried: there is no memory")
    }

    /// What an example, which is only a text, leaves open.
    enum Context {
        /// Conditions on anything but the text are looked at.
        case asGiven
        /// Conditions on anything but the text are as the rule needs them.
        case favourable
    }

    static func with<R>(_ program: Program, _ input: RuleInput, _ body: (borrowing Evaluation) -> R) -> R {
        let words = (program.facts.count + 63) / 64 + 1
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * words + 1) { bits in
            bits.initialize(repeating: 0)
            return folded(program, input.message.text, isAbsent: false) { text in
                let title = input.message.subject ?? ""
                return folded(program, title, isAbsent: title.isEmpty) { subject in
                    let evaluation = Evaluation(
                        program: program, at: input.at, bits: bits, words: words, body: text, subject: subject)
                    evaluation.gather(input)
                    return body(evaluation)
                }
            }
        }
    }

    private static func folded<R>(
        _ program: Program, _ text: String, isAbsent: Bool, _ body: (Folded) -> R
    ) -> R {
        func fold(_ form: FoldedForm, _ asked: Bool, _ next: (UnsafeBufferPointer<UInt8>) -> R) -> R {
            asked ? FoldedText.withFolded(text, form, next) : next(UnsafeBufferPointer(start: nil, count: 0))
        }
        let asksWords = program.words != nil || program.precedents != nil || program.stems != nil
        return fold(.words, asksWords && !isAbsent) { words in
            fold(.light, program.expressions != nil && !isAbsent) {
                stemmed(program, words, isAbsent, $0, body)
            }
        }
    }

    private static func stemmed<R>(
        _ program: Program, _ words: UnsafeBufferPointer<UInt8>, _ isAbsent: Bool, _ light: UnsafeBufferPointer<UInt8>,
        _ body: (Folded) -> R
    ) -> R {
        let none = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        if let stemmer = program.stemmer, program.stems != nil, !isAbsent {
            let result = stemmer.withStems(of: words) {
                body(Folded(isAbsent: isAbsent, words: words, stems: $0, light: light))
            }
            if let result { return result }
        }
        return body(Folded(isAbsent: isAbsent, words: words, stems: none, light: light))
    }

    private init(
        program: Program, at: Timestamp, bits: UnsafeMutableBufferPointer<UInt64>, words: Int,
        body: Folded, subject: Folded
    ) {
        self.program = program
        self.at = at
        holding = UnsafeMutableBufferPointer(rebasing: bits[..<words])
        open = UnsafeMutableBufferPointer(rebasing: bits[words..<2 * words])
        trouble = UnsafeMutableBufferPointer(rebasing: bits[(2 * words)...])
        self.body = body
        self.subject = subject
    }

    private func gather(_ input: RuleInput) {
        program.facts.forEachContextFact(of: input) { holding.insert($0) }
        search(body, isSubject: false)
        search(subject, isSubject: true)
    }

    private func search(_ text: Folded, isSubject: Bool) {
        guard !text.isAbsent else { return }
        func mark(_ set: UnsafeMutableBufferPointer<UInt64>, _ parts: Facts.Parts) {
            if let fact = parts.text { set.insert(fact) }
            if let fact = isSubject ? parts.subject : parts.body { set.insert(fact) }
        }
        if let words = program.words {
            let facts = program.facts.words.facts
            words.search(text.words, occurs: { mark(holding, facts[$0]) }, possible: { mark(open, facts[$0]) })
        }
        if let stems = program.stems {
            // There was no memory for a stemmer.
            if text.stems.isEmpty { trouble[0] = 1 }
            let facts = program.facts.stems.facts
            stems.search(text.stems, occurs: { mark(holding, facts[$0]) }, possible: { mark(open, facts[$0]) })
        }
        if let expressions = program.expressions {
            let facts = program.facts.expressions.facts
            if !expressions.search(text.light, possible: { mark(open, facts[$0]) }) { trouble[0] = 1 }
        }
    }

    // MARK: Conditions

    /// Whether it has been found to hold so far.
    func isKnown(fact: Int) -> Bool { holding.has(fact) }

    func holds(fact: Int) -> Bool {
        if holding.has(fact) { return true }
        guard open.has(fact), let asked = program.patternFacts[fact] else { return false }
        open.remove(fact)
        let holds =
            switch asked.part {
            case .text: occurs(asked, in: body) || occurs(asked, in: subject)
            case .subject: occurs(asked, in: subject)
            case .body: occurs(asked, in: body)
            }
        if holds { holding.insert(fact) }
        return holds
    }

    private func occurs(_ fact: Program.PatternFact, in text: Folded) -> Bool {
        if text.isAbsent { return false }
        let answer =
            switch fact.kind {
            case .words: program.words?.occurs(fact.pattern, in: text.words)
            case .stems: program.stems?.occurs(fact.pattern, in: text.stems)
            case .expression: program.expressions?.occurs(fact.pattern, in: text.light)
            }
        if answer == nil { trouble[0] = 1 }
        return answer ?? false
    }

    func holds(rule: Int, _ context: Context = .asGiven) -> Bool { holds(node: program.roots[rule], context) }

    func holds(node index: Int, _ context: Context = .asGiven, negated: Bool = false) -> Bool {
        let node = program.nodes[index]
        let members = node.first..<node.first + node.count
        if context == .favourable, !node.isText, node.kind == .facts || node.kind == .time { return !negated }
        switch node.kind {
        case .facts:
            return members.contains { holding.has(program.factLists[$0]) }
                || program.tries[index] && members.contains { holds(fact: program.factLists[$0]) }
        case .all:
            return members.allSatisfy { program.tries[$0] || holds(node: $0, context, negated: negated) }
                && members.allSatisfy { !program.tries[$0] || holds(node: $0, context, negated: negated) }
        case .any:
            return members.contains { !program.tries[$0] && holds(node: $0, context, negated: negated) }
                || members.contains { program.tries[$0] && holds(node: $0, context, negated: negated) }
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
            for facts in [holding, open] {
                facts.forEach(below: program.facts.count) { fact in
                    for place in program.indexStarts[fact]..<program.indexStarts[fact + 1] {
                        candidates.insert(program.indexedRules[place])
                    }
                    return true
                }
            }
            candidates.forEach(below: program.rules.count, visit)
        }
    }

    /// The rules for which some words speak, in their order (expressions, as far as they were tried); `visit` returns whether to go on.
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

    /// What the message is most like; nil if it is like nothing known.
    var judgement: Judgement? { program.precedents?.learned.judge([body.words, subject.words]) }

    /// The words of the body that speak most for one category against another.
    func weightiestWords(for category: String?, against other: String?, most: Int) -> [String] {
        program.precedents?.learned.weightiest(in: body.words, for: category, against: other, most: most) ?? []
    }

    func outcome() -> RuleOutcome {
        var outcome = RuleOutcome()
        if let failure {
            outcome.failed = [failure]
            return outcome
        }
        var wanted = outcome.wanted
        forEachCandidate { rule in
            guard !wanted.isDisjoint(with: program.kinds[rule]), holds(rule: rule) else { return true }
            if let use = program.rules[rule].actions.precedents, let judgement {
                outcome.take(judgement, use.value, of: rule)
            }
            outcome.take(program.rules[rule].actions, of: rule)
            wanted = outcome.wanted
            return outcome.stoppedBy == nil
        }
        if let failure {
            outcome = RuleOutcome()
            outcome.failed = [failure]
        }
        return outcome
    }
}
