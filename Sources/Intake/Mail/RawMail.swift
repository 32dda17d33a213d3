/// Tells a raw mail from a text that somebody typed.
public enum RawMail {
    /// Whether it begins with at least two header fields (RFC 5322, 2.2), one of which only mail has.
    public static func looksLikeOne(_ bytes: [UInt8]) -> Bool {
        var names: [String] = []
        for line in bytes.prefix(64 << 10).split(separator: 0x0A, omittingEmptySubsequences: false).prefix(200) {
            guard let first = line.first, first != 0x0D else { break }
            if first == 0x20 || first == 0x09 { continue }
            // An mbox's first line is none of the mail's.
            if names.isEmpty, line.starts(with: Array("From ".utf8)) { continue }
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) })
            else { return false }
            names.append(String(decoding: line[..<colon], as: UTF8.self).lowercased())
        }
        return names.count >= 2 && !marks.isDisjoint(with: names)
    }

    private static let marks: Set = [
        "received", "return-path", "message-id", "mime-version", "date", "delivered-to", "content-type",
    ]
}
