import Civic

/// Looks at all rules together, without any message, and tells which of them, and which of their words, cannot do what
/// they were written for.
///
/// What it tells is proved: it says nothing where it is not sure. For each rule only those earlier ones are compared
/// that ask for something this one implies, so the work grows with what rules have in common and not with their square.
public struct RuleAnalysis {
    /// In the order of their places.
    public let findings: [RuleFinding]

    /// - Parameter calendars: those that the rules were compiled with.
    public init(_ rules: RuleSet, calendars: [String: WorkCalendar]) {
        let run = Run(rules, calendars: calendars)
        // Used by the other thread only.
        nonisolated(unsafe) let twin = run.twin
        let all = rules.rules.indices
        let (before, after) = together(
            { run.findings(on: all.prefix(all.count / 2)) }, { twin.findings(on: all.dropFirst(all.count / 2)) })
        findings = (before + after + ExpressionCheck(rules.program).findings).sorted { a, b in
            (a.place.file, a.place.line, a.place.column, a.message)
                < (b.place.file, b.place.line, b.place.column, b.message)
        }
    }
}

extension RuleAnalysis {
    /// The analysis at work, rule by rule.
    struct Run {
        /// A rule of more lists than anybody writes is not looked at: parts are compared with parts.
        static let mostLists = 300
        /// Earlier rules compared for one rule or word; beyond, the others are not looked at.
        static let mostCompared = 2000
        /// Rules that nothing announces are candidates for all later ones.
        static let mostUnannounced = 200

        let rules: RuleSet
        private(set) var table: AtomTable
        let effects: Effects
        private(set) var maker: WitnessMaker
        private(set) var reader: FormulaReader
        private(set) var formulas: [Formula] = []
        /// By atom: the rules of which it is one of the necessary ones.
        private let announced: Lists
        private var unannounced: [Int] = []
        /// By rule: the first one that asks the same, in whatever order.
        private var twins: [Int] = []
        /// The rules that no message fulfils, and why: they take nothing from others.
        private var impossible: [Int: Clash] = [:]
        private var findings: [RuleFinding] = []

        init(_ rules: RuleSet, calendars: [String: WorkCalendar]) {
            self.rules = rules
            let program = rules.program
            table = AtomTable(program, calendars: calendars)
            effects = Effects(program)
            maker = WitnessMaker(table: table, zone: program.zone)
            reader = FormulaReader(program: program, table: table)
            var announced: [Lists.Entry] = []
            var first: [[Int]: Int] = [:]
            for (number, rule) in program.rules.enumerated() {
                let formula = reader.formula(rule.condition, of: program.roots[number])
                formulas.append(formula)
                let key = formula.key
                if !rule.condition.isEmpty, first[key] == nil { first[key] = number }
                twins.append(first[key] ?? number)
                if let necessary = formula.necessary(table) {
                    announced += necessary.map { Lists.Entry(list: $0, value: number) }
                } else if unannounced.count < Run.mostUnannounced {
                    unannounced.append(number)
                }
            }
            self.announced = Lists(announced, count: table.atoms.count)
            // Not before the table is full: it keeps what it has been asked.
            for (number, formula) in formulas.enumerated() where formula.groups.count <= Run.mostLists {
                impossible[number] = Demands.clash(in: formula, table)
            }
        }

        /// The same for another thread, with a table of its own.
        var twin: Run {
            var twin = self
            twin.table = AtomTable(table)
            twin.maker = WitnessMaker(table: twin.table, zone: rules.program.zone)
            twin.reader = FormulaReader(program: rules.program, table: twin.table)
            return twin
        }

        func findings(on indices: Range<Int>) -> [RuleFinding] {
            var run = self
            for index in indices { run.look(at: index) }
            return run.findings
        }

        func rule(_ index: Int) -> RuleDefinition { rules.rules[index] }

        func name(_ index: Int) -> String {
            let rule = rules.rules[index]
            return "\(rule.name) (\(rule.place))"
        }

        // MARK: One rule

        mutating func look(at index: Int) {
            let formula = formulas[index]
            lookForNeedless(in: index)
            guard formula.groups.count <= Run.mostLists else { return }
            if let clash = impossible[index] {
                add(
                    .neverHolds, index, at: clash.first.place,
                    "no message fulfils the condition of \(rule(index).name): \(clash.description); change or remove one of them"
                )
                return
            }
            lookForAlways(index)
            let takers = takers(of: formula, before: index, from: candidates(formula.someAtoms, before: index))
            let left = effects.left(of: index, after: takers)
            if left.isEmpty, effects.kinds(of: index) != [] {
                report(index, takenBy: takers)
                return
            }
            // What precedents leave open, the same condition may decide later.
            let twin = twins[index]
            if twin != index, rule(twin).actions.precedents == nil {
                add(
                    .duplicate, index, takers: [twin], whole: false,
                    "\(rule(index).name) has the condition of \(name(twin)): put what they do into one rule")
            } else {
                reportOutdone(index, takers, left)
            }
            lookAtWords(of: index)
        }

        private mutating func report(_ index: Int, takenBy takers: [Int]) {
            let takers = fewest(takers, for: index)
            let names = takers.map(name).joined(separator: " and ")
            let formula = formulas[index]
            let name = rule(index).name
            let witness = witness(of: formula, index, taken: takers)
            let ending = takers.first { effects.ends($0) }
            let always = takers.first { Implication.holds(table, .always, formulas[$0]) }
            if let twin = takers.first(where: { Implication.holds(table, formulas[$0], formula) }), twin != always {
                add(
                    .duplicate, index, takers: takers, witness: witness,
                    "\(name) has the condition of \(self.name(twin)), and nothing that it does counts: remove one of them"
                )
            } else if let ending {
                let how = effects.kinds(of: ending).contains(.stop) ? "ends the evaluation" : "discards the message"
                add(
                    .unreachable, index, takers: takers, witness: witness,
                    "\(name) is never reached: \(self.name(ending)) holds wherever it does, and \(how); put \(name) before it, or remove it"
                )
            } else if always != nil {
                add(
                    .unreachable, index, takers: takers, witness: witness,
                    "\(name) never does anything: \(names) always holds; put \(name) before it, or remove it")
            } else {
                let kinds = effects.kinds(of: index)
                let (holds, sets, decides) =
                    takers.count == 1 ? ("does", "sets", "decides") : ("do", "set", "decide")
                // What keeps a rule from abstaining or discarding is not that another one did.
                let how = kinds.isDisjoint(with: [.abstain, .discard]) ? "\(sets) \(kinds.names)" : decides
                add(
                    .shadowed, index, takers: takers, witness: witness,
                    "\(name) never decides anything: wherever it holds, \(names) \(holds) too, and \(how) first; put \(name) before, or remove it"
                )
            }
        }

        private mutating func reportOutdone(_ index: Int, _ takers: [Int], _ left: ActionKinds) {
            let lost = effects.kinds(of: index).subtracting(left).intersection([.category, .office])
            guard !lost.isEmpty, let taker = takers.first(where: { !effects.kinds(of: $0).isDisjoint(with: lost) })
            else {
                return
            }
            let fields = lost.names
            add(
                .outdone, index, takers: [taker], witness: witness(of: formulas[index], index, taken: [taker]),
                "the \(fields) of \(rule(index).name) never counts: wherever it holds, \(name(taker)) does too, and sets it first; put \(rule(index).name) before, or remove the \(fields)"
            )
        }

        // MARK: Comparing

        /// Earlier rules that may hold wherever one of these atoms does, in their order.
        func candidates(_ atoms: [Int], before index: Int) -> [Int] {
            var found: Set<Int> = []
            for atom in atoms {
                for implied in [atom] + table.implied(by: atom) where implied < announced.count {
                    for rule in announced[implied] {
                        if rule >= index { break }
                        found.insert(Int(rule))
                    }
                }
            }
            for rule in unannounced where rule < index { found.insert(rule) }
            return found.sorted()
        }

        /// Those among the candidates that hold wherever the formula does, and take something from the rule.
        func takers(of formula: Formula, before index: Int, from candidates: [Int]) -> [Int] {
            var takers: [Int] = []
            var compared = 0
            for candidate in candidates where impossible[candidate] == nil {
                guard effects.concerns(candidate, index) else { continue }
                compared += 1
                if compared > Run.mostCompared { break }
                guard Implication.holds(table, formula, formulas[candidate]) else { continue }
                takers.append(candidate)
                if effects.left(of: index, after: takers).isEmpty { break }
            }
            return takers
        }

        /// The takers without those that are not needed.
        func fewest(_ takers: [Int], for index: Int) -> [Int] {
            var needed = takers
            for taker in takers where needed.count > 1 {
                let others = needed.filter { $0 != taker }
                if effects.left(of: index, after: others).isEmpty { needed = others }
            }
            return needed
        }

        mutating func add(
            _ kind: RuleFinding.Kind, _ rule: Int, at place: SourcePlace? = nil, takers: [Int] = [],
            witness: Witness? = nil, places: [SourcePlace] = [], whole: Bool = true, _ message: String
        ) {
            let example = witness.map { "; for example \($0.description)" } ?? ""
            findings.append(
                RuleFinding(
                    kind: kind, place: place ?? rules.rules[rule].place, rule: rule, message: message + example,
                    witness: witness, takers: takers, places: places, isWhole: whole))
        }

        // MARK: Witnesses

        /// A message of the formula on which the rule and the takers hold, as the evaluation says.
        func witness(of formula: Formula, _ index: Int, taken takers: [Int]) -> Witness? {
            let texts = [""] + rule(index).matchExamples.prefix(2).map(\.text)
            for text in texts {
                for attempt in 0..<WitnessMaker.attempts {
                    guard let witness = maker.witness(of: formula, attempt: attempt, text: text) else { continue }
                    if (takers + [index]).allSatisfy({ rules.matches(rule: $0, witness.input) }) { return witness }
                }
            }
            return nil
        }
    }
}
