import Civic

/// Numbers the atoms of all rules, and knows which imply and which exclude one another.
///
/// Filled while conditions are read; only then asked.
final class AtomTable {
    private(set) var atoms: [Atom] = []
    private var numbers: [Atom: Int] = [:]
    private let calendars: [String: WorkCalendar]
    private let zone: Zone

    /// Patterns by their meaning: `Buche` is `buche`.
    private var sources: [String: String] = [:]
    /// By what is written: the first spelling of the same.
    private var spellings: [String: String] = [:]
    private var cheap: Set<String> = []
    /// By atom, if it is a pattern of words.
    private var phrases: [Int: Phrase] = [:]
    /// Words, phrases and prefixes: finding them costs nothing, where other patterns have to be tried.
    private(set) var free: Set<Int> = []
    private var index: PhraseIndex?
    private var weeks: [Int] = []
    /// What each implies, itself first; filled when asked.
    private var known: [[Int]?] = []

    init(calendars: [String: WorkCalendar], zone: Zone) {
        self.calendars = calendars
        self.zone = zone
    }

    subscript(atom: Int) -> Atom { atoms[atom] }

    func number(_ atom: Atom) -> Int {
        if let known = numbers[atom] { return known }
        let new = atoms.count
        numbers[atom] = new
        atoms.append(atom)
        known.append(nil)
        if case .week = atom { weeks.append(new) }
        return new
    }

    /// - Returns: the number of a pattern, the same however it is spelt; nil if it is none.
    func pattern(_ written: String, in part: Condition.TextPart) -> Int? {
        if written.hasPrefix("/") { return number(.pattern(part, written: written)) }
        if let known = spellings[written] { return number(known, in: part) }
        guard let pattern = try? Pattern(written) else { return nil }
        let first = sources[pattern.source] ?? written
        spellings[written] = first
        sources[pattern.source] = first
        if pattern.isDecidedByPiece { cheap.insert(first) }
        return number(first, in: part)
    }

    private func number(_ first: String, in part: Condition.TextPart) -> Int {
        let number = number(.pattern(part, written: first))
        guard phrases[number] == nil else { return number }
        phrases[number] = try? Phrase(first)
        if cheap.contains(first) { free.insert(number) }
        return number
    }

    func phrase(_ atom: Int) -> Phrase? { phrases[atom] }

    /// The hours of a calendar, and whether it is open in all of them: no holiday changes that.
    func hours(_ calendar: String) -> (week: MinutesOfWeek, isExact: Bool) {
        guard let calendar = calendars[calendar], calendar.zone == zone else { return (.all, false) }
        return (MinutesOfWeek(calendar), calendar.holidays.isEmpty)
    }

    func calendar(_ name: String) -> WorkCalendar? { calendars[name] }

    // MARK: Relations

    /// All atoms that hold wherever this one does, itself first.
    func implied(by atom: Int) -> [Int] {
        if let list = known[atom] { return list }
        var list = [atom]
        func add(_ other: Atom) {
            if let number = numbers[other], number != atom { list.append(number) }
        }
        switch atoms[atom] {
        case .pattern(let part, let written):
            list += wider(atom, part)
            if part != .text { add(.pattern(.text, written: written)) }
            // A word has a letter, so the subject is not blank; an expression may match a space.
            if part == .subject, phrases[atom] != nil { add(.has(.subject)) }
        case .address(let address):
            if let at = address.lastIndex(of: "@") { domains(address[address.index(after: at)...]).forEach(add) }
            add(.has(.email))
        case .domain(let domain):
            domains(domain[...]).forEach(add)
            add(.has(.email))
        case .has(.photo): add(.has(.attachment))
        case .value(let field, _): add(.field(field))
        case .week(let minutes): list += wider(than: minutes, except: atom)
        case .open(let calendar): list += wider(than: hours(calendar).week, except: atom)
        case .channel, .language, .area, .has, .authenticated, .field: break
        }
        known[atom] = list
        return list
    }

    private func wider(than minutes: MinutesOfWeek, except atom: Int) -> [Int] {
        weeks.filter { other in
            if case .week(let all) = atoms[other] { other != atom && minutes.isWithin(all) } else { false }
        }
    }

    /// The domain itself and those above it. Nobody has one of more labels than evaluation looks at.
    private func domains(_ domain: Substring) -> [Atom] {
        var all: [Atom] = []
        var rest = domain
        for _ in 0..<16 {
            all.append(.domain(String(rest)))
            guard let dot = rest.firstIndex(of: ".") else { break }
            rest = rest[rest.index(after: dot)...]
        }
        return all
    }

    /// Patterns of the same part, or of the whole text, that match wherever this one does.
    private func wider(_ atom: Int, _ part: Condition.TextPart) -> [Int] {
        guard let phrase = phrases[atom] else { return [] }
        let index = patternIndex()
        // Most have nothing in common with others.
        let candidates = index.candidates(phrase).filter { $0 != atom }
        if candidates.isEmpty { return [] }
        var found: [Int] = []
        for candidate in Set(candidates) {
            guard case .pattern(let other, _) = atoms[candidate], other == part || other == .text,
                let wider = phrases[candidate], phrase.implies(wider)
            else { continue }
            found.append(candidate)
        }
        return found.sorted()
    }

    private func patternIndex() -> PhraseIndex {
        if let index { return index }
        let index = PhraseIndex(phrases)
        self.index = index
        return index
    }

    /// Whether no message has both.
    func excludes(_ a: Int, _ b: Int) -> Bool {
        if a == b { return false }
        switch (atoms[a], atoms[b]) {
        case (.channel, .channel), (.language, .language), (.area, .area), (.address, .address): return true
        case (.address, .domain), (.domain, .address), (.domain, .domain):
            return !implied(by: a).contains(b) && !implied(by: b).contains(a)
        case (.value(let field, _), .value(let other, _)): return field == other
        case (.week(let minutes), .week(let others)): return minutes.isDisjoint(others)
        case (.week(let minutes), .open(let calendar)), (.open(let calendar), .week(let minutes)):
            return minutes.isDisjoint(hours(calendar).week)
        case (.open(let calendar), .open(let other)): return hours(calendar).week.isDisjoint(hours(other).week)
        default: return false
        }
    }

    /// Whether it is about the context of a message: only such atoms exclude one another.
    func isContext(_ atom: Int) -> Bool {
        if case .pattern = atoms[atom] { false } else { true }
    }
}
