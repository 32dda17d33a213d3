/// Finds, among many phrases, those that may occur wherever a given one does, without looking at all of them: each is
/// filed under the beginning, end or middle of its rarest word, which must be part of a word of the other.
struct PhraseIndex {
    private var whole = Table()
    private var beginnings = Table()
    private var ends = Table()
    private var middles = Table()
    /// By phrase, each of which is filed once: the one filed there before, or -1.
    private var earlier: [Int32]

    /// Parts of words, and how long they are.
    private struct Table {
        /// The phrase that was filed last.
        var byHash: [UInt64: Int32] = [:]
        private(set) var shortest = Int.max
        private(set) var longest = 0
        var isEmpty: Bool { byHash.isEmpty }

        /// - Returns: the phrase that was filed there before, or -1.
        mutating func insert(_ hash: UInt64, _ length: Int, _ number: Int) -> Int32 {
            shortest = min(shortest, length)
            longest = max(longest, length)
            return byHash.updateValue(Int32(truncatingIfNeeded: number), forKey: hash) ?? -1
        }
    }

    private static let star = UInt8(ascii: "*")

    /// - Parameter phrases: by the numbers by which they are found.
    init(_ phrases: [Phrase?]) {
        earlier = Array(repeating: -1, count: phrases.count)
        var counts: [UInt64: Int] = [:]
        counts.reserveCapacity(phrases.count)
        for phrase in phrases {
            guard let phrase else { continue }
            for word in phrase.words { counts[PhraseIndex.hash(word.letters), default: 0] += 1 }
        }
        whole.byHash.reserveCapacity(phrases.count)
        for (number, phrase) in phrases.enumerated() {
            guard let phrase else { continue }
            let words = phrase.words.lazy.map(\.letters).filter { $0 != [PhraseIndex.star] }
            func rarity(_ word: [UInt8]) -> Int { counts[PhraseIndex.hash(word)] ?? 0 }
            // What many have in common tells little; of those as rare, the longest.
            let rarest =
                phrase.words.count == 1
                ? words.first : words.min { (rarity($0), $1.count) < (rarity($1), $0.count) }
            if let rarest { earlier[number] = insert(rarest, number) }
        }
    }

    private mutating func insert(_ word: [UInt8], _ number: Int) -> Int32 {
        guard word.contains(PhraseIndex.star) else {
            return whole.insert(PhraseIndex.hash(word), word.count, number)
        }
        let pieces = word.split(separator: PhraseIndex.star, omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last else { return -1 }
        if !first.isEmpty { return beginnings.insert(PhraseIndex.hash(first), first.count, number) }
        if !last.isEmpty { return ends.insert(PhraseIndex.hash(last.reversed()), last.count, number) }
        guard let longest = pieces.max(by: { $0.count < $1.count }) else { return -1 }
        return middles.insert(PhraseIndex.hash(longest), longest.count, number)
    }

    /// Calls `visit` with phrases that may occur wherever this one does, some more than once; no other phrase does.
    func forEachCandidate(_ phrase: Phrase, _ visit: (Int) -> Void) {
        for word in phrase.words {
            if middles.isEmpty, !word.letters.contains(PhraseIndex.star) {
                // As below, with the one piece that it is.
                collect(word.letters, beginnings, orWhole: true, visit)
                if !ends.isEmpty { collect(word.letters.reversed(), ends, visit) }
                continue
            }
            let pieces = word.letters.split(separator: PhraseIndex.star, omittingEmptySubsequences: false)
            guard let first = pieces.first, let last = pieces.last else { continue }
            collect(first, beginnings, orWhole: pieces.count == 1, visit)
            collect(last.reversed(), ends, visit)
            guard !middles.isEmpty else { continue }
            for piece in pieces {
                for start in piece.indices { collect(piece[start...], middles, visit) }
            }
        }
    }

    /// What is filed in a table under a beginning of these letters, and among the whole words under all of them.
    private func collect(
        _ letters: some Sequence<UInt8>, _ table: Table, orWhole: Bool = false, _ visit: (Int) -> Void
    ) {
        var length = 0
        var hash = PhraseIndex.seed
        for letter in letters {
            hash = PhraseIndex.step(hash, letter)
            length += 1
            if length > table.longest, !orWhole { return }
            if length >= table.shortest, length <= table.longest { follow(table.byHash[hash], visit) }
        }
        if orWhole { follow(whole.byHash[hash], visit) }
    }

    private func follow(_ last: Int32?, _ visit: (Int) -> Void) {
        var number = last ?? -1
        while number >= 0 {
            visit(Int(number))
            number = earlier[Int(number)]
        }
    }

    // Two that share a number cost a comparison, nothing else.
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func step(_ hash: UInt64, _ letter: UInt8) -> UInt64 { (hash ^ UInt64(letter)) &* 0x100_0000_01B3 }

    private static func hash(_ letters: some Sequence<UInt8>) -> UInt64 { letters.reduce(seed, step) }
}
