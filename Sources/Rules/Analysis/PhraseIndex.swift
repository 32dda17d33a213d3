/// Finds, among many phrases, those that may occur wherever a given one does, without looking at all of them: each is
/// filed under the beginning, end or middle of its rarest word, which must be part of a word of the other.
struct PhraseIndex {
    private var whole: Table
    private var beginnings: Table
    private var ends: Table
    private var middles: Table
    /// By phrase, each of which is filed once: the one filed there before, or -1.
    private var earlier: [Int32]

    /// Hashes as places of a table of twice as many as are filed. Two that share a place cost a comparison, nothing else.
    private struct Places {
        let count: Int
        private let shift: UInt64

        init(for filed: Int) {
            var bits: UInt64 = 4
            while 1 << bits < filed * 2 { bits += 1 }
            count = 1 << Int(bits)
            shift = 64 - bits
        }

        subscript(hash: UInt64) -> Int { Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) &>> shift) }
    }

    /// Parts of words, and how long they are.
    private struct Table {
        private let places: Places
        /// By place: the phrase that was filed last, or -1. Without entries as long as nothing is filed.
        private var last: [Int32] = []
        private(set) var shortest = Int.max
        private(set) var longest = 0
        var isEmpty: Bool { last.isEmpty }

        init(_ places: Places) { self.places = places }

        subscript(hash: UInt64) -> Int32 { isEmpty ? -1 : last[places[hash]] }

        /// - Returns: the phrase that was filed there before, or -1.
        mutating func insert(_ hash: UInt64, _ length: Int, _ number: Int) -> Int32 {
            if isEmpty { last = Array(repeating: -1, count: places.count) }
            shortest = min(shortest, length)
            longest = max(longest, length)
            let place = places[hash]
            defer { last[place] = Int32(truncatingIfNeeded: number) }
            return last[place]
        }
    }

    private static let star = UInt8(ascii: "*")

    /// - Parameter phrases: by the numbers by which they are found.
    init(_ phrases: [Phrase?]) {
        let places = Places(for: phrases.count)
        (whole, beginnings, ends, middles) = (Table(places), Table(places), Table(places), Table(places))
        earlier = Array(repeating: -1, count: phrases.count)
        var counts = [Int32](repeating: 0, count: places.count)
        for phrase in phrases {
            guard let phrase else { continue }
            for word in phrase.words { counts[places[PhraseIndex.hash(word.letters)]] += 1 }
        }
        for (number, phrase) in phrases.enumerated() {
            guard let phrase else { continue }
            let words = phrase.words.lazy.map(\.letters).filter { $0 != [PhraseIndex.star] }
            func rarity(_ word: [UInt8]) -> Int32 { counts[places[PhraseIndex.hash(word)]] }
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
            if length >= table.shortest, length <= table.longest { follow(table[hash], visit) }
        }
        if orWhole { follow(whole[hash], visit) }
    }

    private func follow(_ last: Int32, _ visit: (Int) -> Void) {
        var number = last
        while number >= 0 {
            visit(Int(number))
            number = earlier[Int(number)]
        }
    }

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func step(_ hash: UInt64, _ letter: UInt8) -> UInt64 { (hash ^ UInt64(letter)) &* 0x100_0000_01B3 }

    private static func hash(_ letters: some Sequence<UInt8>) -> UInt64 { letters.reduce(seed, step) }
}
