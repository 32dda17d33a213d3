/// Finds many literals in one pass over a text, whose cost does not depend on their number: the automaton of Aho and
/// Corasick (Efficient string matching, CACM 18, 1975), with all its transitions in a table.
///
/// The table is complete once made. An automaton that builds its states lazily, as RE2's does, pays for every text of
/// unseen words; citizens write nothing else.
final class LiteralFinder: Sendable {
    /// Bytes that no literal holds are one class.
    private let classes: [UInt8]
    private let classCount: Int
    /// By state and class; the root is 0.
    private let next: [Int32]
    /// By state: the literal that ends there, or -1.
    private let literal: [Int32]
    /// By state: the nearest one among its proper suffixes at which a literal ends, or -1.
    private let shorter: [Int32]

    /// - Parameter literals: none empty, each once.
    init(_ literals: [[UInt8]]) {
        var classes = [UInt8](repeating: 0, count: 256)
        var classCount = 1
        for byte in Set(literals.joined()).sorted() {
            // With all 256 bytes in use the last two share a class, and are told apart by nobody: literals are UTF-8.
            classes[Int(byte)] = UInt8(min(classCount, 255))
            classCount = min(classCount + 1, 256)
        }
        var next = [Int32](repeating: -1, count: classCount)
        var literal: [Int32] = [-1]
        for (number, bytes) in literals.enumerated() {
            var state = 0
            for byte in bytes {
                let place = state * classCount + Int(classes[Int(byte)])
                if next[place] < 0 {
                    next[place] = Int32(literal.count)
                    literal.append(-1)
                    next.append(contentsOf: repeatElement(-1, count: classCount))
                }
                state = Int(next[place])
            }
            literal[state] = Int32(number)
        }

        // Breadth first: what a state lacks it takes from its longest proper suffix, which is complete by then.
        var fail = [Int32](repeating: 0, count: literal.count)
        var shorter = [Int32](repeating: -1, count: literal.count)
        var queue: [Int] = []
        queue.reserveCapacity(literal.count)
        for place in 0..<classCount {
            if next[place] < 0 { next[place] = 0 } else { queue.append(Int(next[place])) }
        }
        var done = 0
        while done < queue.count {
            let state = queue[done]
            done += 1
            let suffix = Int(fail[state])
            shorter[state] = literal[suffix] >= 0 ? Int32(suffix) : shorter[suffix]
            for place in 0..<classCount {
                let child = Int(next[state * classCount + place])
                let through = next[suffix * classCount + place]
                if child < 0 {
                    next[state * classCount + place] = through
                } else {
                    fail[child] = through
                    queue.append(child)
                }
            }
        }
        self.classes = classes
        self.classCount = classCount
        self.next = next
        self.literal = literal
        self.shorter = shorter
    }

    /// Notes in `seen`, one bit a literal, the place (in the array given at the start) of each that occurs in the text.
    func search(_ text: UnsafeBufferPointer<UInt8>, seen: UnsafeMutableBufferPointer<UInt64>) {
        let words = (literal.count + 63) / 64
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { visited in
            visited.initialize(repeating: 0)
            classes.withUnsafeBufferPointer { classes in
                next.withUnsafeBufferPointer { next in
                    var row = 0
                    for byte in text {
                        let state = Int(next[row + Int(classes[Int(byte)])])
                        visited.insert(state)
                        row = state * classCount
                    }
                }
            }
            literal.withUnsafeBufferPointer { literal in
                visited.forEach(below: literal.count) { state in
                    var end = literal[state] >= 0 ? state : Int(shorter[state])
                    // Where one was seen, so were those that end within it.
                    while end >= 0, !seen.has(Int(literal[end])) {
                        seen.insert(Int(literal[end]))
                        end = Int(shorter[end])
                    }
                    return true
                }
            }
        }
    }
}

/// A set of small numbers, one bit each.
extension UnsafeMutableBufferPointer<UInt64> {
    func insert(_ number: Int) { self[number >> 6] |= 1 << UInt64(number & 63) }

    func remove(_ number: Int) { self[number >> 6] &= ~(1 << UInt64(number & 63)) }

    func has(_ number: Int) -> Bool { self[number >> 6] >> UInt64(number & 63) & 1 != 0 }

    /// In ascending order, until `visit` returns false.
    func forEach(below limit: Int, _ visit: (Int) -> Bool) {
        for word in 0..<(limit + 63) / 64 {
            var bits = self[word]
            while bits != 0 {
                if !visit(word << 6 | bits.trailingZeroBitCount) { return }
                bits &= bits - 1
            }
        }
    }
}
