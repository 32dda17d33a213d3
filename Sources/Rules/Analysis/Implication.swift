/// Proves that one formula holds wherever another does. What it says is true; what it does not say may be true too.
struct Implication {
    /// Comparisons of one proof. No written rule comes near it; without it, deep nesting could take for ever.
    private static let most = 50_000

    let table: AtomTable
    private var left = Implication.most

    init(_ table: AtomTable) { self.table = table }

    static func holds(_ table: AtomTable, _ a: Formula, _ b: Formula) -> Bool {
        var proof = Implication(table)
        return proof.implies(a, b)
    }

    private mutating func implies(_ a: Formula, _ b: Formula) -> Bool {
        left -= 1
        guard left > 0 else { return false }
        // What both sides must be taken apart for, before what is a choice.
        switch (a, b) {
        case (_, .all(let parts)):
            for part in parts where !implies(a, part) { return false }
            return true
        case (.any(let parts), _):
            for part in parts where !implies(part, b) { return false }
            return true
        case (.some(let group), .any) where group.atoms.count > 1:
            for index in group.atoms.indices where !implies(.some(group.only(index)), b) { return false }
            return true
        case (.all, .none(let group)) where group.atoms.count > 1:
            for index in group.atoms.indices where !implies(a, .none(group.only(index))) { return false }
            return true
        case (.all(let parts), .any(let wanted)):
            return wanted.contains { implies(a, $0) } || parts.contains { implies($0, b) }
        case (_, .any(let wanted)): return wanted.contains { implies(a, $0) }
        case (.all(let parts), _): return parts.contains { implies($0, b) }
        case (.some(let group), .some(let wanted)):
            left -= group.atoms.count
            return group.atoms.allSatisfy { atom in
                wanted.contains(atom) || table.implied(by: atom).contains(where: wanted.contains)
            }
        case (.none(let group), .none(let wanted)):
            left -= wanted.atoms.count
            return wanted.atoms.allSatisfy { atom in
                group.contains(atom) || table.implied(by: atom).contains(where: group.contains)
            }
        case (.some(let group), .none(let wanted)):
            left -= group.atoms.count * wanted.atoms.count
            return group.atoms.allSatisfy { atom in wanted.atoms.allSatisfy { table.excludes(atom, $0) } }
        // Whoever lacks one thing need not have another.
        case (.none, .some): return false
        }
    }
}
