import CStemmer
import Synchronization

/// Takes words to their stems, by Snowball: `lampione` and `lampioni` to `lampion`; in Italian also `buca` and `buche` to
/// `buc`, which Snowball keeps apart.
///
/// One stemmer serves one thread at a time; those at rest are kept.
final class Stemmer: @unchecked Sendable {
    /// Of the languages that libstemmer knows, those written in Latin or Cyrillic letters and in use by cities here.
    static let algorithms = [
        "da": "danish", "de": "german", "en": "english", "es": "spanish", "fr": "french", "hu": "hungarian",
        "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
        "sv": "swedish", "tr": "turkish",
    ]

    /// ISO 639-1.
    let language: String
    private let algorithm: String
    private let isItalian: Bool
    private let resting = Mutex<[Instance]>([])

    /// Whoever has taken it out of `resting` is the only one to use it.
    private struct Instance: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// - Returns: nil if there is none for the language.
    init?(language: String) {
        guard let algorithm = Stemmer.algorithms[language] else { return nil }
        self.language = language
        self.algorithm = algorithm
        isItalian = language == "it"
        guard let first = make() else { return nil }
        resting.withLock { $0.append(first) }
    }

    deinit { for stemmer in resting.withLock({ $0 }) { sb_stemmer_delete(stemmer.pointer) } }

    private func make() -> Instance? { sb_stemmer_new(algorithm, "UTF_8").map(Instance.init) }

    /// A text folded to words with each word's stem in its place; the caller is to deallocate it.
    /// - Returns: nil if there is no memory for a stemmer.
    func allocateStems(of words: FoldedWords) -> FoldedWords? {
        guard let stemmer = resting.withLock({ $0.popLast() }) ?? make() else { return nil }
        defer { resting.withLock { $0.append(stemmer) } }
        // A stem may be longer than its word, by a letter or two; the longest that has room here is twice as long and one.
        let out = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: words.bytes.count * 2)
        let starts = UnsafeMutableBufferPointer<Int>.allocate(capacity: words.starts.count)
        out[0] = 0x20
        var count = 1
        for word in words.starts.indices {
            starts[word] = count
            let whole = UnsafeBufferPointer(rebasing: words.bytes[words.starts[word]..<words.end(of: word)])
            let stem = stem(whole, by: stemmer.pointer).prefix(whole.count * 2 + 1)
            _ = UnsafeMutableBufferPointer(rebasing: out[count...]).update(fromContentsOf: stem)
            count += stem.count
            out[count] = 0x20
            count += 1
        }
        return FoldedWords(
            bytes: UnsafeBufferPointer(rebasing: out[..<count]), starts: UnsafeBufferPointer(starts))
    }

    /// The stem of one folded word; the word itself if there is no memory.
    func stem(_ word: [UInt8]) -> [UInt8] {
        guard let stemmer = resting.withLock({ $0.popLast() }) ?? make() else { return word }
        defer { resting.withLock { $0.append(stemmer) } }
        return word.withUnsafeBufferPointer { Array(stem($0, by: stemmer.pointer)) }
    }

    /// Longer ones are no words, and stand for themselves.
    private static let longestWord = 100

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    private func stem(_ word: Bytes, by stemmer: OpaquePointer) -> Bytes {
        guard word.count <= Stemmer.longestWord,
            let stem = sb_stemmer_stem(stemmer, word.baseAddress, Int32(word.count))
        else {
            return word
        }
        var count = Int(sb_stemmer_length(stemmer))
        // `buche` has an h only to sound as `buca` does.
        if isItalian, count > 2, stem[count - 1] == 0x68, [0x63, 0x67].contains(stem[count - 2]) { count -= 1 }
        return Bytes(start: stem, count: count)
    }
}
