import TestSupport

/// Spoils an input as storage, networks and attackers do: the same spoilt ones for the same dice.
package enum Mutation {
    /// Bytes that mean something to some reader.
    private static let words: [[UInt8]] =
        [
            "\r\n", "\n\n", "\0", "\"", "'", "<", ">", "&", "{", "}", "[", "]", "{{", "}}", "=", ":", ";", "%", "\\",
            "/*", "--", "~",
            "\u{301}", "\u{FEFF}", "\u{202E}", "\u{1F6A7}", "\u{10FFFF}", "-1", "0", "9223372036854775808", "1e999",
            "NaN",
            "null", "2026-02-29", "<!ENTITY", "<![CDATA[", "&#0;", "base64", "=?", "?=",
        ].map { Array($0.utf8) }
        + [
            [0xFF], [0xC3], [0x80], [0xED, 0xA0, 0x80], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF],
            [0x7F, 0xFF, 0xFF, 0xFF],
        ]

    /// - Parameters:
    ///   - other: what may be put into it.
    ///   - length: the longest that it may become.
    package static func spoil(_ bytes: [UInt8], with other: [UInt8], length: Int, _ dice: inout Dice) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let at = Int.random(in: 0...bytes.count, using: &dice)
            let end = min(bytes.count, at + Int.random(in: 1...16, using: &dice))
            switch Int.random(in: 0..<9, using: &dice) {
            case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 1 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            case 2: bytes.removeSubrange(at..<end)
            case 3: bytes.removeSubrange(at...)
            case 4: bytes.insert(contentsOf: Array(bytes[at..<end]), at: at)
            case 5:
                let piece = bytes[at..<end]
                for _ in 0..<Int.random(in: 2...64, using: &dice) { bytes.insert(contentsOf: piece, at: at) }
            case 6 where !other.isEmpty:
                let start = Int.random(in: 0..<other.count, using: &dice)
                bytes.insert(contentsOf: other[start..<min(other.count, start + 64)], at: at)
            default: bytes.insert(contentsOf: words.randomElement(using: &dice) ?? [], at: at)
            }
        }
        return Array(bytes.prefix(length))
    }
}
