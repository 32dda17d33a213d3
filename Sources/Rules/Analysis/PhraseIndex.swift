/// Finds, among many phrases, those that may occur wherever a given one does, without looking at all of them: each is
/// filed under the beginning, end or middle of its rarest word, which must be part of a word of the other.
struct PhraseIndex {
    private var whole: [UInt64: [Int]] = [:]
    private var beginnings = Table()
    private var ends = Table()
    private var middles = Table()

    /// Parts of words, and how long they are.
    private struct Table {
        private(set) var byHash: [UInt64: [Int]] = [:]
        private(set) var shortest = Int.max
        private(set) var longest = 0
        var isEmpty: Bool { byHash.isEmpty }

        mutating func insert(_ hash: UInt64, _ length: Int, _ number: Int) {
            byHash[hash, default: []].append(number)
            shortest = min(shortest, length)
            longest = max(longest, length)
        }
    }

    private static let star = UInt8(ascii: "*")

    /// - Parameter phrases: with the numbers by which they are found.
    init(_ phrases: some Collection<(key: Int, value: Phrase)>) {
        var counts: [[UInt8]: Int] = [:]
        for (_, phrase) in phrases { for word in phrase.words { counts[word.letters, default: 0] += 1 } }
        for (number, phrase) in phrases {
            let words = phrase.words.map(\.letters).filter { $0 != [PhraseIndex.star] }
            // What many have in common tells little; of those as rare, the longest.
            let rarest = words.min { (counts[$0] ?? 0, $1.count) < (counts[$1] ?? 0, $0.count) }
            if let rarest { insert(rarest, number) }
        }
    }

    private mutating func insert(_ word: [UInt8], _ number: Int) {
        let pieces = word.split(separator: PhraseIndex.star, omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last else { return }
        if pieces.count == 1 {
            whole[hash(first), default: []].append(number)
        } else if !first.isEmpty {
            beginnings.insert(hash(first), first.count, number)
        } else if !last.isEmpty {
            ends.insert(hash(last.reversed()), last.count, number)
        } else if let longest = pieces.max(by: { $0.count < $1.count }) {
            middles.insert(hash(longest), longest.count, number)
        }
    }

    /// Numbers of phrases that may occur wherever this one does, some more than once; no other phrase does.
    func candidates(_ phrase: Phrase) -> [Int] {
        var found: [Int] = []
        for word in phrase.words {
            if middles.isEmpty, !word.letters.contains(PhraseIndex.star) {
                // As below, with the one piece that it is.
                if let same = whole[hash(word.letters)] { found += same }
                collect(word.letters, beginnings, &found)
                collect(word.letters.reversed(), ends, &found)
                continue
            }
            let pieces = word.letters.split(separator: PhraseIndex.star, omittingEmptySubsequences: false)
            guard let first = pieces.first, let last = pieces.last else { continue }
            if pieces.count == 1, let same = whole[hash(first)] { found += same }
            collect(first, beginnings, &found)
            collect(last.reversed(), ends, &found)
            guard !middles.isEmpty else { continue }
            for piece in pieces {
                for start in piece.indices { collect(piece[start...], middles, &found) }
            }
        }
        return found
    }

    private func collect(_ letters: some Sequence<UInt8>, _ table: Table, _ found: inout [Int]) {
        guard !table.byHash.isEmpty else { return }
        var length = 0
        var hash = PhraseIndex.seed
        for letter in letters {
            hash = PhraseIndex.step(hash, letter)
            length += 1
            if length > table.longest { return }
            if length >= table.shortest, let some = table.byHash[hash] { found += some }
        }
    }

    // Two that share a number cost a comparison, nothing else.
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func step(_ hash: UInt64, _ letter: UInt8) -> UInt64 { (hash ^ UInt64(letter)) &* 0x100_0000_01B3 }

    private func hash(_ letters: some Sequence<UInt8>) -> UInt64 { letters.reduce(PhraseIndex.seed, PhraseIndex.step) }
}
