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
    }

    /// - Parameter literals: none empty, each once.
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
        classes.withUnsafeBufferPointer { classes in
            rows.withUnsafeBufferPointer { rows in
                steps.withUnsafeBufferPointer { steps in
                    var state: UInt32 = 0
                    for byte in text {
                        let letter = UInt32(classes[Int(byte)])
                        while true {
                            if state & State.isStep == 0 {
                                state = rows[Int(state & State.place) + Int(letter)]
                                break
                            }
                            let step = steps[Int(state & State.place)]
                            if step.letter == letter {
                                state = step.next
                                break
                            }
                            state = step.other
                        }
                        if state & State.hasEnd != 0 {
                            let place = Int(state & State.place)
                            let isStep = state & State.isStep != 0
                            note(Int(isStep ? steps[place].end : rows[place + classCount]), seen)
                        }
                    }
                }
            }
        }
    }

    private func note(_ first: Int, _ seen: Marks) {
        var place = first
        while place >= 0 {
            let end = ends[place]
            // Where one was seen, so were those that end within it.
            if seen.has(Int(end.literal)) { return }
            seen.insert(Int(end.literal))
            place = Int(end.shorter)
        }
    }
}
