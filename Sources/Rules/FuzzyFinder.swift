/// Finds words that differ from a known one by at most one slip of the finger: a letter wrong, missing or too much, or two
/// neighbours exchanged (the edit distance of Damerau, CACM 7, 1964).
///
/// Two words are that near only if they have something in common among themselves and what is left of each when one
/// letter is taken out. All of these stand in a table by hash, so that the cost for a word of the text depends on its
/// length, not on how many words are sought; what is found is compared.
final class FuzzyFinder: Sendable {
    private let words: [[UInt8]]
    private let lengths: ClosedRange<Int>
    /// Hashes and the words they stand for, by the hash's lower bits; the next free place holds what collides.
    private let hashes: [UInt64]
    private let numbers: [Int32]
    private let mask: Int

    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    /// Words to be sought have from 5 to this many letters.
    static let longest = 40

    /// - Parameter words: of ASCII, at most `longest` letters each; nil if there is none.
    init?(_ words: [[UInt8]]) {
        guard let shortest = words.map(\.count).min(), let longest = words.map(\.count).max() else { return nil }
        self.words = words
        lengths = max(1, shortest - 1)...longest + 1
        let entries = words.enumerated().flatMap { number, word in
            Set(FuzzyFinder.hashes(of: word)).map { ($0, Int32(number)) }
        }
        var places = 64
        while places < entries.count * 3 { places *= 2 }
        var hashes = [UInt64](repeating: 0, count: places)
        var numbers = [Int32](repeating: -1, count: places)
        for (hash, number) in entries {
            var place = Int(truncatingIfNeeded: hash) & (places - 1)
            while numbers[place] >= 0 { place = (place + 1) & (places - 1) }
            hashes[place] = hash
            numbers[place] = number
        }
        self.hashes = hashes
        self.numbers = numbers
        mask = places - 1
    }

    /// Notes in `seen`, at `offset` and its number, each word that occurs in the text folded to words.
    func search(_ text: UnsafeBufferPointer<UInt8>, seen: Marks, offset: Int) {
        var start = 0
        for end in text.indices where text[end] == 0x20 {
            if lengths.contains(end - start) {
                search(word: UnsafeBufferPointer(rebasing: text[start..<end]), seen: seen, offset: offset)
            }
            start = end + 1
        }
    }

    private func search(
        word: UnsafeBufferPointer<UInt8>, seen: Marks, offset: Int
    ) {
        FuzzyFinder.forEachHash(of: word) { hash in
            var place = Int(truncatingIfNeeded: hash) & mask
            while numbers[place] >= 0 {
                let number = Int(numbers[place])
                if hashes[place] == hash, !seen.has(offset + number),
                    words[number].withUnsafeBufferPointer({ FuzzyFinder.areNear($0, word) })
                {
                    seen.insert(offset + number)
                }
                place = (place + 1) & mask
            }
        }
    }

    private static func hashes(of word: [UInt8]) -> [UInt64] {
        var hashes: [UInt64] = []
        word.withUnsafeBufferPointer { forEachHash(of: $0) { hashes.append($0) } }
        return hashes
    }

    /// The hash of a word, and of each word that is left when one letter is taken out.
    private static func forEachHash(of word: UnsafeBufferPointer<UInt8>, _ visit: (UInt64) -> Void) {
        var whole: UInt64 = 0
        for byte in word { whole = whole &* factor &+ UInt64(byte) }
        visit(mixed(whole))
        // From the end: `power` is the factor to the number of letters behind the one taken out, `behind` their hash.
        var power: UInt64 = 1
        var behind: UInt64 = 0
        var before = whole
        for byte in word.reversed() {
            // An odd factor has an inverse: the hash of what stands before is that of the whole, one letter shorter.
            before = (before &- UInt64(byte)) &* inverse
            visit(mixed(before &* power &+ behind))
            behind = behind &+ UInt64(byte) &* power
            power = power &* factor
        }
    }

    private static let inverse: UInt64 = {
        // Newton's iteration: each step doubles the number of right bits.
        var inverse = factor
        for _ in 0..<6 { inverse = inverse &* (2 &- factor &* inverse) }
        return inverse
    }()

    private static func mixed(_ hash: UInt64) -> UInt64 { hash ^ hash >> 29 }

    /// Whether one slip, or none, makes one of the other.
    static func areNear(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        if a.count > b.count { return areNear(b, a) }
        guard b.count - a.count <= 1 else { return false }
        guard let first = a.indices.first(where: { a[$0] != b[$0] }) else { return true }
        func agree(_ from: Int, _ other: Int) -> Bool { a[from...].elementsEqual(b[other...]) }
        if a.count < b.count { return agree(first, first + 1) }
        if agree(first + 1, first + 1) { return true }
        return first + 1 < a.count && a[first] == b[first + 1] && a[first + 1] == b[first]
            && agree(first + 2, first + 2)
    }
}
