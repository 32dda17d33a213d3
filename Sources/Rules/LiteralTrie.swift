/// Makes the tables of a `LiteralFinder`.
struct LiteralTrie {
    private(set) var classes = [UInt8](repeating: 0, count: 256)
    private(set) var classCount = 1
    private(set) var rows: [UInt32] = []
    private(set) var steps: [LiteralFinder.Step] = []
    private(set) var ends: [LiteralFinder.End] = []

    /// A node of the trie; 0 is the root, and no child's number.
    private struct Node {
        let letter: UInt8
        /// Its children stand side by side.
        var firstChild: Int32 = 0
        var childCount: Int32 = 0
        /// The node of its longest proper suffix.
        var suffix: Int32 = 0
        /// The place in `ends` of the longest literal that ends there, or -1.
        var end: Int32 = -1
        /// As a state of the finder, with its notes.
        var state: UInt32 = 0
    }

    private typealias State = LiteralFinder.State
    /// Those nearer to the root first, and within a level in the order of the literals: whatever walks through them finds
    /// the next one near the last.
    private var nodes = [Node(letter: 0)]

    init(_ literals: [[UInt8]]) {
        var isUsed = [Bool](repeating: false, count: 256)
        for literal in literals { for byte in literal { isUsed[Int(byte)] = true } }
        for byte in 0..<256 where isUsed[byte] {
            // With all 256 bytes in use the last two share a class, and are told apart by nobody: literals are UTF-8.
            classes[byte] = UInt8(min(classCount, 255))
            classCount = min(classCount + 1, 256)
        }
        grow(literals, LiteralTrie.sorted(literals))
    }

    private static func sorted(_ literals: [[UInt8]]) -> [Int] {
        // The first eight bytes as a number, which decides most comparisons.
        let heads = literals.map { literal in
            (0..<8).reduce(UInt64(0)) { $0 << 8 | ($1 < literal.count ? UInt64(literal[$1]) : 0) }
        }
        return literals.indices.filter { !literals[$0].isEmpty }.sorted { a, b in
            heads[a] == heads[b] ? literals[a].lexicographicallyPrecedes(literals[b]) : heads[a] < heads[b]
        }
    }

    /// Makes the nodes level by level, with their suffixes, which are nearer to the root and complete by then.
    private mutating func grow(_ literals: [[UInt8]], _ order: [Int]) {
        var letters: [UInt8] = []
        var starts = [0]
        for number in order {
            for byte in literals[number] { letters.append(classes[Int(byte)]) }
            starts.append(letters.count)
        }
        nodes.reserveCapacity(letters.count + 1)
        var level = [(node: 0, literals: order.indices)]
        var depth = 0
        while !level.isEmpty {
            var next: [(node: Int, literals: Range<Int>)] = []
            for (node, range) in level {
                nodes[node].end = nodes[Int(nodes[node].suffix)].end
                var place = range.lowerBound
                while place < range.upperBound, starts[place] + depth == starts[place + 1] {
                    ends.append(
                        LiteralFinder.End(literal: Int32(truncatingIfNeeded: order[place]), shorter: nodes[node].end))
                    nodes[node].end = Int32(truncatingIfNeeded: ends.count - 1)
                    place += 1
                }
                if place < range.upperBound { nodes[node].firstChild = Int32(truncatingIfNeeded: nodes.count) }
                while place < range.upperBound {
                    let letter = letters[starts[place] + depth]
                    var end = place + 1
                    while end < range.upperBound, letters[starts[end] + depth] == letter { end += 1 }
                    next.append((nodes.count, place..<end))
                    nodes.append(Node(letter: letter, suffix: longestSuffix(of: node, letter)))
                    nodes[node].childCount += 1
                    place = end
                }
            }
            level = next
            depth += 1
        }
    }

    private func longestSuffix(of parent: Int, _ letter: UInt8) -> Int32 {
        var node = parent
        while node != 0 {
            node = Int(nodes[node].suffix)
            for child in children(of: node) where nodes[child].letter == letter {
                return Int32(truncatingIfNeeded: child)
            }
        }
        return 0
    }

    private func children(of node: Int) -> Range<Int> {
        let first = Int(nodes[node].firstChild)
        return first..<first + Int(nodes[node].childCount)
    }

    /// - Returns: false if there are more states than can be told apart.
    mutating func build() -> Bool {
        guard nodes.count < Int(State.place), number() else { return false }
        fill()
        return true
    }

    private func isRow(_ node: Int) -> Bool { node == 0 || nodes[node].childCount > 1 }

    /// Gives each node its state. Steps that follow one another stand side by side.
    private mutating func number() -> Bool {
        var rowCount = 0
        var stepCount = 0
        func end(_ node: Int) -> UInt32 { nodes[node].end >= 0 ? State.hasEnd : 0 }
        for node in nodes.indices where isRow(node) {
            let place = rowCount * (classCount + 1)
            guard place + classCount < Int(State.place) else { return false }
            nodes[node].state = UInt32(place) | end(node)
            rowCount += 1
        }
        for node in nodes.indices where isRow(node) {
            for start in children(of: node) {
                var step = start
                while step != 0, !isRow(step) {
                    nodes[step].state = UInt32(stepCount) | State.isStep | end(step)
                    stepCount += 1
                    step = Int(nodes[step].firstChild)
                }
            }
        }
        rows = [UInt32](repeating: 0, count: rowCount * (classCount + 1))
        let none = LiteralFinder.Step(letter: LiteralFinder.Step.noLetter, next: 0, other: 0, end: 0)
        steps = [LiteralFinder.Step](repeating: none, count: stepCount)
        return true
    }

    private mutating func fill() {
        for node in nodes.indices {
            let state = nodes[node].state
            let place = Int(state & State.place)
            let end = UInt32(max(0, nodes[node].end))
            if isRow(node) {
                fillRow(node, at: place)
                rows[place + classCount] = end
            } else {
                let child = Int(nodes[node].firstChild)
                let letter = child == 0 ? LiteralFinder.Step.noLetter : UInt32(nodes[child].letter)
                steps[place] = LiteralFinder.Step(
                    letter: letter, next: nodes[child].state, other: other(than: letter, node), end: end)
            }
        }
    }

    /// The nearest suffix that knows of another letter.
    private func other(than letter: UInt32, _ node: Int) -> UInt32 {
        let suffix = Int(nodes[node].suffix)
        if isRow(suffix) { return nodes[suffix].state }
        let step = steps[Int(nodes[suffix].state & State.place)]
        return step.letter == letter || step.letter == LiteralFinder.Step.noLetter ? step.other : nodes[suffix].state
    }

    /// What a row lacks it takes from its longest proper suffix, which is complete by then.
    private mutating func fillRow(_ node: Int, at place: Int) {
        if node != 0 {
            var between: [LiteralFinder.Step] = []
            var suffix = Int(nodes[node].suffix)
            while !isRow(suffix) {
                between.append(steps[Int(nodes[suffix].state & State.place)])
                suffix = Int(nodes[suffix].suffix)
            }
            let from = Int(nodes[suffix].state & State.place)
            for letter in 0..<classCount { rows[place + letter] = rows[from + letter] }
            for step in between.reversed() where step.letter != LiteralFinder.Step.noLetter {
                rows[place + Int(step.letter)] = step.next
            }
        }
        for child in children(of: node) { rows[place + Int(nodes[child].letter)] = nodes[child].state }
    }
}
