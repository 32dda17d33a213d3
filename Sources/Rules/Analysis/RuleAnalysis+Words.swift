extension RuleAnalysis.Run {
    /// Words named in one finding; the others are counted.
    private static let mostNamed = 5

    // MARK: Lists

    /// Entries that stand beside a wider one in the same list, and entries written twice.
    mutating func lookForNeedless(in rule: Int) {
        for group in formulas[rule].groups where group.atoms.count > 1 {
            var seen: Set<Int> = []
            for (index, atom) in group.atoms.enumerated() {
                let text = group.entries[index].value
                if !seen.insert(atom).inserted {
                    add(
                        .needlessEntry, rule, at: group.entries[index].place,
                        "`\(text)` stands in this list already: remove it")
                    continue
                }
                guard let other = wider(than: index, in: group, isFree: table.isFree(atom)) else { continue }
                add(
                    .needlessEntry, rule, at: group.entries[index].place,
                    "`\(text)` is needless: `\(group.entries[other].value)` in the same list matches wherever it does; remove it"
                )
            }
        }
    }

    /// The place of an entry that matches wherever this one does. Of two that imply each other, the later is the needless.
    ///
    /// - Parameter isFree: only one that is found for nothing. A plain word beside a pattern that has to be tried is not
    ///   needless: it spares the trial.
    private func wider(than index: Int, in group: Formula.Group, isFree: Bool = false) -> Int? {
        let atom = group.atoms[index]
        for wider in table.implied(by: atom) {
            guard let other = group.place(of: wider), !isFree || table.isFree(wider) else { continue }
            if other < index || !table.implied(by: wider).contains(atom) { return other }
        }
        return nil
    }

    // MARK: Words

    /// Words that never matter, because the rule itself excludes them or an earlier one takes them.
    mutating func lookAtWords(of rule: Int) {
        let formula = formulas[rule]
        lookForDeadAlternatives(in: self.rule(rule).condition, of: rules.program.roots[rule], rule, Demands(table))
        for focus in Focus.all(in: formula) {
            guard let first = focus.group.atoms.first, !table.isContext(first) else { continue }
            if lookAtWords(of: focus, rule) { return }
        }
    }

    /// - Returns: whether nothing is left of the rule.
    private mutating func lookAtWords(of focus: Focus, _ rule: Int) -> Bool {
        var around = Demands(table)
        for part in focus.rest { around.add(part) }
        let base = candidates(focus.rest.flatMap(\.someAtoms), before: rule)
        var taken: [(index: Int, takers: [Int])] = []
        var seen: Set<Int> = []
        // Whether the rule can do something by a word of this list.
        var isOpen = false
        let group = focus.group
        for (index, atom) in group.atoms.enumerated() where seen.insert(atom).inserted {
            // What is needless anyhow has been told.
            if wider(than: index, in: group) != nil { continue }
            let side = Clash.Side(text: group.entries[index].value, isWanted: true, place: group.entries[index].place)
            if let clash = around.clash(with: atom, side) {
                // The whole condition fails, not the word, if there is no other.
                add(
                    .excludedWord, rule, at: group.entries[index].place,
                    "`\(group.entries[index].value)` never counts here: the rule's own exception `\(clash.second.text)` (\(clash.second.place.map { "\($0.line):\($0.column)" } ?? "")) always excludes it; remove one of them"
                )
                continue
            }
            let own = candidates([atom], before: rule)
            let merged = own.isEmpty ? base : base.isEmpty ? own : Array(Set(own).union(base)).sorted()
            guard !merged.isEmpty else {
                isOpen = true
                continue
            }
            let takers = takers(of: focus.formula(index), before: rule, from: merged)
            if effects.left(of: rule, after: takers).isEmpty { taken.append((index, fewest(takers, for: rule))) }
            isOpen = isOpen || taken.last?.index != index
        }
        if focus.isNecessary, !isOpen, let first = taken.first {
            let takers = Set(taken.flatMap(\.takers)).sorted()
            add(
                .shadowed, rule, takers: first.takers,
                witness: witness(of: focus.formula(first.index), rule, taken: first.takers),
                "\(self.rule(rule).name) never decides anything: earlier rules take every word of its list at \(group.entries[0].place.line):\(group.entries[0].place.column), namely \(takers.map(name).joined(separator: " and ")); put it before, or remove it"
            )
            return true
        }
        report(taken, of: focus, rule)
        return false
    }

    private mutating func report(_ taken: [(index: Int, takers: [Int])], of focus: Focus, _ rule: Int) {
        let group = focus.group
        var byTakers: [[Int]: [Int]] = [:]
        for (index, takers) in taken { byTakers[takers, default: []].append(index) }
        for (takers, indices) in byTakers {
            guard let first = indices.first else { continue }
            let words = indices.prefix(Self.mostNamed).map { index in
                let place = group.entries[index].place
                return "`\(group.entries[index].value)`" + (index == first ? "" : " (\(place.line):\(place.column))")
            }
            let more = indices.count - words.count
            let list = words.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
            let names = takers.map(name).joined(separator: " and ")
            let what =
                indices.count == 1
                ? "it; put this rule before, or remove the word" : "them; put this rule before, or remove the words"
            add(
                .takenWord, rule, at: group.entries[first].place, takers: takers,
                witness: witness(of: focus.formula(first), rule, taken: takers),
                places: indices.map { group.entries[$0].place },
                "\(list) never \(indices.count == 1 ? "decides" : "decide") anything here: \(names) always takes \(what)"
            )
        }
    }

    // MARK: Alternatives

    /// Alternatives of a written `any` that clash with themselves or with what stands around it.
    private mutating func lookForDeadAlternatives(
        in condition: Condition, of node: Int, _ rule: Int, _ around: Demands
    ) {
        let first = rules.program.nodes[node].first
        switch condition {
        case .all(let parts):
            for (index, part) in parts.enumerated() where part.isAnyOrAll {
                var more = around
                for (place, other) in parts.enumerated() where place != index {
                    more.add(reader.formula(other, of: first + place))
                }
                lookForDeadAlternatives(in: part, of: first + index, rule, more)
            }
        case .any(let parts):
            for (index, part) in parts.enumerated() {
                let formula = reader.formula(part, of: first + index)
                var inner = around.and(formula)
                if let clash = inner.settled() {
                    add(
                        .deadAlternative, rule, at: formula.groups.first?.entries.first?.place ?? clash.first.place,
                        "no message fulfils this alternative: \(clash.description); change or remove it")
                } else if part.isAnyOrAll {
                    lookForDeadAlternatives(in: part, of: first + index, rule, around)
                }
            }
        default: break
        }
    }

    // MARK: Always

    /// Whether it could hold for every message: not if it needs one of some things, unless these are all times there are.
    private func mayAlwaysHold(_ formula: Formula) -> Bool {
        guard let necessary = formula.necessary(table) else { return true }
        return necessary.contains { if case .week = table[$0] { true } else { false } }
    }

    /// Whether a part could exclude an exception: not if there is one exception, and all is about words.
    private func mayExclude(_ formula: Formula, _ parts: [Condition]) -> Bool {
        parts.count { if case .not = $0 { true } else { false } } > 1
            || formula.groups.contains { $0.atoms.contains(where: table.isContext) }
    }

    /// A condition, or an exception, that asks nothing.
    mutating func lookForAlways(_ index: Int) {
        let condition = rule(index).condition
        guard !condition.isEmpty else { return }
        let root = rules.program.roots[index]
        if mayAlwaysHold(formulas[index]),
            Demands.clash(in: reader.formula(condition, of: root, negated: true), table) != nil
        {
            add(
                .alwaysHolds, index,
                "the condition of \(rule(index).name) holds for every message: write what you mean, or remove `when`")
            return
        }
        guard case .all(let parts) = condition, mayExclude(formulas[index], parts) else { return }
        for (place, part) in parts.enumerated() {
            guard case .not = part else { continue }
            let first = rules.program.nodes[root].first
            let rest = parts.indices.filter { $0 != place }.map { reader.formula(parts[$0], of: first + $0) }
            // Twice `not`: what stands under it.
            let exception = reader.formula(part, of: first + place, negated: true)
            guard let clash = Demands.clash(in: .all(rest + [exception]), table) else { continue }
            add(
                .idleException, index, at: exception.groups.first?.entries.first?.place,
                "this exception of \(rule(index).name) never applies: \(clash.description); remove it")
        }
    }
}

extension Condition {
    fileprivate var isAnyOrAll: Bool {
        switch self {
        case .any, .all: true
        default: false
        }
    }
}
