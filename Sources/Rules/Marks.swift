/// A set of small numbers in borrowed memory: one bit each, and one for each 64 of them that has any, so that a set of
/// few among many is looked through quickly.
struct Marks {
    /// The bits, then those that tell where there are any.
    private let memory: UnsafeMutableBufferPointer<UInt64>
    private let words: Int

    /// How much memory a set of numbers below `limit` takes.
    static func size(_ limit: Int) -> Int {
        let words = (limit + 63) / 64
        return words + (words + 63) / 64
    }

    /// - Parameter memory: `size(limit)` of it, all 0, or what a set of the same limit has left in it.
    init(_ memory: UnsafeMutableBufferPointer<UInt64>, below limit: Int) {
        self.memory = memory
        words = (limit + 63) / 64
    }

    func has(_ number: Int) -> Bool { memory[number >> 6] >> UInt64(number & 63) & 1 != 0 }

    /// - Parameter range: not empty.
    func hasAny(in range: Range<Int>) -> Bool {
        var word = range.lowerBound >> 6
        let last = (range.upperBound - 1) >> 6
        var bits = memory[word] & ~0 << UInt64(range.lowerBound & 63)
        while word < last {
            if bits != 0 { return true }
            word += 1
            bits = memory[word]
        }
        return bits & ~0 >> UInt64(63 - (range.upperBound - 1) & 63) != 0
    }

    func insert(_ number: Int) {
        memory[number >> 6] |= 1 << UInt64(number & 63)
        memory[words + (number >> 12)] |= 1 << UInt64((number >> 6) & 63)
    }

    /// What tells where there are any may then say too much, which is looked at in vain.
    func remove(_ number: Int) { memory[number >> 6] &= ~(1 << UInt64(number & 63)) }

    /// In ascending order, until `visit` returns false. What it inserts meanwhile may be left out.
    func forEach(_ visit: (Int) -> Bool) {
        for group in 0..<(words + 63) / 64 {
            var some = memory[words + group]
            while some != 0 {
                let word = group << 6 | some.trailingZeroBitCount
                var bits = memory[word]
                while bits != 0 {
                    if !visit(word << 6 | bits.trailingZeroBitCount) { return }
                    bits &= bits - 1
                }
                some &= some - 1
            }
        }
    }

    /// Hands over an empty set. Do not let it escape.
    static func with<R>(below limit: Int, _ body: (Marks) -> R) -> R {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: size(limit)) { memory in
            memory.initialize(repeating: 0)
            return body(Marks(memory, below: limit))
        }
    }
}
