import CRE2

/// Many words, phrases, prefixes, wildcards and distances. One pass over a text finds their literal pieces: ` buca ` or
/// ` buc` decide by themselves, ` manto (?:[^ ]+ ){0,3}?rovinato ` may occur where both its words do, and is then tried
/// when somebody asks: word by word if it can be, else by RE2. Words that may be misspelt are pieces, too.
///
/// Immutable once made, and shared by all threads: RE2 locks what it builds lazily.
final class WordSet: @unchecked Sendable {
    private let finder: WordFinder
    private let fuzzyFinder: FuzzyFinder?
    /// Pieces below this are literal, the others fuzzy.
    private let literalCount: Int
    private let pieceCount: Int
    private let lists: PieceLists
    private let sequences: WordSequences
    /// For what is neither decided by a piece nor a sequence.
    private let handle: OpaquePointer

    struct Failure: Error {
        let message: String
        /// As `SinglePattern.size`.
        var size = 0
    }

    /// - Parameter patterns: of words.
    init(_ patterns: [Pattern]) throws(Failure) {
        var literals: [[UInt8]] = []
        var fuzzy: [[UInt8]] = []
        var numbers: [Pattern.Piece: Int] = [:]
        numbers.reserveCapacity(patterns.count)
        /// Fuzzy ones are counted from the end until the literals are counted.
        func number(_ piece: Pattern.Piece) -> Int {
            if let known = numbers[piece] { return known }
            let number: Int
            switch piece {
            case .literal(let text):
                number = literals.count
                literals.append(Array(text.utf8))
            case .fuzzy(let word):
                number = ~fuzzy.count
                fuzzy.append(Array(word.utf8))
            }
            numbers[piece] = number
            return number
        }
        let numbered = patterns.map { $0.pieces.map(number) }
        let (words, near) = (literals, fuzzy)
        let (finder, lists) = together(
            { Result { () throws(Failure) in try WordFinder(words) } },
            {
                Result { () throws(Failure) in
                    (try PieceLists(patterns, numbered, words, near.count), WordSequences(patterns.map(\.parts)))
                }
            })
        (self.lists, sequences) = try lists.get()
        self.finder = try finder.get()
        fuzzyFinder = FuzzyFinder(near)
        literalCount = words.count
        pieceCount = words.count + near.count
        handle = try WordSet.list(patterns)
    }

    deinit { cre2_list_delete(handle) }

    private static func list(_ patterns: [Pattern]) throws(Failure) -> OpaquePointer {
        guard let list = cre2_list_new(Int32(CRE2_BYTES)) else { throw Failure(message: "there is no memory") }
        for pattern in patterns {
            var source = pattern.source
            let added = source.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { cre2_list_add(list, $0.baseAddress, $0.count) }
            }
            guard added >= 0 else {
                cre2_list_delete(list)
                throw Failure(message: "there is no memory")
            }
        }
        return list
    }

    /// - Parameters:
    ///   - occurs: called with each pattern that occurs, some more than once.
    ///   - possible: called with each that may occur, once.
    func search(
        _ text: FoldedWords, occurs: (Int) -> Void, possible: (Int) -> Void
    ) {
        Marks.with(below: pieceCount) { seen in
            finder.search(text, seen: seen)
            fuzzyFinder?.search(text.bytes, seen: seen, offset: literalCount)
            seen.forEach { piece in
                lists.decided.forEach(piece) { occurs($0) }
                lists.keyed.forEach(piece) { pattern in
                    if lists.pieces.allSatisfy(pattern, seen.has) { possible(pattern) }
                }
                return true
            }
        }
    }

    /// Whether a pattern occurs; nil if that could not be found out.
    func occurs(_ pattern: Int, in text: FoldedWords) -> Bool? {
        if let answer = sequences.occurs(pattern, in: text) { return answer }
        let answer = text.bytes.withMemoryRebound(to: CChar.self) {
            cre2_list_test(handle, Int32(pattern), $0.baseAddress, $0.count)
        }
        return answer < 0 ? nil : answer == 1
    }
}

/// Which patterns a piece speaks for.
private struct PieceLists: Sendable {
    /// By piece: the patterns that it decides, and those for which it speaks first (their longest piece).
    let decided: Lists
    let keyed: Lists
    /// By pattern: all its pieces, if it must be tried.
    let pieces: Lists

    /// - Parameters:
    ///   - numbered: by pattern, its pieces; the fuzzy ones counted from the end.
    ///   - fuzzy: how many there are.
    init(
        _ patterns: [Pattern], _ numbered: [[Int]], _ literals: [[UInt8]], _ fuzzy: Int
    ) throws(WordSet.Failure) {
        var decided: [Lists.Entry] = []
        var keyed: [Lists.Entry] = []
        var pieces: [Lists.Entry] = []
        for (id, pattern) in patterns.enumerated() {
            let own = numbered[id].map { $0 < 0 ? literals.count + ~$0 : $0 }
            func length(_ piece: Int) -> Int { piece < literals.count ? literals[piece].count : 0 }
            guard let key = own.max(by: { length($0) < length($1) }) else {
                throw WordSet.Failure(message: "a pattern has no letter or digit")  // the parser lets none through
            }
            if pattern.isDecidedByPiece {
                decided.append(Lists.Entry(list: key, value: id))
            } else {
                keyed.append(Lists.Entry(list: key, value: id))
                pieces += own.map { Lists.Entry(list: id, value: $0) }
            }
        }
        let pieceCount = literals.count + fuzzy
        self.decided = Lists(decided, count: pieceCount)
        self.keyed = Lists(keyed, count: pieceCount)
        self.pieces = Lists(pieces, count: patterns.count)
    }
}
