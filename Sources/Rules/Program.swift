import Civic

/// A compiled rule set: flat tables, fixed once made, read by all threads.
final class Program: Sendable {
    /// A condition; the children of one node stand side by side, in the order in which they were written.
    struct Node: Sendable {
        enum Kind: UInt8, Sendable { case all, any, not, facts, time }
        let kind: Kind
        /// Whether it asks about the text.
        var isText = false
        /// Whether its words are sought by their stems.
        var isStem = false
        /// The first child, the first place in `factLists`, or the place in `times`.
        let first: Int
        var count = 1
    }

    struct Time: Sendable {
        let condition: Condition.TimeCondition
        let calendar: WorkCalendar?
    }

    /// By the fact's place: the facts that a pattern occurs, by the part of the message; -1 if no rule asks.
    struct PartFacts: Sendable {
        let text: Int32
        let subject: Int32
        let body: Int32

        init(_ parts: Facts.Parts) {
            func number(_ fact: Int?) -> Int32 { fact.map(Int32.init) ?? -1 }
            text = number(parts.text)
            subject = number(parts.subject)
            body = number(parts.body)
        }
    }

    let rules: [RuleDefinition]
    let consequences: [Consequences]
    /// The limit of the numbers in them.
    let numberCount: Int
    /// By rule: what it does, without the cost of copying it.
    let kinds: [ActionKinds]
    let nodes: [Node]
    /// By node: whether a pattern below it may have to be tried; the others are asked first.
    let tries: [Bool]
    /// The node of each rule's condition.
    let roots: [Int]
    /// The facts of which a `.facts` node needs one, in the order of the written values.
    let factLists: [Int]
    /// The same facts, to see quickly whether any holds.
    let factRuns: Runs
    let times: [Time]
    let zone: Zone
    let facts: Facts
    let words: WordSet?
    let stems: WordSet?
    let stemmer: Stemmer?
    let expressions: ExpressionSet?
    let precedents: Precedents?
    /// For each fact about the text, which pattern it is about and where.
    let patternFacts: [PatternFact?]
    /// By pattern.
    let wordFacts: [PartFacts]
    let stemFacts: [PartFacts]
    let expressionFacts: [PartFacts]
    let seekers: Seekers
    let shortConditions = ShortConditions()
    /// The rules that a fact may bring about: twice their number, and one more if it is all that they need.
    let rulesByFact: Lists
    /// The rules for which a fact about the text speaks, whether it is necessary or not.
    let rulesSpokenFor: Lists
    /// Those that may hold without any particular fact.
    let always: [Int32]

    struct PatternFact: Sendable {
        let kind: Pattern.Kind
        let pattern: Int
        let part: Condition.TextPart
    }

    /// What seeks the patterns.
    struct Finders {
        let words: WordSet?
        let stems: WordSet?
        let expressions: ExpressionSet?

        init(_ facts: Facts) throws(WordSet.Failure) {
            words = facts.words.patterns.isEmpty ? nil : try WordSet(facts.words.patterns)
            stems = facts.stems.patterns.isEmpty ? nil : try WordSet(facts.stems.patterns)
            expressions =
                facts.expressions.patterns.isEmpty ? nil : try ExpressionSet(facts.expressions.patterns.map(\.source))
        }
    }

    init(compiler: consuming RuleCompiler, finders: Finders, tables: Tables, precedents: Precedents?) {
        self.precedents = precedents
        rules = compiler.rules
        nodes = compiler.nodes
        roots = compiler.roots
        factLists = compiler.factLists
        times = compiler.times
        zone = compiler.zone
        facts = compiler.facts
        words = finders.words
        stems = finders.stems
        stemmer = compiler.stemmer
        seekers = Seekers(stemmer: compiler.stemmer)
        expressions = finders.expressions
        wordFacts = facts.words.facts.map(PartFacts.init)
        stemFacts = facts.stems.facts.map(PartFacts.init)
        expressionFacts = facts.expressions.facts.map(PartFacts.init)
        consequences = tables.consequences
        numberCount = tables.numberCount
        kinds = tables.kinds
        factRuns = tables.factRuns
        patternFacts = tables.patternFacts
        tries = tables.tries
        always = tables.always
        rulesByFact = tables.rulesByFact
        rulesSpokenFor = tables.rulesSpokenFor
    }
}

extension Program {
    /// What takes time to make, and needs no finder.
    struct Tables {
        let consequences: [Consequences]
        let numberCount: Int
        let kinds: [ActionKinds]
        let factRuns: Runs
        let patternFacts: [PatternFact?]
        let tries: [Bool]
        let always: [Int32]
        let rulesByFact: Lists
        let rulesSpokenFor: Lists

        init(_ compiler: RuleCompiler) {
            let (facts, nodes, factLists) = (compiler.facts, compiler.nodes, compiler.factLists)
            var numbers = Consequences.Numbers()
            consequences = compiler.rules.enumerated().map { Consequences($1.actions, of: $0, &numbers) }
            numberCount = numbers.count
            kinds = compiler.rules.map { ActionKinds(of: $0.actions) }
            factRuns = Runs(
                nodes.map { $0.kind == .facts ? Array(factLists[$0.first..<$0.first + $0.count]) : [] })
            patternFacts = Tables.patternFacts(facts)
            tries = Program.tries(nodes, factLists, patternFacts, facts)

            var always: [Int32] = []
            var byFact: [Lists.Entry] = []
            var speaking: [Lists.Entry] = []
            for (rule, root) in compiler.roots.enumerated() {
                if let necessary = compiler.necessaryFacts(of: root) {
                    let sufficient = Set(Program.sufficientFacts(of: root, nodes, factLists, tries))
                    byFact += Set(necessary).map {
                        Lists.Entry(list: $0, value: rule << 1 | (sufficient.contains($0) ? 1 : 0))
                    }
                } else {
                    always.append(Int32(rule))
                }
                speaking += Set(compiler.speakingFacts(of: root)).map { Lists.Entry(list: $0, value: rule) }
            }
            self.always = always
            rulesByFact = Lists(byFact, count: facts.count)
            rulesSpokenFor = Lists(speaking, count: facts.count)
        }

        private static func patternFacts(_ facts: Facts) -> [PatternFact?] {
            var patternFacts = [PatternFact?](repeating: nil, count: facts.count)
            for kind in [Pattern.Kind.words, .stems, .expression] {
                for (pattern, parts) in facts.patterns(kind).facts.enumerated() {
                    for (fact, part) in [
                        (parts.text, Condition.TextPart.text), (parts.subject, .subject), (parts.body, .body),
                    ] {
                        if let fact { patternFacts[fact] = PatternFact(kind: kind, pattern: pattern, part: part) }
                    }
                }
            }
            return patternFacts
        }
    }

    /// Facts that by themselves make a node hold, before any pattern below it is tried.
    private static func sufficientFacts(
        of index: Int, _ nodes: [Node], _ factLists: [Int], _ tries: [Bool]
    ) -> [Int] {
        let node = nodes[index]
        let members = node.first..<node.first + node.count
        switch node.kind {
        case .facts: return Array(factLists[members])
        case .all where node.count == 1: return sufficientFacts(of: node.first, nodes, factLists, tries)
        case .any:
            return members.filter { node.count == 1 || !tries[$0] }
                .flatMap { sufficientFacts(of: $0, nodes, factLists, tries) }
        case .all, .not, .time: return []
        }
    }

    private static func tries(
        _ nodes: [Node], _ factLists: [Int], _ patternFacts: [PatternFact?], _ facts: Facts
    ) -> [Bool] {
        var tries = [Bool](repeating: false, count: nodes.count)
        // Children stand behind their parents.
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            tries[index] =
                switch node.kind {
                case .time: false
                case .all, .any, .not: (node.first..<node.first + node.count).contains { tries[$0] }
                case .facts:
                    (node.first..<node.first + node.count).contains { place in
                        guard let fact = patternFacts[factLists[place]] else { return false }
                        return fact.kind == .expression
                            || !facts.patterns(fact.kind).patterns[fact.pattern].isDecidedByPiece
                    }
                }
        }
        return tries
    }
}
