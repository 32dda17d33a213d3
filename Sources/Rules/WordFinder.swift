/// Finds the literals of words, phrases and prefixes, nearly all of which begin with the space before a word.
///
/// With most words of a text nothing begins that is sought. So each word is first asked for its first letters, which for
/// all words of the text can be done at the same time; only where they are known does the automaton walk on, until it
/// has lost what it followed.
final class WordFinder: Sendable {
    private let atWords: LiteralFinder
    /// For those that begin within a word: what stands behind a star.
    private let within: LiteralFinder?
    private let sieve: WordSieve
    /// The state of `atWords` after the space before a word.
    private let beforeWord: UInt32

    /// - Parameter literals: none empty nor only a space, each once.
    init(_ literals: [[UInt8]]) throws(WordSet.Failure) {
        let isAtWord = literals.map { $0.first == 0x20 }
        let starting = zip(literals, isAtWord).map { $1 ? $0 : [] }
        atWords = try LiteralFinder(starting)
        within = isAtWord.contains(false) ? try LiteralFinder(zip(literals, isAtWord).map { $1 ? [] : $0 }) : nil
        sieve = WordSieve(starting.filter { !$0.isEmpty }.map { $0.dropFirst() })
        beforeWord = atWords.state(after: 0x20)
    }

    /// Notes in `seen` the place (in the array given at the start) of each literal that occurs in the text.
    func search(_ text: FoldedWords, seen: Marks) {
        within?.search(text.bytes, seen: seen)
        sieve.withLook { look in
            atWords.withWalk { walk in
                var next = 0
                for start in text.starts where start >= next && look.mayBegin(text.bytes, at: start) {
                    next = start
                    var state = beforeWord
                    repeat {
                        walk.go(on: text.bytes[next], &state, seen)
                        next &+= 1
                    } while state != LiteralFinder.State.root && state != beforeWord && next < text.bytes.count
                }
            }
        }
    }
}

/// The first bytes of many literals, as bits by their hash. It may take words for known that are not, never the reverse.
struct WordSieve: Sendable {
    /// Literals are known by as many of their bytes; the longest number that each has.
    private static let lengths = [1, 2, 3, 4, 6, 8]

    /// For each of these lengths that occurs: what to look at in eight bytes of the text.
    private let masks: [UInt64]
    private let bits: [UInt64]
    private let shift: UInt64

    /// - Parameter literals: without the space before the word.
    init(_ literals: [ArraySlice<UInt8>]) {
        // One bit in 32 is set at most: few words are walked on from in vain.
        var size: UInt64 = 10
        while 1 << size < literals.count * 32 { size += 1 }
        shift = 64 - size
        var bits = [UInt64](repeating: 0, count: 1 << Int(size - 6))
        var masks: Set<UInt64> = []
        for literal in literals {
            let length = WordSieve.lengths.last { $0 <= literal.count } ?? 0
            let key = literal.prefix(length).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            masks.insert(length == 8 ? .max : 1 << UInt64(length * 8) - 1)
            let place = WordSieve.place(key, shift)
            bits[place >> 6] |= 1 << UInt64(place & 63)
        }
        self.bits = bits
        self.masks = masks.sorted()
    }

    @inline(__always)
    private static func place(_ key: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> shift)
    }

    func withLook(_ body: (Look) -> Void) {
        masks.withUnsafeBufferPointer { masks in
            bits.withUnsafeBufferPointer { body(Look(masks: masks, bits: $0, shift: shift)) }
        }
    }

    /// The tables, lent for a look at a text.
    struct Look {
        fileprivate let masks: UnsafeBufferPointer<UInt64>
        fileprivate let bits: UnsafeBufferPointer<UInt64>
        fileprivate let shift: UInt64

        /// Whether a literal may begin at this place of the text.
        @inline(__always)
        func mayBegin(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
            // At the very end there are no eight bytes to be read.
            guard place &+ 8 <= text.count else { return true }
            let word = UInt64(
                littleEndian: UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: place, as: UInt64.self))
            // All lengths, without a branch: which of them are known cannot be foretold.
            var known: UInt64 = 0
            for mask in masks {
                let place = WordSieve.place(word & mask, shift)
                known |= bits[place &>> 6] &>> UInt64(truncatingIfNeeded: place & 63)
            }
            return known & 1 != 0
        }
    }
}
