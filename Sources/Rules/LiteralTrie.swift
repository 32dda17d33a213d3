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
        var firstChild: Int32 = 0
        var nextSibling: Int32 = 0
        var literal: Int32 = -1
        /// The node of its longest proper suffix.
        var suffix: Int32 = 0
        /// The place in `ends` of the longest literal that ends there, or -1.
        var end: Int32 = -1
        /// As a state of the finder, with its notes.
        var state: UInt32 = 0
    }

    private typealias State = LiteralFinder.State
    private var nodes = [Node(letter: 0)]
    /// All nodes, those nearer to the root first.
    private var order: [Int] = []

    init(_ literals: [[UInt8]]) {
        var isUsed = [Bool](repeating: false, count: 256)
        for literal in literals { for byte in literal { isUsed[Int(byte)] = true } }
        for byte in 0..<256 where isUsed[byte] {
            // With all 256 bytes in use the last two share a class, and are told apart by nobody: literals are UTF-8.
            classes[byte] = UInt8(min(classCount, 255))
            classCount = min(classCount + 1, 256)
        }
        for (number, literal) in literals.enumerated() where !literal.isEmpty { insert(literal, Int32(number)) }
    }

    private mutating func insert(_ literal: [UInt8], _ number: Int32) {
        var node = 0
        for byte in literal {
            let letter = classes[Int(byte)]
            if let known = child(of: node, letter) {
                node = known
            } else {
                let new = nodes.count
                nodes.append(Node(letter: letter, nextSibling: nodes[node].firstChild))
                nodes[node].firstChild = Int32(truncatingIfNeeded: new)
                node = new
            }
        }
        nodes[node].literal = number
    }

    private func child(of node: Int, _ letter: UInt8) -> Int? {
        var child = Int(nodes[node].firstChild)
        while child != 0, nodes[child].letter != letter { child = Int(nodes[child].nextSibling) }
        return child == 0 ? nil : child
    }

    /// - Returns: false if there are more states than can be told apart.
    mutating func build() -> Bool {
        guard nodes.count < Int(State.place) else { return false }
        findSuffixes()
        guard number() else { return false }
        fill()
        return true
    }

    /// Breadth first: a node's suffix is nearer to the root, and known by then.
    private mutating func findSuffixes() {
        order.reserveCapacity(nodes.count)
        order.append(0)
        var done = 0
        while done < order.count {
            let parent = order[done]
            done += 1
            var child = Int(nodes[parent].firstChild)
            while child != 0 {
                if parent != 0 {
                    let suffix = longestSuffix(of: parent, nodes[child].letter)
                    nodes[child].suffix = Int32(suffix)
                    nodes[child].end = nodes[suffix].end
                }
                if nodes[child].literal >= 0 {
                    ends.append(LiteralFinder.End(literal: nodes[child].literal, shorter: nodes[child].end))
                    nodes[child].end = Int32(ends.count - 1)
                }
                order.append(child)
                child = Int(nodes[child].nextSibling)
            }
        }
    }

    private func longestSuffix(of parent: Int, _ letter: UInt8) -> Int {
        var node = Int(nodes[parent].suffix)
        while true {
            if let found = child(of: node, letter) { return found }
            if node == 0 { return 0 }
            node = Int(nodes[node].suffix)
        }
    }

    private func isRow(_ node: Int) -> Bool {
        let first = Int(nodes[node].firstChild)
        return node == 0 || first != 0 && nodes[first].nextSibling != 0
    }

    /// Gives each node its state. Steps that follow one another stand side by side.
    private mutating func number() -> Bool {
        var rowCount = 0
        var stepCount = 0
        func end(_ node: Int) -> UInt32 { nodes[node].end >= 0 ? State.hasEnd : 0 }
        for node in order where isRow(node) {
            let place = rowCount * (classCount + 1)
            guard place + classCount < Int(State.place) else { return false }
            nodes[node].state = UInt32(place) | end(node)
            rowCount += 1
        }
        for node in order where isRow(node) {
            var start = Int(nodes[node].firstChild)
            while start != 0 {
                var step = start
                while step != 0, !isRow(step) {
                    nodes[step].state = UInt32(stepCount) | State.isStep | end(step)
                    stepCount += 1
                    step = Int(nodes[step].firstChild)
                }
                start = Int(nodes[start].nextSibling)
            }
        }
        rows = [UInt32](repeating: 0, count: rowCount * (classCount + 1))
        let none = LiteralFinder.Step(letter: LiteralFinder.Step.noLetter, next: 0, other: 0, end: 0)
        steps = [LiteralFinder.Step](repeating: none, count: stepCount)
        return true
    }

    private mutating func fill() {
        for node in order {
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
        var child = Int(nodes[node].firstChild)
        while child != 0 {
            rows[place + Int(nodes[child].letter)] = nodes[child].state
            child = Int(nodes[child].nextSibling)
        }
    }
}
