/// The pieces of four letters of which a text is made, each within one word and the spaces around it: ` buca ` has ` buc`,
/// `buca` and `uca `. A misspelt word, or another form of it, still has most of them.
struct Grams: Sendable {
    /// Four bytes, or the three of a word of one letter.
    typealias Gram = UInt32

    /// Calls `visit` with each one in a text folded to words.
    static func forEach(in text: UnsafeBufferPointer<UInt8>, _ visit: (Gram) -> Void) {
        guard text.count >= 3 else { return }
        var gram: Gram = 0
        // Bytes of the present word, with the space before it.
        var length = 0
        for byte in text {
            gram = gram << 8 | Gram(byte)
            length += 1
            if length >= 4 { visit(gram) }
            guard byte == 0x20 else { continue }
            if length == 3 { visit(gram & 0xFF_FFFF) }
            length = 1
        }
    }

    /// Places of grams in a table of weights. The next free place holds what collides.
    private let keys: [Gram]
    private let numbers: [Int32]
    private let mask: Int
    let count: Int

    /// - Parameter grams: none of them 0, each once.
    init(_ grams: [Gram]) {
        var places = 64
        while places < grams.count * 2 { places *= 2 }
        var keys = [Gram](repeating: 0, count: places)
        var numbers = [Int32](repeating: -1, count: places)
        for (number, gram) in grams.enumerated() {
            var place = Grams.hash(gram) & (places - 1)
            while numbers[place] >= 0 { place = (place + 1) & (places - 1) }
            keys[place] = gram
            numbers[place] = Int32(number)
        }
        self.keys = keys
        self.numbers = numbers
        mask = places - 1
        count = grams.count
    }

    subscript(gram: Gram) -> Int? {
        var place = Grams.hash(gram) & mask
        while numbers[place] >= 0 {
            if keys[place] == gram { return Int(numbers[place]) }
            place = (place + 1) & mask
        }
        return nil
    }

    private static func hash(_ gram: Gram) -> Int {
        let product = UInt64(gram) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product >> 33)
    }
}
