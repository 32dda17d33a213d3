/// How a text is made comparable.
///
/// Both forms fold case, and take accents and strokes from Latin, Greek and Cyrillic letters (`È` is `e`, `ß` is `ss`,
/// a full-width or ligature letter is the plain one); letters of other scripts are only lower-cased. Zero-width
/// characters and soft hyphens vanish.
enum FoldedForm {
    /// Every run of anything but letters and digits is one space, with a space at both ends: ` word word `.
    /// A whole word is then the literal ` word `.
    case words
    /// Punctuation and spacing stay; typographic quotes and dashes become ASCII ones. What regular expressions see.
    case light
}

/// Text made comparable: lower case, no accents, one space for every run of anything but letters and digits.
public enum FoldedText {
    /// ` word word `, with a space at both ends; a text without words is one space.
    public static func fold(_ text: String) -> String {
        withFolded(text, .words) { String(decoding: $0, as: UTF8.self) }
    }

    /// The light form, in which punctuation and spacing stay.
    static func lightly(_ text: String) -> String {
        withFolded(text, .light) { String(decoding: $0, as: UTF8.self) }
    }

    /// Hands over the folded text as UTF-8. Do not let the buffer escape.
    static func withFolded<R>(_ text: String, _ form: FoldedForm, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        switch form {
        case .words:
            let folded = FoldedWords.fold(text)
            defer { folded.deallocate() }
            return body(folded.bytes)
        case .light:
            let folded = allocateLightly(text)
            defer { folded.deallocate() }
            return body(folded)
        }
    }

    /// The light form, in memory that the caller is to deallocate.
    static func allocateLightly(_ text: String) -> UnsafeBufferPointer<UInt8> {
        var text = text
        return text.withUTF8 { source in
            // A scalar of k bytes folds to at most 3k (see ScalarFolder.packed).
            let out = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: source.count * 3)
            return UnsafeBufferPointer(rebasing: out[..<foldLightly(source, into: out)])
        }
    }

    private static func foldLightly(_ source: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>)
        -> Int
    {
        ScalarFolder.light.narrow.withUnsafeBufferPointer { table in
            var count = 0
            var index = 0
            while index < source.count {
                let byte = source[index]
                if byte < 0x80 {
                    out[count] = UInt8(truncatingIfNeeded: table[Int(byte)])
                    count += 1
                    index += 1
                    continue
                }
                var packed = next(source, &index, table, .light)
                while packed != 0 {
                    out[count] = UInt8(truncatingIfNeeded: packed)
                    count += 1
                    packed >>= 8
                }
            }
            return count
        }
    }

    /// Decodes the scalar at `index` (two bytes or more; a String's UTF-8 is always whole) and folds it.
    @inline(__always)
    static func next(
        _ source: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ table: UnsafeBufferPointer<UInt64>,
        _ folder: ScalarFolder
    ) -> UInt64 {
        let lead = source[index]
        let width = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = UInt32(lead) & (0xFF >> UInt32(width + 1))
        for offset in 1..<width { value = value << 6 | UInt32(source[index + offset] & 0x3F) }
        index += width
        if width == 2 { return table[Int(value)] }
        return Unicode.Scalar(value).map(folder.packed) ?? 0
    }
}

/// The key under which two names are the same: folded, without spaces at the ends. Empty if there is no letter or digit.
public func foldedKey(_ text: String) -> String {
    FoldedText.withFolded(text, .words) { bytes in
        bytes.count < 3 ? "" : String(decoding: bytes[1..<bytes.count - 1], as: UTF8.self)
    }
}
