/// Text of others placed into our Markdown.
public enum MarkdownText {
    /// `text` so that it shows what it says and nothing else: every character that begins a Markdown construct is
    /// escaped with a backslash (CommonMark 0.31, 2.4), no line can begin a heading, list, quotation, table, rule,
    /// front matter or indented code, and hidden characters are gone. Paragraphs are kept. Addresses do not become links.
    public static func neutralised(_ text: String) -> String {
        isHarmless(text) ? text : escaped(withoutLinks(text))
    }

    /// Whether neither `withoutLinks` nor `escaped` would change it, as far as can be told quickly.
    private static func isHarmless(_ text: String) -> Bool {
        PlainText.isPlain(text) && !text.utf8.contains(0x0A) && isEscaped(text) && !holdsAddress(text)
    }

    /// Whether `withoutLinks` has something to do.
    private static func holdsAddress(_ line: String) -> Bool {
        PlainText.bytes(of: line) { bytes in
            func isW(_ index: Int) -> Bool { bytes[index] | 0x20 == UInt8(ascii: "w") }
            for index in bytes.indices.dropFirst(2) {
                switch bytes[index] {
                case UInt8(ascii: "/"):
                    if bytes[index - 1] == UInt8(ascii: "/"), bytes[index - 2] == UInt8(ascii: ":") { return true }
                case UInt8(ascii: "."):
                    if index > 2, isW(index - 1), isW(index - 2), isW(index - 3) { return true }
                default: break
                }
            }
            return false
        }
    }

    /// Whether a line needs no escapes, as far as can be told quickly: no white space at its ends, nothing that begins a
    /// construct.
    private static func isEscaped(_ line: String) -> Bool {
        PlainText.bytes(of: line) { bytes in
            guard let first = bytes.first else { return true }
            // Lead bytes of white space beyond ASCII.
            func mayBeSpace(_ byte: UInt8) -> Bool { [0x20, 0xC2, 0xE1, 0xE2, 0xE3].contains(byte) }
            if mayBeSpace(first) || bytes.last == 0x20
                || bytes.suffix(3).contains(where: { $0 > 0x7F && mayBeSpace($0) })
            {
                return false
            }
            if "#-+=:".utf8.contains(first) { return false }
            if let mark = bytes.first(where: { !(0x30...0x39).contains($0) }), (0x30...0x39).contains(first),
                mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")")
            {
                return false
            }
            for byte in bytes {
                switch byte {
                case 0x00...0x1F, UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "*"), UInt8(ascii: "_"),
                    UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "~"),
                    UInt8(ascii: "|"):
                    return false
                default: break
                }
            }
            return true
        }
    }

    /// A space in `https: //…` and `www .…`. Apps make links of bare addresses after they have taken the escapes away,
    /// and an address with an invisible character in it would look right and lead nowhere when copied.
    static func withoutLinks(_ text: String) -> String {
        PlainText.lines(text).map { line in
            guard holdsAddress(line) else { return line }
            var result: [Unicode.Scalar] = []
            for scalar in line.unicodeScalars {
                let isAddress =
                    switch scalar {
                    case "/": result.suffix(2) == [":", "/"]
                    case ".": result.suffix(3).allSatisfy { $0 == "w" || $0 == "W" } && result.count >= 3
                    default: false
                    }
                if isAddress { result.insert(" ", at: scalar == "/" ? result.count - 1 : result.count) }
                result.append(scalar)
            }
            return String(String.UnicodeScalarView(result))
        }.joined(separator: "\n")
    }

    /// As `neutralised`, but an address may become a link.
    static func escaped(_ text: String) -> String {
        var result: [String] = []
        for line in PlainText.lines(text) {
            let line = isEscaped(line) ? line : neutralisedLine(line)
            if line.isEmpty, result.last?.isEmpty ?? true { continue }
            result.append(line)
        }
        if result.last?.isEmpty == true { result.removeLast() }
        return result.joined(separator: "\n")
    }

    private static func neutralisedLine(_ line: String) -> String {
        var scalars = Array(line.unicodeScalars)
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        let content = scalars.drop { $0.properties.isWhitespace }
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        let mark = listMark(content)
        for (index, scalar) in zip(content.indices, content) {
            let isFirst = index == content.startIndex
            if isSpecial(scalar) || (isFirst && beginsBlock(scalar)) || index == mark
                || (scalar == "(" && previous == "]")
            {
                result.append("\\")
            }
            result.append(scalar)
            previous = scalar
        }
        return String(result)
    }

    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\\", "`", "*", "_", "[", "]", "<", ">", "~", "|": true
        default: false
        }
    }

    private static func beginsBlock(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "#", "-", "+", "=", ":": true
        default: false
        }
    }

    /// The place of the point or parenthesis of `1. ` or `1) ` at the beginning of a line.
    private static func listMark(_ line: ArraySlice<Unicode.Scalar>) -> Int? {
        let rest = line.drop { ("0"..."9").contains($0) }
        guard rest.startIndex > line.startIndex, let first = rest.first, first == "." || first == ")" else {
            return nil
        }
        return rest.startIndex
    }
}
