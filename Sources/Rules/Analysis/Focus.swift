/// One list within a rule's condition of which one entry must hold, and the condition around it.
struct Focus {
    let group: Formula.Group
    /// What must hold besides, if the condition is to hold by this list.
    let rest: [Formula]
    /// Whether the condition holds by an entry of this list or not at all.
    let isNecessary: Bool

    /// The condition as it is where only one entry of the list speaks.
    func formula(_ index: Int) -> Formula { .all(rest + [.some(group.only(index))]) }

    /// All such lists: within `all` with everything beside them, within `any` alone.
    static func all(in formula: Formula, rest: [Formula] = [], isNecessary: Bool = true) -> [Focus] {
        switch formula {
        case .some(let group): return [Focus(group: group, rest: rest, isNecessary: isNecessary)]
        case .none: return []
        case .any(let parts):
            return parts.flatMap { all(in: $0, rest: rest, isNecessary: isNecessary && parts.count == 1) }
        case .all(let parts):
            return parts.enumerated().flatMap { index, part in
                all(in: part, rest: rest + parts[..<index] + parts[(index + 1)...], isNecessary: isNecessary)
            }
        }
    }
}

extension Formula {
    /// Every list of the formula, those under `not` too.
    var groups: [Group] {
        switch self {
        case .some(let group), .none(let group): [group]
        case .all(let parts), .any(let parts): parts.flatMap(\.groups)
        }
    }

    /// The same for formulas that differ only in the order of their parts.
    var key: [Int] {
        func sorted(_ parts: [Formula]) -> [Int] {
            let keys = parts.map(\.key).sorted { $0.lexicographicallyPrecedes($1) }
            return [parts.count] + keys.joined()
        }
        func sorted(_ group: Group) -> [Int] {
            let atoms = group.atoms.sorted()
            let each = atoms.indices.filter { $0 == 0 || atoms[$0] != atoms[$0 - 1] }.map { atoms[$0] }
            return [each.count] + each
        }
        switch self {
        case .all(let parts): return [-1] + sorted(parts)
        case .any(let parts): return [-2] + sorted(parts)
        case .some(let group): return [-3] + sorted(group)
        case .none(let group): return [-4] + sorted(group)
        }
    }

    /// Atoms of which one holds wherever the formula does; of several such lists the shortest that is about the text,
    /// else the shortest. Nil if it may hold without any.
    func necessary(_ table: AtomTable) -> [Int]? {
        switch self {
        case .some(let group): return group.atoms
        case .none: return nil
        case .any(let parts):
            var all: [Int] = []
            for part in parts {
                guard let some = part.necessary(table) else { return nil }
                all += some
            }
            return all
        case .all(let parts):
            func cost(_ list: [Int]) -> (Int, Int) { (list.contains(where: table.isContext) ? 1 : 0, list.count) }
            return parts.compactMap { $0.necessary(table) }.min { cost($0) < cost($1) }
        }
    }

    /// Atoms that hold in some of the ways in which the formula holds: what it implies, some of them imply.
    var someAtoms: [Int] {
        switch self {
        case .some(let group): group.atoms.first.map { [$0] } ?? []
        case .none: []
        case .any(let parts): parts.first?.someAtoms ?? []
        case .all(let parts): parts.flatMap(\.someAtoms)
        }
    }
}
