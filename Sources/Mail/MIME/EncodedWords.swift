/// Field values as text: RFC 2047's encoded words, and bytes beyond ASCII that should not be there.
///
/// GMime's own decoding takes time with the square of unfinished words, so it is done here, in one pass.
enum EncodedWords {
    /// Unfolds and decodes. Words without blanks between them, in quotes, or wrongly broken are decoded too. What comes out
    /// is one line without control characters, and with few marks: it may become a field again.
    static func decode(_ raw: ArraySlice<UInt8>) -> String {
        let text = decodeWords(raw).withFewMarks
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        return String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self).trimmingSpaces
    }

    private static func decodeWords(_ raw: ArraySlice<UInt8>) -> String {
        let value = unfold(raw.prefix(Limits.field))
        guard value.contains(0x3D) else { return Charset.decode(value[...], label: nil, most: Limits.field) }
        var text = ""
        var plain = value.startIndex
        var at = value.startIndex
        // Neighbours of one charset are decoded together: a character may be cut in two.
        var pending: (charset: String, bytes: [UInt8])?
        func flush() {
            if let last = pending { text += Charset.decode(last.bytes[...], label: last.charset, most: Limits.field) }
            pending = nil
        }
        while at + 1 < value.endIndex {
            guard value[at] == 0x3D, value[at + 1] == 0x3F, let word = word(in: value, at: at) else {
                at += 1
                continue
            }
            let between = value[plain..<at]
            if pending == nil || !between.allSatisfy(\.isSpace) {
                flush()
                text += Charset.decode(between, label: nil, most: Limits.field)
            }
            if let last = pending, last.charset == word.charset {
                pending = (last.charset, last.bytes + word.bytes)
            } else {
                flush()
                pending = (word.charset, word.bytes)
            }
            at = word.end
            plain = at
        }
        flush()
        text += Charset.decode(value[plain...], label: nil, most: Limits.field)
        return text
    }

    /// `=?charset*language?B?text?=`. Null if it is none.
    private static func word(in value: [UInt8], at start: Int) -> (charset: String, bytes: [UInt8], end: Int)? {
        let limit = min(value.endIndex, start + 2 + 60)
        guard let first = value[(start + 2)..<limit].firstIndex(of: 0x3F), first > start + 2,
            first + 2 < value.endIndex, value[first + 2] == 0x3F
        else { return nil }
        var charset = String(decoding: value[(start + 2)..<first], as: UTF8.self)
        if let star = charset.firstIndex(of: "*") { charset = String(charset[..<star]) }
        guard !charset.contains(where: { $0 == " " || $0 == "=" }) else { return nil }
        let isBase64: Bool
        switch value[first + 1] {
        case 0x42, 0x62: isBase64 = true
        case 0x51, 0x71: isBase64 = false
        default: return nil
        }
        // RFC 2047 allows 75; some write whole subjects.
        let body = first + 3
        let most = min(value.endIndex, body + 4_000)
        var end = body
        while true {
            guard let mark = value[end..<most].firstIndex(of: 0x3F), mark + 1 < value.endIndex else { return nil }
            // `?` may stand within a Q word that is wrong; another word's start may not.
            if value[mark + 1] == 0x3D,
                !(mark == body && !isBase64 && mark + 3 < value.endIndex && isHex(value[mark + 2]))
            {
                end = mark
                break
            }
            if isBase64 || value[mark - 1] == 0x3D && mark > body { return nil }
            end = mark + 1
        }
        let text = value[body..<end]
        var defects: Set<String> = []
        let bytes =
            isBase64
            ? Array(TransferEncoding.base64.decode(text, defects: &defects))
            : quoted(text)
        return (charset, bytes, end + 2)
    }

    private static func isHex(_ byte: UInt8) -> Bool { hex(byte) != nil }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// RFC 2047, 4.2.
    private static func quoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var at = text.startIndex
        while at < text.endIndex {
            let byte = text[at]
            if byte == 0x5F {
                result.append(0x20)
            } else if byte == 0x3D, at + 2 < text.endIndex, let high = hex(text[at + 1]), let low = hex(text[at + 2]) {
                result.append(high << 4 | low)
                at += 2
            } else {
                result.append(byte)
            }
            at += 1
        }
        return result
    }

    /// RFC 5322, 2.2.3: line breaks go, the blanks behind them stay. Zeros go too.
    static func unfold(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        for byte in raw where byte != 0x0A && byte != 0x0D && byte != 0 { result.append(byte == 0x09 ? 0x20 : byte) }
        let start = result.firstIndex { !$0.isBlank } ?? result.endIndex
        return Array(result[start...].trimmingTrailingBlanks)
    }
}
