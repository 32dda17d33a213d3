import Synchronization

/// One pattern on its own, which can tell where it occurs.
struct Seeker: Sendable {
    private enum Way: Sendable {
        /// Words without wildcards: what most operators write most of the time.
        case literal([UInt8])
        case expression(SinglePattern)
    }

    let kind: Pattern.Kind
    private let way: Way

    /// - Parameter written: as the operator wrote it.
    init(_ written: String, stemmer: Stemmer?) throws {
        let pattern = try Pattern(written, stemmer: stemmer)
        kind = pattern.kind
        way =
            if pattern.isLiteral { .literal(Array(pattern.source.utf8)) } else {
                .expression(try SinglePattern(pattern.source, kind: pattern.kind))
            }
    }

    /// The bytes of the first occurrence that starts at or after `from`.
    func first(in text: UnsafeBufferPointer<UInt8>, from: Int) -> Range<Int>? {
        switch way {
        case .expression(let single): return single.first(in: text, from: from)
        case .literal(let bytes): return Seeker.first(bytes, in: text, from: from)
        }
    }

    /// - Parameter words: folded, with the spaces around them.
    static func first(_ words: [UInt8], in text: UnsafeBufferPointer<UInt8>, from: Int = 0) -> Range<Int>? {
        var start = from
        while start + words.count <= text.count {
            // It begins with the space before a word: few places are looked at twice.
            if text[start] == words[0], text[start..<start + words.count].elementsEqual(words) {
                return start..<start + words.count
            }
            start += 1
        }
        return nil
    }
}

/// Seekers made when first needed and kept: making one costs more than an explanation may. Called from any thread.
final class Seekers: Sendable {
    /// Far more patterns than the messages of a day meet; some kilobytes each.
    private static let most = 4096
    private let made = Mutex<[Key: Seeker]>([:])
    let stemmer: Stemmer?

    private struct Key: Hashable {
        let written: String
        let isStem: Bool
    }

    init(stemmer: Stemmer?) { self.stemmer = stemmer }

    /// Nil if `written` is no valid pattern.
    subscript(written: String, isStem isStem: Bool) -> Seeker? {
        let key = Key(written: written, isStem: isStem)
        if let known = made.withLock({ $0[key] }) { return known }
        guard let seeker = try? Seeker(written, stemmer: isStem ? stemmer : nil) else { return nil }
        made.withLock { made in
            if made.count >= Seekers.most { made.removeAll() }
            made[key] = seeker
        }
        return seeker
    }
}
