/// One word of a pattern of several.
struct WordPart: Hashable, Sendable {
    enum Word: Hashable, Sendable {
        case any
        /// Bytes with which the word begins; a whole word ends with its space.
        case beginning([UInt8])
        /// Bytes with which it ends, its space the last.
        case end([UInt8])
        /// It differs by one slip at most.
        case near([UInt8])
    }

    let word: Word
    /// Words that may stand between it and the part before.
    let mostBetween: Int

    /// - Returns: nil if a star in a word makes it a matter for a regular expression.
    static func parts(of items: [PhraseParser.Item]) -> [WordPart]? {
        var parts: [WordPart] = []
        var between = 0
        for item in items {
            let word: Word
            switch item {
            case .distance(let most):
                between = most
                continue
            case .anyWord: word = .any
            case .fuzzy(let text): word = .near(Array(text.utf8))
            case .word(let text):
                let bytes = Array(text.utf8)
                switch bytes.filter({ $0 == 0x2A }).count {
                case 0: word = .beginning(bytes + [0x20])
                case 1 where bytes.last == 0x2A: word = .beginning(bytes.dropLast())
                case 1 where bytes.first == 0x2A: word = .end(bytes.dropFirst() + [0x20])
                default: return nil
                }
            }
            parts.append(WordPart(word: word, mostBetween: between))
            between = 0
        }
        return parts
    }
}

/// Patterns of several words: phrases with distances and wildcards. Looked for word by word, since an automaton for each
/// would have to be in the processor's cache.
struct WordSequences: Sendable {
    private struct Part: Sendable {
        enum Kind: UInt8, Sendable { case any, beginning, end, near }
        let kind: Kind
        let mostBetween: Int32
        /// In `bytes`.
        let first: Int
        let end: Int
    }

    /// Those of pattern `n` begin at `starts[n]`, and end where the next one's begin.
    private let starts: [Int]
    private let parts: [Part]
    private let bytes: [UInt8]

    /// - Parameter patterns: one without parts is no sequence.
    init(_ patterns: [[WordPart]]) {
        var starts = [0]
        var parts: [Part] = []
        var bytes: [UInt8] = []
        for pattern in patterns {
            for part in pattern {
                let (kind, own): (Part.Kind, [UInt8]) =
                    switch part.word {
                    case .any: (.any, [])
                    case .beginning(let bytes): (.beginning, bytes)
                    case .end(let bytes): (.end, bytes)
                    case .near(let bytes): (.near, bytes)
                    }
                parts.append(
                    Part(
                        kind: kind, mostBetween: Int32(part.mostBetween), first: bytes.count,
                        end: bytes.count + own.count))
                bytes += own
            }
            starts.append(parts.count)
        }
        self.starts = starts
        self.parts = parts
        self.bytes = bytes
    }

    /// - Returns: nil if it is no sequence.
    func occurs(_ pattern: Int, in text: FoldedWords) -> Bool? {
        let range = starts[pattern]..<starts[pattern + 1]
        if range.isEmpty { return nil }
        return parts.withUnsafeBufferPointer { parts in
            bytes.withUnsafeBufferPointer { bytes in
                WordSequences.occurs(UnsafeBufferPointer(rebasing: parts[range]), bytes, in: text)
            }
        }
    }

    /// Whether all parts occur in their order. Of the places where the parts up to one have been found, only the last
    /// counts: what stands near enough to an earlier one, and behind the last, stands near enough to that.
    private static func occurs(
        _ parts: UnsafeBufferPointer<Part>, _ bytes: UnsafeBufferPointer<UInt8>, in text: FoldedWords
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: parts.count) { last in
            last.initialize(repeating: -1)
            for word in text.starts.indices {
                // Backwards: a word is one part of an occurrence only.
                for index in parts.indices.reversed() {
                    let part = parts[index]
                    if index > 0 {
                        let before = last[index - 1]
                        if before < 0 || word - before - 1 > Int(part.mostBetween) { continue }
                    }
                    if isMatch(part, bytes, text, word) {
                        if index == parts.count - 1 { return true }
                        last[index] = word
                    }
                }
            }
            return false
        }
    }

    @inline(__always)
    private static func isMatch(
        _ part: Part, _ bytes: UnsafeBufferPointer<UInt8>, _ text: FoldedWords, _ word: Int
    ) -> Bool {
        let start = text.starts[word]
        let count = part.end - part.first
        switch part.kind {
        case .any: return true
        case .beginning: return isEqual(bytes, part.first, text.bytes, start, count)
        case .end:
            let from = text.end(of: word) + 1 - count
            return from >= start && isEqual(bytes, part.first, text.bytes, from, count)
        case .near:
            return FuzzyFinder.areNear(
                UnsafeBufferPointer(rebasing: bytes[part.first..<part.end]),
                UnsafeBufferPointer(rebasing: text.bytes[start..<text.end(of: word)]))
        }
    }

    @inline(__always)
    private static func isEqual(
        _ a: UnsafeBufferPointer<UInt8>, _ first: Int, _ b: UnsafeBufferPointer<UInt8>, _ other: Int, _ count: Int
    ) -> Bool {
        guard count <= b.count - other else { return false }
        for offset in 0..<count where a[first &+ offset] != b[other &+ offset] { return false }
        return true
    }
}
