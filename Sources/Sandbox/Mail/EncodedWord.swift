/// Header text with encoded words, `=?charset?B|Q?text?=` (RFC 2047), for display.
enum EncodedWord {
    static func decode(_ header: String) -> String {
        var result = ""
        var rest = header[...]
        var afterWord = false
        while let start = rest.firstRange(of: "=?") {
            let before = rest[..<start.lowerBound]
            guard let (text, next) = word(rest[start.upperBound...]) else {
                result += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                afterWord = false
                continue
            }
            // Blanks between two encoded words are not part of the text.
            if !(afterWord && before.allSatisfy(\.isWhitespace)) { result += before }
            result += text
            rest = next
            afterWord = true
        }
        return result + rest
    }

    /// The word that begins after `=?`, and what follows it.
    private static func word(_ text: Substring) -> (String, Substring)? {
        let parts = text.split(separator: "?", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let end = parts[2].firstRange(of: "?=") else { return nil }
        let encoded = parts[2][..<end.lowerBound]
        let charset = parts[0].prefix { $0 != "*" }
        let bytes: [UInt8]?
        switch parts[1] {
        case "B", "b": bytes = TransferEncoding.base64(encoded.utf8)
        case "Q", "q":
            let spaced = encoded.utf8.map { $0 == UInt8(ascii: "_") ? 32 : $0 }
            bytes = TransferEncoding.quotedPrintable(spaced[...])
        default: bytes = nil
        }
        guard let bytes else { return nil }
        return (Charset.decode(bytes, String(charset)), parts[2][end.upperBound...])
    }
}
