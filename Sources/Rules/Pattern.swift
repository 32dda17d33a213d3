/// What an operator wrote under `text:`, as a regular expression for RE2.
///
/// A word or phrase is sought in the text folded to words, where a whole word is the literal ` word `:
///
///     buca postale         ` buca postale `
///     buc*                 ` buc[^ ]* `
///     manto * rovinato     ` manto [^ ]+ rovinato `
///     manto ~3 rovinato    ` manto (?:[^ ]+ ){0,3}?rovinato `
///     strisce~             ` (?:strisce|[^ ]?trisce|s[^ ]?risce …) `: at most one slip of the finger
///
/// `/…/` is sought in the lightly folded text, its own letters folded in the same way.
struct Pattern: Hashable, Sendable {
    /// Words, the stems of words, or a regular expression.
    enum Kind: Hashable, Sendable { case words, stems, expression }

    let kind: Kind
    /// RE2's syntax.
    let source: String
    /// As `SinglePattern.size`; 0 for words, which are not compiled one by one.
    let size: Int
    /// Of words: the parts, all of which occur where the pattern does.
    var pieces: [Piece] = []
    /// Whether it occurs wherever its one piece does: a word, a phrase, or one that begins or ends with a star.
    var isDecidedByPiece = false
    /// Of words, if it is neither: its parts, if they can be looked for one by one.
    var parts: [WordPart] = []

    enum Piece: Hashable, Sendable {
        case literal(String)
        /// A word that may have a slip in it.
        case fuzzy(String)
    }

    struct Mistake: Error {
        let message: String
        var size = 0
    }

    /// Whether it is sought byte by byte. Folded words hold nothing that RE2 would read as syntax.
    var isLiteral: Bool {
        kind != .expression && source.utf8.allSatisfy { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "(") }
    }

    static let longestPattern = 500
    static let longestDistance = 20
    /// In letters: of shorter words too many others are only one slip away.
    static let shortestFuzzy = 5
    /// For the program of one regular expression, in bytes; more than any sensible one needs.
    static let expressionMemory: Int64 = 1 << 20
    /// For all regular expressions of a city together, as `SinglePattern.size`: compiled in about a second. Words with
    /// alternatives need some dozens, `\pL` 1200.
    static let expressionsSize = 1_000_000

    /// - Parameter stemmer: words are sought by their stems.
    init(_ written: String, stemmer: Stemmer? = nil) throws(Mistake) {
        guard written.unicodeScalars.count <= Pattern.longestPattern else {
            throw Mistake(message: "a pattern has at most \(Pattern.longestPattern) characters; split it")
        }
        if written.utf8.first == UInt8(ascii: "/") {
            self = try Pattern.expression(written)
        } else if stemmer == nil, let plain = PlainWords(written) {
            kind = .words
            size = 0
            let literal = String(decoding: plain.bytes, as: UTF8.self)
            source = plain.isBeginning ? literal + "[^ ]* " : literal
            pieces = [.literal(literal)]
            isDecidedByPiece = true
        } else {
            kind = stemmer == nil ? .words : .stems
            size = 0
            (source, pieces, isDecidedByPiece, parts) = try PhraseParser.read(written, stemmer)
        }
    }

    private init(expression: String, size: Int) {
        kind = .expression
        source = expression
        self.size = size
    }

    private static func expression(_ written: String) throws(Mistake) -> Pattern {
        guard written.utf8.count > 2, written.hasSuffix("/") else {
            throw Mistake(
                message: "`\(written)` is no regular expression: write it between two slashes, as in /n[.] ?[0-9]+/")
        }
        let source = foldedExpression(String(written.dropFirst().dropLast()))
        do {
            return Pattern(expression: source, size: try SinglePattern(source, kind: .expression).size)
        } catch {
            throw Mistake(
                message:
                    "the regular expression \(written) cannot be used: \(error.message); correct it, or write words",
                size: error.size)
        }
    }

    /// Letters beyond ASCII are folded as in the text; ASCII stays, since `\W` is not `\w`, and RE2 ignores case itself.
    static func foldedExpression(_ source: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in source.unicodeScalars {
            if scalar.isASCII {
                folded.append(scalar)
            } else {
                folded.append(contentsOf: FoldedText.lightly(String(Character(scalar))).unicodeScalars)
            }
        }
        return String(folded)
    }
}

/// Reads words, phrases, wildcards and distances.
struct PhraseParser {
    enum Item {
        case word(String)
        case fuzzy(String)
        case anyWord
        case distance(Int)
    }

    private let stemmer: Stemmer?
    private var items: [Item] = []
    /// The word being read; a `*` in it stands for letters.
    private var word: [UInt8] = []
    private var hasLetter = false

    private init(_ stemmer: Stemmer?) { self.stemmer = stemmer }

    static func read(
        _ written: String, _ stemmer: Stemmer?
    ) throws(Pattern.Mistake) -> (
        source: String, pieces: [Pattern.Piece], isDecidedByPiece: Bool, parts: [WordPart]
    ) {
        var parser = PhraseParser(stemmer)
        try parser.read(Array(written.unicodeScalars))
        let source = try parser.source(written)
        let fuzzy = parser.items.compactMap { item -> Pattern.Piece? in
            if case .fuzzy(let word) = item { .fuzzy(word) } else { nil }
        }
        let literals = parser.literals
        let pieces = literals.filter { $0 != " " }.map(Pattern.Piece.literal) + fuzzy
        let isDecided =
            fuzzy.isEmpty
            ? literals.count == 1 || parser.starsAtAnEnd == literals.count - 1 : parser.items.count == 1
        // Among stems a word may be empty, which only the expression knows.
        let parts = isDecided || stemmer != nil ? nil : WordPart.parts(of: parser.items)
        return (source, pieces, isDecided, parts ?? [])
    }

    /// - Returns: what a pattern of words consists of; a star in a word stands for letters.
    static func items(of written: String) throws(Pattern.Mistake) -> [Item] {
        var parser = PhraseParser(nil)
        try parser.read(Array(written.unicodeScalars))
        return parser.items
    }

    /// What stands between wildcards and distances; alone at an end of the phrase, a space is what every word has.
    private var literals: [String] {
        var pieces = [" "]
        for item in items {
            switch item {
            case .word(let word):
                let parts = word.split(separator: "*", omittingEmptySubsequences: false)
                pieces[pieces.count - 1] += parts[0]
                for part in parts.dropFirst() { pieces.append(String(part)) }
                pieces[pieces.count - 1] += " "
            case .distance(0): break
            // The space before a word ends the one before it, whichever that is.
            case .anyWord, .distance, .fuzzy: pieces.append(" ")
            }
        }
        return pieces.filter { !$0.isEmpty }
    }

    /// How many of the pieces are nothing but the space before, or after, a star at one end of the phrase.
    private var starsAtAnEnd: Int {
        guard case .word(let first)? = items.first, case .word(let last)? = items.last else { return 0 }
        return (first.hasPrefix("*") ? 1 : 0) + (last.hasSuffix("*") ? 1 : 0)
    }

    private mutating func read(_ scalars: [Unicode.Scalar]) throws(Pattern.Mistake) {
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == "~", index == 0 || isSpace(scalars[index - 1]) {
                endWord()
                let end = scalars[index...].firstIndex(where: isSpace) ?? scalars.count
                items.append(.distance(try distance(scalars[index + 1..<end])))
                index = end
                continue
            }
            if scalar == "~", !word.isEmpty, index + 1 == scalars.count || isSpace(scalars[index + 1]) {
                items.append(.fuzzy(try fuzzyWord()))
            } else if scalar == "*" {
                if word.last != 0x2A { word.append(0x2A) }
            } else {
                append(ScalarFolder.words.packed(scalar))
            }
            index += 1
        }
        endWord()
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    private func distance(_ digits: ArraySlice<Unicode.Scalar>) throws(Pattern.Mistake) -> Int {
        guard digits.count <= 2, let words = Int(String(String.UnicodeScalarView(digits))),
            (0...Pattern.longestDistance).contains(words)
        else {
            throw Pattern.Mistake(
                message: "a distance is ~ and a number of words from 0 to \(Pattern.longestDistance), as in ~3")
        }
        return words
    }

    /// The word just read, which may have a slip in it.
    private mutating func fuzzyWord() throws(Pattern.Mistake) -> String {
        defer { word.removeAll() }
        let text = String(decoding: word, as: UTF8.self)
        guard stemmer == nil else {
            throw Pattern.Mistake(
                message: "`\(text)~`: a rule that seeks stems seeks no misspelt words; put the word into another rule")
        }
        guard word.allSatisfy({ $0 < 0x80 && $0 != 0x2A }),
            (Pattern.shortestFuzzy...FuzzyFinder.longest).contains(word.count)
        else {
            throw Pattern.Mistake(
                message:
                    "`\(text)~`: a word that may be misspelt has from \(Pattern.shortestFuzzy) to \(FuzzyFinder.longest) Latin letters and no star; of others too many are only one letter away"
            )
        }
        return text
    }

    /// All words that are one slip away, as a regular expression.
    private func expression(fuzzy word: String) -> String {
        let letters = Array(word.utf8)
        func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
        var variants = [word]
        for place in letters.indices {
            // Another letter or none in its place, one more before it, exchanged with the next.
            variants.append(text(letters[..<place]) + "[^ ]?" + text(letters[(place + 1)...]))
            variants.append(text(letters[..<place]) + "[^ ]" + text(letters[place...]))
            guard place + 1 < letters.count else { continue }
            var exchanged = letters
            exchanged.swapAt(place, place + 1)
            variants.append(text(exchanged))
        }
        return "(?:" + (variants + [word + "[^ ]"]).joined(separator: "|") + ")"
    }

    private mutating func append(_ packed: UInt64) {
        if packed == 0x20 { return endWord() }
        var rest = packed
        while rest != 0 {
            word.append(UInt8(truncatingIfNeeded: rest))
            hasLetter = true
            rest >>= 8
        }
    }

    private mutating func endWord() {
        defer { word.removeAll() }
        if word.isEmpty { return }
        // What a star leaves open has no stem.
        if let stemmer, !word.contains(0x2A) { word = stemmer.stem(word) }
        items.append(word == [0x2A] ? .anyWord : .word(String(decoding: word, as: UTF8.self)))
    }

    private func source(_ written: String) throws(Pattern.Mistake) -> String {
        guard hasLetter else {
            throw Pattern.Mistake(
                message: "`\(written)` has no letter or digit; write a word, a phrase or /a regular expression/")
        }
        var source = " "
        var afterWord = false
        for item in items {
            switch item {
            case .word(let word):
                // Folded words hold nothing that RE2 would read as syntax; the star is ours.
                source += word.split(separator: "*", omittingEmptySubsequences: false).joined(separator: "[^ ]*") + " "
            case .fuzzy(let word): source += expression(fuzzy: word) + " "
            case .anyWord: source += "[^ ]+ "
            case .distance(let words):
                guard afterWord else { throw betweenWords(words) }
                source += words == 0 ? "" : "(?:[^ ]+ ){0,\(words)}?"
            }
            if case .distance = item { afterWord = false } else { afterWord = true }
        }
        if case .distance(let words)? = items.last { throw betweenWords(words) }
        return source
    }

    private func betweenWords(_ words: Int) -> Pattern.Mistake {
        Pattern.Mistake(message: "the distance ~\(words) needs a word on both sides, as in `manto ~\(words) rovinato`")
    }
}
