/// A word or phrase taken apart, to compare it with another one.
struct Phrase: Sendable {
    struct Word: Sendable {
        /// Folded; a star stands for letters, alone for any word.
        let letters: [UInt8]
        /// How many words may stand between the one before and this one.
        let gap: Int
        /// It may have one slip in it.
        var isFuzzy = false

        /// Whether every word that this one matches is matched by `wide`.
        func isWithin(_ wide: Word) -> Bool {
            if isFuzzy { return wide.letters == [Phrase.star] || wide.isFuzzy && wide.letters == letters }
            if wide.isFuzzy {
                // Of others that are near enough nothing is said.
                return letters == wide.letters
            }
            return Phrase.isWithin(letters, wide.letters)
        }
    }

    private static let star = UInt8(ascii: "*")

    let words: [Word]

    /// - Parameters:
    ///   - pattern: of words.
    ///   - written: what it was made from.
    init(_ pattern: Pattern, written: String) throws(Pattern.Mistake) {
        if let words = Phrase.words(of: pattern.source) { self.words = words } else { self = try Phrase(written) }
    }

    /// Nil if there is more in it than words and stars, or a distance of nothing.
    private static func words(of source: String) -> [Word]? {
        var words: [Word] = []
        var letters: [UInt8] = []
        // What is left of `[^ ]*` or `[^ ]+`, for which there was a star.
        var skipped = 0
        for byte in source.utf8 {
            if skipped > 0 {
                skipped -= 1
            } else if byte == UInt8(ascii: "[") {
                letters.append(star)
                skipped = 4
            } else if byte == UInt8(ascii: "(") {
                return nil
            } else if byte != 0x20 {
                letters.append(byte)
            } else if !letters.isEmpty {
                words.append(Word(letters: letters, gap: 0))
                letters.removeAll()
            }
        }
        return words
    }

    /// - Parameter written: not a regular expression.
    init(_ written: String) throws(Pattern.Mistake) {
        var words: [Word] = []
        var gap = 0
        for item in try PhraseParser.items(of: written) {
            switch item {
            case .distance(let most): gap = most
            case .word(let word):
                words.append(Word(letters: Array(word.utf8), gap: gap))
                gap = 0
            case .fuzzy(let word):
                words.append(Word(letters: Array(word.utf8), gap: gap, isFuzzy: true))
                gap = 0
            case .anyWord:
                words.append(Word(letters: [Phrase.star], gap: gap))
                gap = 0
            }
        }
        self.words = words
    }

    /// Whether `other` occurs in every text in which this one does: each of its words is found among these, never
    /// farther apart than it allows. May say no where a cleverer proof would say yes.
    func implies(_ other: Phrase) -> Bool {
        guard let first = other.words.first, other.words.count <= words.count else { return false }
        var places = words.indices.filter { words[$0].isWithin(first) }
        for wanted in other.words.dropFirst() {
            var next: Set<Int> = []
            for place in places {
                // The most words that may stand between `place` and the one looked at.
                var between = 0
                for later in words.indices.dropFirst(place + 1) {
                    between += words[later].gap + (later == place + 1 ? 0 : 1)
                    guard between <= wanted.gap else { break }
                    if words[later].isWithin(wanted) { next.insert(later) }
                }
            }
            places = Array(next)
        }
        return !places.isEmpty
    }

    /// Whether every word that `narrow` matches is matched by `wide`: what a star of the one stands for, only a star of
    /// the other can take.
    static func isWithin(_ narrow: [UInt8], _ wide: [UInt8]) -> Bool {
        var place = 0
        var wanted = 0
        var lastStar: (wanted: Int, place: Int)?
        while place < narrow.count {
            if wanted < wide.count, wide[wanted] == star {
                lastStar = (wanted, place)
                wanted += 1
            } else if wanted < wide.count, wide[wanted] == narrow[place] {
                place += 1
                wanted += 1
            } else if let star = lastStar {
                lastStar = (star.wanted, star.place + 1)
                place = star.place + 1
                wanted = star.wanted + 1
            } else {
                return false
            }
        }
        return wide[wanted...].allSatisfy { $0 == star }
    }

    /// Words in which it occurs.
    var sample: String {
        words.map { word in
            word.letters == [Phrase.star]
                ? "cosa" : String(decoding: word.letters.filter { $0 != Phrase.star }, as: UTF8.self)
        }.joined(separator: " ")
    }
}
