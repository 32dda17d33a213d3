import Civic

/// Numbers the atoms of all rules, and knows which imply and which exclude one another.
///
/// Filled while conditions are read; only then asked, by one thread.
final class AtomTable {
    private(set) var atoms: [Atom] = []
    /// Of all atoms but patterns of words, which are known by their facts.
    private var numbers: [Atom: Int] = [:]
    private let program: Program
    private let calendars: [String: WorkCalendar]

    /// By fact, if it is that a pattern of words occurs: its atom, or -1.
    private var atomsOfFacts: [Int]
    /// By atom: its pattern, if it is one of words, or -1.
    private var patterns: [Int] = []
    /// By pattern of words: how it is spelt first (`Buche` is `buche`).
    private var spellings: [String?]
    private var phrases: [Phrase?]
    private var index: PhraseIndex?
    private var weeks: [Int] = []
    /// What each implies; filled when asked.
    private var known: [[Int]?] = []

    init(_ program: Program, calendars: [String: WorkCalendar]) {
        self.program = program
        self.calendars = calendars
        atomsOfFacts = Array(repeating: -1, count: program.facts.count)
        spellings = Array(repeating: nil, count: program.facts.words.patterns.count)
        phrases = Array(repeating: nil, count: program.facts.words.patterns.count)
    }

    /// What another one knows, and the index that both need.
    init(_ other: AtomTable) {
        program = other.program
        calendars = other.calendars
        atoms = other.atoms
        numbers = other.numbers
        atomsOfFacts = other.atomsOfFacts
        patterns = other.patterns
        spellings = other.spellings
        phrases = other.phrases
        weeks = other.weeks
        known = other.known
        index = other.patternIndex()
    }

    subscript(atom: Int) -> Atom { atoms[atom] }

    func number(_ atom: Atom) -> Int {
        if let known = numbers[atom] { return known }
        let new = append(atom, pattern: -1)
        numbers[atom] = new
        if case .week = atom { weeks.append(new) }
        return new
    }

    private func append(_ atom: Atom, pattern: Int) -> Int {
        atoms.append(atom)
        patterns.append(pattern)
        known.append(nil)
        return atoms.count - 1
    }

    /// The number of a pattern, the same however it is spelt.
    ///
    /// - Parameter fact: what the compiled rules know it by.
    func pattern(_ written: String, fact: Int) -> Int {
        if atomsOfFacts[fact] >= 0 { return atomsOfFacts[fact] }
        // That of a pattern always is about the text.
        guard let asked = program.patternFacts[fact] else { return number(.pattern(.text, written: written)) }
        switch asked.kind {
        case .expression: return number(.pattern(asked.part, written: written))
        // What they have in common with others is not known.
        case .stems: return number(.pattern(asked.part, written: "stem \(written)"))
        case .words: break
        }
        let spelling = spellings[asked.pattern] ?? written
        if spellings[asked.pattern] == nil {
            spellings[asked.pattern] = written
            phrases[asked.pattern] = try? Phrase(program.facts.words.patterns[asked.pattern], written: written)
        }
        let new = append(.pattern(asked.part, written: spelling), pattern: asked.pattern)
        atomsOfFacts[fact] = new
        return new
    }

    func phrase(_ atom: Int) -> Phrase? { patterns[atom] < 0 ? nil : phrases[patterns[atom]] }

    /// Words, phrases and prefixes: finding them costs nothing, where other patterns have to be tried.
    func isFree(_ atom: Int) -> Bool {
        patterns[atom] >= 0 && program.facts.words.patterns[patterns[atom]].isDecidedByPiece
    }

    /// The atom of a pattern of words in this part, if a rule asks for it.
    private func atom(of pattern: Int, in part: Condition.TextPart) -> Int? {
        guard let fact = program.facts.words.facts[pattern][part], atomsOfFacts[fact] >= 0 else { return nil }
        return atomsOfFacts[fact]
    }

    /// The hours of a calendar, and whether it is open in all of them: no holiday changes that.
    func hours(_ calendar: String) -> (week: MinutesOfWeek, isExact: Bool) {
        guard let calendar = calendars[calendar], calendar.zone == program.zone else { return (.all, false) }
        return (MinutesOfWeek(calendar), calendar.holidays.isEmpty)
    }

    func calendar(_ name: String) -> WorkCalendar? { calendars[name] }

    // MARK: Relations

    /// The other atoms that hold wherever this one does.
    func implied(by atom: Int) -> [Int] {
        if let list = known[atom] { return list }
        var list: [Int] = []
        func add(_ other: Atom) {
            if let number = numbers[other], number != atom { list.append(number) }
        }
        switch atoms[atom] {
        case .pattern(let part, let written):
            let pattern = patterns[atom]
            if pattern >= 0 {
                list = wider(than: pattern, in: part, except: atom)
                // A word has a letter, so the subject is not blank; an expression may match a space.
                if part == .subject { add(.has(.subject)) }
            } else if part != .text {
                add(.pattern(.text, written: written))
            }
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
    private func wider(than pattern: Int, in part: Condition.TextPart, except atom: Int) -> [Int] {
        guard let phrase = phrases[pattern] else { return [] }
        var found: Set<Int> = []
        // Most have nothing in common with others.
        patternIndex().forEachCandidate(phrase) { candidate in
            guard candidate != pattern || part != .text, let wider = phrases[candidate],
                candidate == pattern || phrase.implies(wider)
            else { return }
            for part in [part, .text] { if let atom = self.atom(of: candidate, in: part) { found.insert(atom) } }
        }
        found.remove(atom)
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
