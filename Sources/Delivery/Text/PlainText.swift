/// Small operations on text that came from elsewhere.
enum PlainText {
    /// Control characters, and the invisible marks that reverse the direction of what follows: they can make a line
    /// show something other than it says.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// One line: line ends and tabs become spaces, runs of spaces become one, hidden characters go, ends are trimmed.
    static func singleLine(_ text: String) -> String {
        if isSingleLine(text) { return text }
        var line = String.UnicodeScalarView()
        var gap = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                gap = !line.isEmpty
            } else if !isHidden(scalar) {
                if gap { line.append(" ") }
                gap = false
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// The lines of a text, whatever ends them, without hidden characters; a tab becomes a space.
    static func lines(_ text: String) -> [String] {
        // Nearly always there is nothing to take out.
        if isPlain(text) {
            return text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
        }
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A where afterReturn: afterReturn = false
            case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029:
                afterReturn = scalar.value == 0x0D
                lines.append(String(line))
                line = String.UnicodeScalarView()
            default:
                afterReturn = false
                if scalar == "\t" { line.append(" ") } else if !isHidden(scalar) { line.append(scalar) }
            }
        }
        lines.append(String(line))
        return lines
    }

    /// Whether `lines` would leave everything as it is, line feeds being the only line ends.
    static func isPlain(_ text: String) -> Bool {
        bytes(of: text) { bytes in
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                if byte < 0x20 ? byte != 0x0A : byte == 0x7F { return false }
                if byte >= 0xC2, beginsHidden(byte, bytes, index) { return false }
                index += 1
            }
            return true
        }
    }

    /// Hidden characters beyond ASCII, as UTF-8: C1 controls, U+2028 to U+202E, U+2066 to U+2069, the byte order mark.
    private static func beginsHidden(_ lead: UInt8, _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        func next(_ step: Int) -> UInt8 { index + step < bytes.count ? bytes[index + step] : 0 }
        return switch lead {
        case 0xC2: next(1) < 0xA0
        case 0xE2 where next(1) == 0x80: (0xA8...0xAE).contains(next(2))
        case 0xE2 where next(1) == 0x81: (0xA6...0xA9).contains(next(2))
        case 0xEF: next(1) == 0xBB && next(2) == 0xBF
        default: false
        }
    }

    /// Whether `singleLine` would leave it as it is, as far as can be told quickly: no lead byte of any white space or
    /// hidden character beyond ASCII.
    private static func isSingleLine(_ text: String) -> Bool {
        bytes(of: text) { bytes in
            guard bytes.first != 0x20, bytes.last != 0x20 else { return false }
            var previous: UInt8 = 0
            for byte in bytes {
                switch byte {
                case 0x00...0x1F, 0x7F, 0xC2, 0xE1, 0xE2, 0xE3, 0xEF: return false
                case 0x20 where previous == 0x20: return false
                default: previous = byte
                }
            }
            return true
        }
    }

    static func bytes<Value>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        if let value = text.utf8.withContiguousStorageIfAvailable(body) { return value }
        var text = text
        return text.withUTF8(body)
    }

    /// The beginning of `text`, with an ellipsis, that is at most `limit` UTF-16 units long; `text` itself if it is.
    /// Cuts at the end of a word if there is one in the last third, and never inside what a reader sees as one
    /// character, unless that alone is longer than the limit.
    static func shortened(_ text: String, toUTF16 limit: Int) -> String {
        if text.fits(utf16: limit) { return text }
        guard limit > 1 else { return String(repeating: "…", count: max(0, limit)) }
        var room = limit - 1
        var end = text.startIndex
        var space: String.Index?
        for index in text.indices {
            let character = text[index]
            let size = character.utf16.count
            guard size <= room else { break }
            if character.isWhitespace { space = index }
            room -= size
            end = text.index(after: index)
        }
        if end == text.startIndex { return firstScalars(of: text, room: room) + "…" }
        // The limit may fall right after a word.
        if text[end].isWhitespace { space = end }
        if let space, text[..<space].utf16.count >= limit * 2 / 3 { end = space }
        var kept = text[..<end]
        while let last = kept.last, last.isWhitespace { kept.removeLast() }
        return kept + "…"
    }

    private static func firstScalars(of text: String, room: Int) -> String {
        var room = room
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            room -= UTF16.width(scalar)
            guard room >= 0 else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}

extension String {
    /// Whether it has no more UTF-16 units than that; they are counted only where the bytes leave a doubt.
    func fits(utf16 limit: Int) -> Bool {
        // A unit is one byte of UTF-8 at least and three at most.
        utf8.count <= limit || utf8.count / 3 <= limit && utf16.count <= limit
    }
}
