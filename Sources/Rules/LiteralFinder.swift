/// Finds many literals in one pass over a text, whose cost does not depend on their number: the automaton of Aho and
/// Corasick (Efficient string matching, CACM 18, 1975).
///
/// It is complete once made. One that builds its states lazily, as RE2's does, pays for every text of unseen words;
/// citizens write nothing else. States where literals part have all their transitions in a table; those within the
/// rest of one literal, by far the most, have only the byte that goes on and where to go with any other, and stand side
/// by side: what a text passes through is small, and most of it stays in the processor's cache.
final class LiteralFinder: Sendable {
    /// Bytes that no literal holds are one class.
    private let classes: [UInt8]
    private let classCount: Int
    /// By row and class: the next state; and at the end of each row, what ends there. The first row is the root's.
    private let rows: [UInt32]
    private let steps: [Step]
    private let ends: [End]

    /// A state within the rest of a literal.
    struct Step: Sendable {
        let letter: UInt32
        var next: UInt32
        /// For any other letter: a state that is to be asked in turn. It is nearer to the root, so asking is linear.
        let other: UInt32
        /// What ends there, if anything does.
        let end: UInt32

        static let noLetter: UInt32 = 256
    }

    /// A literal, and the next shorter one that ends wherever it does: its place in `ends`, or -1.
    struct End: Sendable {
        let literal: Int32
        let shorter: Int32
    }

    /// A state is the place of its row in `rows`, or of its step in `steps`, and two notes.
    enum State {
        static let isStep: UInt32 = 1 << 31
        /// Something ends there.
        static let hasEnd: UInt32 = 1 << 30
        static let place: UInt32 = hasEnd - 1
        static let root: UInt32 = 0
    }

    /// - Parameter literals: each once; an empty one is not sought.
    init(_ literals: [[UInt8]]) throws(WordSet.Failure) {
        var builder = LiteralTrie(literals)
        guard builder.build() else { throw WordSet.Failure(message: "the words are too many") }
        classes = builder.classes
        classCount = builder.classCount
        rows = builder.rows
        steps = builder.steps
        ends = builder.ends
    }

    /// Notes in `seen` the place (in the array given at the start) of each literal that occurs in the text.
    func search(_ text: UnsafeBufferPointer<UInt8>, seen: Marks) {
        withWalk { walk in
            var state = State.root
            for byte in text { walk.go(on: byte, &state, seen) }
        }
    }

    func state(after byte: UInt8) -> UInt32 { rows[Int(classes[Int(byte)])] }

    func withWalk(_ body: (Walk) -> Void) {
        classes.withUnsafeBufferPointer { classes in
            rows.withUnsafeBufferPointer { rows in
                steps.withUnsafeBufferPointer { steps in
                    ends.withUnsafeBufferPointer { ends in
                        body(Walk(classes: classes, classCount: classCount, rows: rows, steps: steps, ends: ends))
                    }
                }
            }
        }
    }

    /// The tables, lent for a walk through a text.
    struct Walk {
        fileprivate let classes: UnsafeBufferPointer<UInt8>
        fileprivate let classCount: Int
        fileprivate let rows: UnsafeBufferPointer<UInt32>
        fileprivate let steps: UnsafeBufferPointer<Step>
        fileprivate let ends: UnsafeBufferPointer<End>

        @inline(__always)
        func go(on byte: UInt8, _ state: inout UInt32, _ seen: Marks) {
            state = next(state, byte)
            if state & State.hasEnd == 0 { return }
            let place = Int(state & State.place)
            note(state & State.isStep != 0 ? steps[place].end : rows[place &+ classCount], seen)
        }

        @inline(__always)
        func next(_ state: UInt32, _ byte: UInt8) -> UInt32 {
            let letter = UInt32(classes[Int(byte)])
            var state = state
            while state & State.isStep != 0 {
                let step = steps[Int(state & State.place)]
                if step.letter == letter { return step.next }
                state = step.other
            }
            return rows[Int(state & State.place) &+ Int(letter)]
        }

        private func note(_ first: UInt32, _ seen: Marks) {
            var place = Int(first)
            while place >= 0 {
                let end = ends[place]
                // Where one was seen, so were those that end within it.
                if seen.has(Int(end.literal)) { return }
                seen.insert(Int(end.literal))
                place = Int(end.shorter)
            }
        }
    }
}
