import Civic

/// One message seen by the rules: which facts hold, and what follows. Lives no longer than the call that made it.
struct Evaluation {
    let program: Program
    /// The moment for `time` conditions.
    private let at: Timestamp
    /// One bit a fact.
    private let holding: Marks
    /// One bit a fact: patterns whose literal parts occur. Whether one matches is found out when somebody asks.
    private let open: Marks
    /// Not 0 if a pattern could not be tried.
    private let trouble: UnsafeMutableBufferPointer<UInt64>
    private let body: Folded
    private let subject: Folded
    private let judged = Judged()

    /// What the message is most like, once somebody has asked: nothing else of a decision takes as long.
    private final class Judged {
        var judgement: Judgement??
    }

    /// A part of the message in both forms; a form is empty if no rule asks for it.
    private struct Folded {
        let isAbsent: Bool
        let words: FoldedWords
        let stems: FoldedWords
        let light: UnsafeBufferPointer<UInt8>

        init(_ program: Program, _ text: String, isAbsent: Bool) {
            self.isAbsent = isAbsent
            let asksWords = program.words != nil || program.stems != nil || program.precedents != nil
            words = asksWords && !isAbsent ? FoldedWords.fold(text) : .none
            light =
                program.expressions != nil && !isAbsent
                ? FoldedText.allocateLightly(text) : UnsafeBufferPointer(start: nil, count: 0)
            let stemmed = isAbsent || program.stems == nil ? nil : program.stemmer?.allocateStems(of: words)
            stems = stemmed ?? .none
        }

        func deallocate() {
            words.deallocate()
            stems.deallocate()
            light.deallocate()
        }
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
        // Not within closures that lend memory: each would copy the message's many fields.
        let size = Marks.size(program.facts.count)
        let bits = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 2 * size + 1)
        defer { bits.deallocate() }
        bits.initialize(repeating: 0)
        let text = Folded(program, input.message.text, isAbsent: false)
        defer { text.deallocate() }
        let title = input.message.subject ?? ""
        let subject = Folded(program, title, isAbsent: title.isEmpty)
        defer { subject.deallocate() }
        let evaluation = Evaluation(
            program: program, at: input.at, bits: bits, size: size, body: text, subject: subject)
        evaluation.gather(input)
        return body(evaluation)
    }

    private init(
        program: Program, at: Timestamp, bits: UnsafeMutableBufferPointer<UInt64>, size: Int,
        body: Folded, subject: Folded
    ) {
        self.program = program
        self.at = at
        let count = program.facts.count
        holding = Marks(UnsafeMutableBufferPointer(rebasing: bits[..<size]), below: count)
        open = Marks(UnsafeMutableBufferPointer(rebasing: bits[size..<2 * size]), below: count)
        trouble = UnsafeMutableBufferPointer(rebasing: bits[(2 * size)...])
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
        func mark(_ set: Marks, _ facts: Program.PartFacts) {
            if facts.text >= 0 { set.insert(Int(facts.text)) }
            let own = isSubject ? facts.subject : facts.body
            if own >= 0 { set.insert(Int(own)) }
        }
        if let words = program.words {
            let facts = program.wordFacts
            words.search(text.words, occurs: { mark(holding, facts[$0]) }, possible: { mark(open, facts[$0]) })
        }
        if let stems = program.stems {
            // There was no memory for a stemmer.
            if text.stems.bytes.isEmpty { trouble[0] = 1 }
            let facts = program.stemFacts
            stems.search(text.stems, occurs: { mark(holding, facts[$0]) }, possible: { mark(open, facts[$0]) })
        }
        if let expressions = program.expressions {
            let facts = program.expressionFacts
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
            return program.factRuns.isAny(of: index, in: holding)
                || program.tries[index] && program.factRuns.isAny(of: index, in: open)
                    && members.contains { holds(fact: program.factLists[$0]) }
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

    /// The rules in their order, as far as they may hold, with whether that is already known; `visit` returns whether
    /// to go on.
    private func forEachCandidate(_ visit: (_ rule: Int, _ holds: Bool) -> Bool) {
        Marks.with(below: program.rules.count) { candidates in
            Marks.with(below: program.rules.count) { sure in
                for rule in program.always { candidates.insert(Int(rule)) }
                holding.forEach { fact in
                    program.rulesByFact.forEach(fact) { entry in
                        candidates.insert(entry >> 1)
                        if entry & 1 != 0 { sure.insert(entry >> 1) }
                    }
                    return true
                }
                open.forEach { fact in
                    program.rulesByFact.forEach(fact) { candidates.insert($0 >> 1) }
                    return true
                }
                candidates.forEach { visit($0, sure.has($0)) }
            }
        }
    }

    /// The rules for which some words speak, in their order (expressions, as far as they were tried); `visit` returns whether to go on.
    func forEachSpokenFor(_ visit: (Int) -> Bool) {
        Marks.with(below: program.rules.count) { spoken in
            holding.forEach { fact in
                program.rulesSpokenFor.forEach(fact) { spoken.insert($0) }
                return true
            }
            spoken.forEach(visit)
        }
    }

    /// What the message is most like; nil if it is like nothing known.
    var judgement: Judgement? {
        if let known = judged.judgement { return known }
        let judgement = program.precedents?.learned.judge([body.words.bytes, subject.words.bytes])
        judged.judgement = .some(judgement)
        return judgement
    }

    /// The words of the body that speak most for one category against another.
    func weightiestWords(for category: String?, against other: String?, most: Int) -> [String] {
        program.precedents?.learned.weightiest(in: body.words.bytes, for: category, against: other, most: most) ?? []
    }

    func outcome() -> RuleOutcome {
        var outcome = RuleOutcome()
        if let failure {
            outcome.failed = [failure]
            return outcome
        }
        var wanted = outcome.wanted
        Marks.with(below: program.numberCount) { gathered in
            forEachCandidate { rule, isKnown in
                guard !wanted.isDisjoint(with: program.kinds[rule]), isKnown || holds(rule: rule) else { return true }
                let consequences = program.consequences[rule]
                if let use = consequences.precedents, let judgement { outcome.take(judgement, use, of: rule) }
                outcome.take(consequences, number: rule, gathered: gathered)
                wanted = outcome.wanted
                return outcome.stoppedBy == nil
            }
        }
        if let failure {
            outcome = RuleOutcome()
            outcome.failed = [failure]
        }
        return outcome
    }
}
