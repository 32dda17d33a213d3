/// Makes markup safe and plain for libxml2, in one pass.
///
/// Its time for a tag grows with the square of the attributes: tags of more than a few kilobytes (pictures as `data:`, and
/// attacks) lose them. Behind the end of an HTML document it stops: a foot that a mail server added, or a second document,
/// would be lost. So one document is made of all.
enum TagLimit {
    private static let longest = 4_096

    static func html(_ bytes: [UInt8]) -> [UInt8] { Array("<html><body>".utf8) + apply(bytes, isHTML: true) }
    static func xml(_ bytes: [UInt8]) -> [UInt8] { apply(bytes, isHTML: false) }

    private static func apply(_ bytes: [UInt8], isHTML: Bool) -> [UInt8] {
        let lastClose = bytes.lastIndex(of: 0x3E) ?? -1
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = 0
        var lastComment: Int?
        while at < bytes.count {
            guard bytes[at] == 0x3C else {
                let next = bytes[at...].firstIndex { $0 == 0x3C || $0 == 0x26 } ?? bytes.count
                result += bytes[at..<next]
                at = next
                guard next < bytes.count, bytes[next] == 0x26 else { continue }
                // An ampersand that begins no entity costs libxml2 dearly.
                let begins = next + 1 < bytes.count && (isLetter(bytes[next + 1]) || bytes[next + 1] == 0x23)
                result += begins || !isHTML ? [0x26] : Array("&amp;".utf8)
                at += 1
                continue
            }
            if isHTML, bytes[at...].starts(with: [0x3C, 0x21, 0x2D, 0x2D]) {
                // One that does not end would hide the rest.
                lastComment = lastComment ?? Self.lastCommentEnd(bytes)
                at += 4
                if at <= lastComment! { at = Self.commentEnd(bytes, from: at - 2) }
                continue
            }
            guard at < lastClose else {
                result += Array("&lt;".utf8)
                at += 1
                continue
            }
            let isClosing = bytes[at + 1] == 0x2F
            let name = bytes[(at + (isClosing ? 2 : 1))...].prefix(24).prefix {
                isLetter($0) || (0x30...0x39).contains($0)
            }
            let isDropped =
                isHTML && (frame.contains(String(decoding: name, as: UTF8.self).lowercased()) || isWords(bytes, at))
            let near = bytes[at..<min(at + longest, bytes.count)].firstIndex(of: 0x3E)
            if isDropped {
                at = (near ?? bytes[at...].firstIndex(of: 0x3E) ?? bytes.count - 1) + 1
            } else if name.isEmpty || near != nil {
                let end = name.isEmpty ? at + 1 : near! + 1
                result += bytes[at..<end]
                at = end
            } else {
                result += (isClosing ? [0x3C, 0x2F] : [0x3C]) + name + [0x3E]
                at = (bytes[at...].firstIndex(of: 0x3E) ?? bytes.count - 1) + 1
            }
        }
        return result
    }

    private static let frame: Set<String> = ["html", "body", "head"]

    /// `<![if …]>` and `<![endif]>`, which only Word understands, and a document type.
    private static func isWords(_ bytes: [UInt8], _ at: Int) -> Bool {
        guard at + 2 < bytes.count, bytes[at + 1] == 0x21 else { return false }
        return bytes[at + 2] == 0x5B || bytes[at + 2].lowered == 0x64
    }

    /// Behind the `-->` that follows. `<!-->` is a whole one.
    private static func commentEnd(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start
        while let close = bytes[at...].firstIndex(of: 0x3E) {
            if close >= start + 2, bytes[close - 1] == 0x2D, bytes[close - 2] == 0x2D { return close + 1 }
            at = close + 1
        }
        return bytes.count
    }

    /// Where the last `-->` ends; -1 if there is none.
    private static func lastCommentEnd(_ bytes: [UInt8]) -> Int {
        var at = bytes.count
        while let close = bytes[..<at].lastIndex(of: 0x3E) {
            if close >= 2, bytes[close - 1] == 0x2D, bytes[close - 2] == 0x2D { return close }
            at = close
        }
        return -1
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte.lowered) }
}
