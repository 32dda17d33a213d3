/// Message-ID, In-Reply-To and References (RFC 5322, 3.6.4).
enum MessageIDs {
    /// What stands in angle brackets; where nothing does, the words that look like an id.
    static func read(_ raw: ArraySlice<UInt8>) -> [String] { read(EncodedWords.decode(raw)) }

    static func read(_ text: String) -> [String] {
        var ids: [String] = []
        let bytes = Array(text.utf8)
        var at = bytes.startIndex
        while ids.count < Limits.addresses, let open = bytes[at...].firstIndex(of: 0x3C),
            let close = bytes[open...].firstIndex(of: 0x3E)
        {
            let inner = bytes[(open + 1)..<close].filter { !$0.isSpace && $0 != 0x3C }
            if !inner.isEmpty { ids.append(String(decoding: inner, as: UTF8.self)) }
            at = close + 1
        }
        if !ids.isEmpty || bytes.contains(0x3C) && bytes.contains(0x3E) { return ids }
        return text.split(whereSeparator: \.isWhitespace).prefix(Limits.addresses)
            .map { $0.trimmingCharacters { $0 == "<" || $0 == ">" || $0 == "," } }
            .filter { $0.contains("@") || text.split(separator: " ").count == 1 && !$0.isEmpty }
    }
}
