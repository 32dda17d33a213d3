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
        /// Of each atom, where it stands first.
        let first: [Int: Int]
        var set: Dictionary<Int, Int>.Keys { first.keys }
        /// Of each atom.
        let places: [SourcePlace]
        /// What was written; of each atom, or of all together if there is one.
        let texts: [String]

        init(_ atoms: [Int], _ places: [SourcePlace], _ texts: [String]) {
            self.atoms = atoms
            first = Dictionary(zip(atoms, atoms.indices)) { first, _ in first }
            self.places = places
            self.texts = texts
        }

        /// Only the atom at this place in the list.
        func only(_ index: Int) -> Group { Group([atoms[index]], [places[index]], [texts[index]]) }
    }
}

/// Turns conditions into formulas, and numbers their atoms.
struct FormulaReader {
    let table: AtomTable
    /// The words are sought by their stems: what they have in common with others is not known.
    var isStem = false

    func formula(_ condition: Condition, negated: Bool = false) -> Formula {
        switch condition {
        case .all(let parts):
            let inner = parts.map { formula($0, negated: negated) }
            return negated ? .any(inner) : .all(inner)
        case .any(let parts):
            let inner = parts.map { formula($0, negated: negated) }
            return negated ? .all(inner) : .any(inner)
        case .not(let part): return formula(part, negated: !negated)
        case .text(let part, let patterns):
            return group(patterns, negated, \.self) {
                isStem && !$0.hasPrefix("/")
                    ? table.number(.pattern(part, written: "stem \($0)")) : table.pattern($0, in: part)
            }
        case .channel(let names):
            return group(names, negated, { "channel \($0)" }) { table.number(.channel($0)) }
        case .language(let codes):
            return group(codes, negated, { "language \($0)" }) { table.number(.language($0.lowercased())) }
        case .from(let senders): return group(senders, negated, { "from \($0)" }) { table.number(sender($0)) }
        case .area(let areas): return group(areas, negated, { "area \($0)" }) { table.number(.area($0)) }
        case .has(let features):
            return group(features, negated, { "has \($0.rawValue)" }) { table.number(.has($0)) }
        case .authenticated(let value, let place):
            let atoms = Formula.Group(
                [table.number(.authenticated)], [place], ["citizen authenticated"])
            return value == negated ? .none(atoms) : .some(atoms)
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

    private func group<Value>(
        _ values: [Placed<Value>], _ negated: Bool, _ text: (Value) -> String, _ number: (Value) -> Int?
    ) -> Formula {
        var atoms: [Int] = []
        var places: [SourcePlace] = []
        var texts: [String] = []
        for value in values {
            guard let atom = number(value.value) else { continue }
            atoms.append(atom)
            places.append(value.place)
            texts.append(text(value.value))
        }
        let group = Formula.Group(atoms, places, texts)
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
            let group = Formula.Group([table.number(atom)], [place], [text])
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
            let group = Formula.Group([table.number(.week(rest))], [place], [negated ? "not \(text)" : text])
            // None of the week is left: a clash with itself, told at its place.
            parts.append(.some(group))
        } else if negated {
            return .always
        }
        return negated ? .any(parts) : .all(parts)
    }
}
