import Civic

/// Two things that a condition demands, and of which no message has both.
struct Clash {
    struct Side {
        let text: String
        let isWanted: Bool
        let place: SourcePlace?
    }
    let first: Side
    let second: Side

    /// What holds at no time clashes with itself.
    private var isNever: Bool { first.isWanted && second.isWanted && first.place == second.place }

    var description: String {
        if isNever { return "`\(first.text)` is at no time, with the hours of its calendar" }
        func text(_ side: Side) -> String { side.isWanted ? "`\(side.text)`" : "not `\(side.text)`" }
        let places = [first, second].compactMap(\.place).map { "\($0.line):\($0.column)" }
        return "\(text(first)) and \(text(second)) exclude each other (\(places.joined(separator: ", ")))"
    }
}

/// What a message must have and must not have, gathered from the parts of a condition that all must hold, and the lists
/// and alternatives of which one must.
///
/// Sound: a clash means that no message fulfils the parts. Some conditions that cannot be fulfilled are not noticed.
struct Demands {
    /// Alternatives looked at for one rule.
    private static let most = 5000

    let table: AtomTable
    private var left = Demands.most
    private var wanted: [(atom: Int, side: Clash.Side)] = []
    /// By atom.
    private var unwanted: [Int: Clash.Side] = [:]
    private var lists: [Formula.Group] = []
    private var choices: [[Formula]] = []
    private(set) var clash: Clash?

    init(_ table: AtomTable) { self.table = table }

    /// Why no message fulfils the formula, if that is so.
    static func clash(in formula: Formula, _ table: AtomTable) -> Clash? {
        var demands = Demands(table)
        demands.add(formula)
        return demands.settled()
    }

    mutating func add(_ formula: Formula) {
        switch formula {
        case .all(let parts): for part in parts { add(part) }
        case .any(let parts) where parts.count == 1: add(parts[0])
        case .any(let parts): choices.append(parts)
        case .some(let group) where group.atoms.count == 1: want(group, 0)
        case .some(let group): lists.append(group)
        case .none(let group):
            for (index, atom) in group.atoms.enumerated() where unwanted[atom] == nil {
                unwanted[atom] = Clash.Side(
                    text: group.entries[index].value, isWanted: false, place: group.entries[index].place)
            }
        }
    }

    private mutating func want(_ group: Formula.Group, _ index: Int) {
        let side = Clash.Side(text: group.entries[index].value, isWanted: true, place: group.entries[index].place)
        wanted.append((group.atoms[index], side))
    }

    /// What an atom clashes with, as far as is known.
    func clash(with atom: Int, _ side: Clash.Side) -> Clash? {
        if !unwanted.isEmpty {
            if let other = unwanted[atom] { return Clash(first: side, second: other) }
            for implied in table.implied(by: atom) {
                if let other = unwanted[implied] { return Clash(first: side, second: other) }
            }
        }
        if case .week(let minutes) = table[atom], minutes.isEmpty { return Clash(first: side, second: side) }
        guard table.isContext(atom) else { return nil }
        for other in wanted where table.excludes(atom, other.atom) { return Clash(first: side, second: other.side) }
        return nil
    }

    /// The same demands and one more.
    func and(_ formula: Formula) -> Demands {
        var more = self
        more.add(formula)
        return more
    }

    /// Takes what only one alternative is left of as demanded, until nothing changes.
    mutating func settled() -> Clash? {
        var isNew = true
        while isNew {
            isNew = false
            for (atom, side) in wanted {
                if let clash = clash(with: atom, side) { return clash }
            }
            for list in lists.indices.reversed() {
                switch remaining(of: lists[list], at: list) {
                case .none(let clash): return clash
                case .one(let index):
                    want(lists[list], index)
                    lists.remove(at: list)
                    isNew = true
                case .several: break
                }
            }
            for choice in choices.indices.reversed() {
                var possible: [Formula] = []
                var first: Clash?
                for formula in choices[choice] {
                    left -= 1
                    guard left > 0 else { return nil }
                    // Without the other choices: to look at every combination could take for ever.
                    var inner = self
                    inner.choices = []
                    inner.add(formula)
                    if let clash = inner.settled() { first = first ?? clash } else { possible.append(formula) }
                    left = min(left, inner.left)
                }
                if possible.isEmpty { return first ?? Demands.nothing }
                if possible.count == 1 {
                    choices.remove(at: choice)
                    add(possible[0])
                    isNew = true
                }
            }
        }
        return nil
    }

    /// An empty list of alternatives: something that holds at no time.
    private static let nothing = Clash(
        first: Clash.Side(text: "a time that never comes", isWanted: true, place: nil),
        second: Clash.Side(text: "any message", isWanted: true, place: nil))

    private enum Remaining {
        case none(Clash)
        case one(Int)
        case several
    }

    private func remaining(of list: Formula.Group, at place: Int) -> Remaining {
        var first: Clash?
        var possible: [Int] = []
        for (index, atom) in list.atoms.enumerated() {
            let side = Clash.Side(text: list.entries[index].value, isWanted: true, place: list.entries[index].place)
            if let clash = clash(with: atom, side) ?? clash(of: atom, side, withListsBut: place) {
                first = first ?? clash
            } else {
                possible.append(index)
                // Several words are several, whatever the rest.
                if possible.count > 1 { return .several }
            }
        }
        guard let index = possible.first else { return .none(first ?? Demands.nothing) }
        return .one(index)
    }

    /// Whether another list holds nothing but what excludes this.
    private func clash(of atom: Int, _ side: Clash.Side, withListsBut place: Int) -> Clash? {
        guard table.isContext(atom) else { return nil }
        for (index, list) in lists.enumerated() where index != place {
            guard let first = list.atoms.first, table.isContext(first),
                list.atoms.allSatisfy({ table.excludes(atom, $0) })
            else { continue }
            return Clash(
                first: side,
                second: Clash.Side(text: list.entries[0].value, isWanted: true, place: list.entries[0].place))
        }
        return nil
    }
}
