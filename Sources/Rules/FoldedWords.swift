/// A text folded to words (see `FoldedForm.words`), and where its words begin. Whoever has made it is to deallocate it.
struct FoldedWords {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The place of each word's first byte; before it stands a space, and behind the word another.
    let starts: UnsafeBufferPointer<Int>

    static var none: FoldedWords {
        FoldedWords(
            bytes: UnsafeBufferPointer(start: nil, count: 0), starts: UnsafeBufferPointer(start: nil, count: 0))
    }

    func deallocate() {
        bytes.deallocate()
        starts.deallocate()
    }

    /// The place behind a word, that of the space.
    func end(of word: Int) -> Int { (word + 1 < starts.count ? starts[word + 1] : bytes.count) - 1 }

    static func fold(_ text: String) -> FoldedWords {
        var text = text
        return text.withUTF8 { source in
            // A scalar of k bytes folds to at most 3k (see ScalarFolder.packed), and there are the spaces at the ends.
            let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: source.count * 3 + 2)
            // No word is without a separator, and one more is noted in vain.
            let starts = UnsafeMutableBufferPointer<Int>.allocate(capacity: source.count / 2 + 2)
            let (byteCount, wordCount) = fold(source, into: bytes, starts)
            return FoldedWords(
                bytes: UnsafeBufferPointer(rebasing: bytes[..<byteCount]),
                starts: UnsafeBufferPointer(rebasing: starts[..<wordCount]))
        }
    }

    private static func fold(
        _ source: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>,
        _ starts: UnsafeMutableBufferPointer<Int>
    ) -> (bytes: Int, words: Int) {
        ScalarFolder.words.narrow.withUnsafeBufferPointer { table in
            out[0] = 0x20
            var run = Run(out: out, starts: starts)
            var index = 0
            while true {
                run.takeASCII(source, from: &index, table)
                guard index < source.count else { break }
                run.take(FoldedText.next(source, &index, table, .words))
            }
            if run.isInWord != 0 { run.take(0x20) }
            return (run.count, run.words)
        }
    }

    /// What has been written.
    private struct Run {
        let out: UnsafeMutableBufferPointer<UInt8>
        let starts: UnsafeMutableBufferPointer<Int>
        var count = 1
        var words = 0
        /// 1 if the last byte is no space, else 0.
        var isInWord = 0

        /// A function of its own, so that all it needs stays in registers.
        @inline(never)
        mutating func takeASCII(
            _ source: UnsafeBufferPointer<UInt8>, from start: inout Int, _ table: UnsafeBufferPointer<UInt64>
        ) {
            let (out, starts) = (out, starts)
            var (index, count, words, isInWord) = (start, count, words, isInWord)
            while index < source.count, source[index] < 0x80 {
                let folded = UInt8(truncatingIfNeeded: table[Int(source[index])])
                out[count] = folded
                starts[words] = count
                // No branch, since nobody can foretell where words end: what is not counted is written over.
                let isLetter = folded == 0x20 ? 0 : 1
                words &+= isLetter & ~isInWord
                count &+= isLetter | isInWord
                isInWord = isLetter
                index &+= 1
            }
            (start, self.count, self.words, self.isInWord) = (index, count, words, isInWord)
        }

        /// - Parameter packed: see `ScalarFolder.packed`.
        mutating func take(_ packed: UInt64) {
            if packed == 0x20 {
                out[count] = 0x20
                count += isInWord
                isInWord = 0
            } else if packed != 0 {
                starts[words] = count
                words += 1 - isInWord
                isInWord = 1
                var rest = packed
                while rest != 0 {
                    out[count] = UInt8(truncatingIfNeeded: rest)
                    count += 1
                    rest >>= 8
                }
            }
        }
    }
}
