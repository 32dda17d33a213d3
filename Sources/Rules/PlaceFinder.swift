import Civic

/// Finds where patterns occur in the message as the citizen wrote it. For explanations only: it folds scalar by scalar
/// and remembers where each byte came from. Lives no longer than one explanation.
final class PlaceFinder {
    private let body: String
    private let subject: String?
    private let seekers: Seekers
    private var folded: [Key: Origins] = [:]

    /// Places listed for one pattern in one part. Of an expression one: each costs two passes over the text.
    static let mostPlaces = 10

    private struct Key: Hashable {
        let part: Explanation.Part
        let kind: Pattern.Kind
    }

    init(_ message: Message, seekers: Seekers) {
        self.seekers = seekers
        body = message.text
        subject = message.subject
    }

    /// - Parameters:
    ///   - written: a valid pattern, as the operator wrote it.
    ///   - isStem: its words are sought by their stems.
    func matches(
        of written: String, in part: Condition.TextPart, isStem: Bool = false
    ) -> [Explanation.Match] {
        guard let seeker = seekers[written, isStem: isStem] else { return [] }
        let parts: [Explanation.Part] =
            switch part {
            case .text: [.subject, .text]
            case .subject: [.subject]
            case .body: [.text]
            }
        return parts.flatMap { places(of: seeker, in: $0) }
    }

    /// Where a word of the body first occurs.
    /// - Parameter word: as it is folded. It needs no seeker: these are kept, and citizens know more words than operators.
    func first(word: String) -> Explanation.Match? {
        guard let origins = origins(Key(part: .text, kind: .words)) else { return nil }
        let found = origins.bytes.withUnsafeBufferPointer { Seeker.first([0x20] + Array(word.utf8) + [0x20], in: $0) }
        return found.map { origins.match($0.lowerBound + 1..<$0.upperBound - 1, in: .text) }
    }

    private func places(of seeker: Seeker, in part: Explanation.Part) -> [Explanation.Match] {
        guard let origins = origins(Key(part: part, kind: seeker.kind)) else { return [] }
        // A word's pattern takes in the spaces around it, of which the last may begin the next match.
        let margin = seeker.kind == .expression ? 0 : 1
        let most = seeker.kind == .expression ? 1 : PlaceFinder.mostPlaces
        var matches: [Explanation.Match] = []
        origins.bytes.withUnsafeBufferPointer { bytes in
            var from = 0
            while matches.count < most, let found = seeker.first(in: bytes, from: from) {
                from = max(found.upperBound - margin, found.lowerBound + 1)
                matches.append(origins.match(found.lowerBound + margin..<found.upperBound - margin, in: part))
            }
        }
        return matches
    }

    private func origins(_ key: Key) -> Origins? {
        if let known = folded[key] { return known }
        guard let text = key.part == .text ? body : subject else { return nil }
        var made = Origins(text, key.kind == .expression ? .light : .words)
        if key.kind == .stems, let stemmer = seekers.stemmer { made.stem(by: stemmer) }
        folded[key] = made
        return made
    }
}

/// A folded text that remembers which scalar each byte came from.
struct Origins {
    private let text: String
    /// For each scalar, and for the end, the place of its first byte in UTF-8.
    private var starts: [Int] = []
    private(set) var bytes: [UInt8] = []
    /// For each byte, and for the end, the place of its scalar.
    private var places: [Int] = []

    init(_ text: String, _ form: FoldedForm) {
        self.text = text
        let length = text.utf8.count
        bytes.reserveCapacity(length + 2)
        places.reserveCapacity(length + 3)
        starts.reserveCapacity(length + 1)
        var start = 0
        let folder = form == .words ? ScalarFolder.words : ScalarFolder.light
        if form == .words { append(0x20, 0) }
        for (place, scalar) in text.unicodeScalars.enumerated() {
            starts.append(start)
            start += UTF8.width(scalar)
            var packed = folder.packed(scalar)
            if form == .words, packed == 0x20, bytes.last == 0x20 { continue }
            while packed != 0 {
                append(UInt8(truncatingIfNeeded: packed), place)
                packed >>= 8
            }
        }
        if form == .words, bytes.last != 0x20 { append(0x20, starts.count) }
        places.append(starts.count)
        starts.append(start)
    }

    /// Of the text as it was written.
    private var scalarCount: Int { starts.count - 1 }

    private mutating func append(_ byte: UInt8, _ place: Int) {
        bytes.append(byte)
        places.append(place)
    }

    /// Puts each word's stem in its place; it comes from where the word begins.
    mutating func stem(by stemmer: Stemmer) {
        let (words, origins) = (bytes, places)
        bytes = []
        places = []
        var start = 0
        for end in words.indices where words[end] == 0x20 {
            if end > start {
                for byte in stemmer.stem(Array(words[start..<end])) { append(byte, origins[start]) }
            }
            append(0x20, origins[end])
            start = end + 1
        }
        places.append(scalarCount)
    }

    /// The scalars from which some bytes came, with the marks and zero-width characters that follow.
    func scalars(of range: Range<Int>) -> Range<Int> {
        let start = places[range.lowerBound]
        guard !range.isEmpty else { return start..<start }
        // One scalar may become several bytes, of which a regular expression may take only the first.
        return start..<max(places[range.upperBound], places[range.upperBound - 1] + 1)
    }

    /// Some bytes, as the citizen wrote them.
    func match(_ range: Range<Int>, in part: Explanation.Part) -> Explanation.Match {
        let range = scalars(of: range)
        func index(_ scalar: Int) -> String.Index { text.utf8.index(text.startIndex, offsetBy: starts[scalar]) }
        return Explanation.Match(
            text: String(text.unicodeScalars[index(range.lowerBound)..<index(range.upperBound)]),
            offset: range.lowerBound, length: range.count,
            part: part)
    }
}
