import Civic

/// A condition in which `not` stands before single things only: what the analysis reasons about.
indirect enum Formula: Sendable {
    case all([Formula])
    case any([Formula])
    /// One of them holds.
    case some(Group)
    /// None of them holds.
    case none(Group)

    static let always = Formula.all([])
    static let never = Formula.any([])

    /// A list as it was written.
    struct Group: Sendable {
        let atoms: [Int]
        /// Of each atom, where it stands first; nil for a list so short that it is sooner looked through.
        private let first: [Int: Int]?
        /// What was written; of each atom, or of all together if there is one.
        let entries: [Placed<String>]

        init(_ atoms: [Int], _ entries: [Placed<String>]) {
            self.atoms = atoms
            first = atoms.count < 12 ? nil : Dictionary(zip(atoms, atoms.indices)) { first, _ in first }
            self.entries = entries
        }

        /// Where an atom stands first.
        func place(of atom: Int) -> Int? { first.map { $0[atom] } ?? atoms.firstIndex(of: atom) }

        func contains(_ atom: Int) -> Bool { place(of: atom) != nil }

        /// Only the atom at this place in the list.
        func only(_ index: Int) -> Group { Group([atoms[index]], [entries[index]]) }
    }
}

/// Turns conditions into formulas, and numbers their atoms.
struct FormulaReader {
    let program: Program
    let table: AtomTable

    /// - Parameter node: the condition's, which knows the facts that its patterns are.
    func formula(_ condition: Condition, of node: Int, negated: Bool = false) -> Formula {
        switch condition {
        case .all(let parts):
            let inner = formulas(parts, of: node, negated: negated)
            return negated ? .any(inner) : .all(inner)
        case .any(let parts):
            let inner = formulas(parts, of: node, negated: negated)
            return negated ? .all(inner) : .any(inner)
        case .not(let part): return formula(part, of: program.nodes[node].first, negated: !negated)
        case .text(_, let patterns):
            let facts = program.factLists[program.nodes[node].first...]
            let atoms = zip(facts, patterns).map { table.pattern($1.value, fact: $0) }
            let group = Formula.Group(atoms, patterns)
            return negated ? .none(group) : .some(group)
        case .channel(let names):
            return group(names, negated, { "channel \($0)" }) { table.number(.channel($0)) }
        case .language(let codes):
            return group(codes, negated, { "language \($0)" }) { table.number(.language($0.lowercased())) }
        case .from(let senders): return group(senders, negated, { "from \($0)" }) { table.number(sender($0)) }
        case .area(let areas): return group(areas, negated, { "area \($0)" }) { table.number(.area($0)) }
        case .has(let features):
            return group(features, negated, { "has \($0.rawValue)" }) { table.number(.has($0)) }
        case .authenticated(let value, let place):
            let group = Formula.Group([table.number(.authenticated)], [Placed("citizen authenticated", at: place)])
            return value == negated ? .none(group) : .some(group)
        case .time(let time, let place): return self.time(time, at: place, negated: negated)
        case .field(let name, let values, let place):
            if values.isEmpty {
                return group([Placed(name, at: place)], negated, { "field \($0)" }) { table.number(.field($0)) }
            }
            return group(values, negated, { "field \(name): \($0)" }) {
                table.number(.value(field: name, foldedKey($0)))
            }
        }
    }

    /// The children of a node stand side by side.
    private func formulas(_ parts: [Condition], of node: Int, negated: Bool) -> [Formula] {
        let first = program.nodes[node].first
        return parts.enumerated().map { formula($1, of: first + $0, negated: negated) }
    }

    private func group<Value>(
        _ values: [Placed<Value>], _ negated: Bool, _ text: (Value) -> String, _ number: (Value) -> Int
    ) -> Formula {
        let group = Formula.Group(
            values.map { number($0.value) }, values.map { Placed(text($0.value), at: $0.place) })
        return negated ? .none(group) : .some(group)
    }

    private func sender(_ written: String) -> Atom {
        let lower = written.lowercased()
        let domain = lower.hasPrefix("@") ? String(lower.dropFirst()) : lower
        return domain.contains("@") ? .address(lower) : .domain(domain)
    }

    private func time(_ time: Condition.TimeCondition, at place: SourcePlace, negated: Bool) -> Formula {
        var week = MinutesOfWeek(time)
        var parts: [Formula] = []
        let text = Condition.time(time, place).short
        func part(_ atom: Atom, holds: Bool) {
            let group = Formula.Group([table.number(atom)], [Placed(text, at: place)])
            parts.append(holds != negated ? .some(group) : .none(group))
        }
        if let calendar = time.calendar {
            let (hours, isExact) = table.hours(calendar)
            if isExact {
                week = week.intersection(time.open ? hours : hours.complement)
            } else {
                part(.open(calendar), holds: time.open)
            }
        }
        // What is left of the week, or else the rest of it.
        let rest = negated ? week.complement : week
        if rest != .all {
            let group = Formula.Group(
                [table.number(.week(rest))], [Placed(negated ? "not \(text)" : text, at: place)])
            // None of the week is left: a clash with itself, told at its place.
            parts.append(.some(group))
        } else if negated {
            return .always
        }
        return negated ? .any(parts) : .all(parts)
    }
}
