/// App IO's subset of Markdown as HTML: headings, lists, paragraphs, bold, italic, code and links, and the escapes that
/// `MarkdownText` writes. Whatever it does not know is text, and text never becomes markup.
enum MarkdownPage {
    /// Deeper emphasis is text.
    private static let maximumDepth = 6

    static func html(_ markdown: String) -> String {
        var result = ""
        var paragraph: [String] = []
        var list: String?
        func endList() {
            if let open = list { result += "</\(open)>\n" }
            list = nil
        }
        func endParagraph() {
            if !paragraph.isEmpty { result += "<p>\(inline(paragraph.joined(separator: "\n")))</p>\n" }
            paragraph = []
        }
        for line in PlainText.lines(markdown) {
            if let (kind, text) = item(line) {
                endParagraph()
                if list != kind {
                    endList()
                    result += "<\(kind)>\n"
                    list = kind
                }
                result += "<li>\(inline(text))</li>\n"
                continue
            }
            endList()
            let marks = line.prefix { $0 == "#" }.count
            if (1...3).contains(marks), line.dropFirst(marks).first == " " {
                endParagraph()
                result += "<h\(marks + 3)>\(inline(String(line.dropFirst(marks + 1))))</h\(marks + 3)>\n"
            } else if line.allSatisfy(\.isWhitespace) {
                endParagraph()
            } else {
                paragraph.append(line)
            }
        }
        endParagraph()
        endList()
        return result
    }

    static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func item(_ line: String) -> (kind: String, text: String)? {
        let line = line.drop { $0 == " " }
        if let first = line.first, "-*+".contains(first), line.dropFirst().first == " " {
            return ("ul", String(line.dropFirst(2)))
        }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        let rest = line.dropFirst(digits.count)
        guard (1...9).contains(digits.count), let mark = rest.first, mark == "." || mark == ")",
            rest.dropFirst().first == " "
        else { return nil }
        return ("ol", String(rest.dropFirst(2)))
    }

    // MARK: Within a line

    private static func inline(_ text: String) -> String { inline(Array(text.unicodeScalars)[...], depth: 0) }

    private static func inline(_ text: ArraySlice<Unicode.Scalar>, depth: Int) -> String {
        var result = ""
        var at = text.startIndex
        func words(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(text[range])) }
        while at < text.endIndex {
            let scalar = text[at]
            if scalar == "\\", at + 1 < text.endIndex, isASCIIPunctuation(text[at + 1]) {
                result += escaped(words(at + 1..<at + 2))
                at += 2
            } else if scalar == "`", let end = text[(at + 1)...].firstIndex(of: "`"), end > at + 1 {
                result += "<code>\(escaped(words(at + 1..<end)))</code>"
                at = end + 1
            } else if scalar == "*" || scalar == "_", depth < maximumDepth,
                let found = emphasis(text, at, depth: depth)
            {
                result += found.html
                at = found.end
            } else if scalar == "[", let found = link(text, at, depth: depth) {
                result += found.html
                at = found.end
            } else {
                result += scalar == "\n" ? "<br>\n" : escaped(words(at..<at + 1))
                at += 1
            }
        }
        return result
    }

    /// What a backslash may stand before (CommonMark 0.31, 2.4).
    private static func isASCIIPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
        default: false
        }
    }

    private static func emphasis(
        _ text: ArraySlice<Unicode.Scalar>, _ start: Int, depth: Int
    ) -> (html: String, end: Int)? {
        let mark = text[start]
        let count = text[start...].prefix(2).prefix { $0 == mark }.count
        let inner = start + count
        guard inner < text.endIndex, !text[inner].properties.isWhitespace else { return nil }
        var at = inner + 1
        while at + count <= text.endIndex {
            if text[at] == "\\" {
                at += 2
            } else if text[at..<at + count].allSatisfy({ $0 == mark }) {
                let name = count == 2 ? "strong" : "em"
                return ("<\(name)>\(inline(text[inner..<at], depth: depth + 1))</\(name)>", at + count)
            } else {
                at += 1
            }
        }
        return nil
    }

    private static func link(
        _ text: ArraySlice<Unicode.Scalar>, _ start: Int, depth: Int
    ) -> (html: String, end: Int)? {
        guard depth < maximumDepth, let close = text[(start + 1)...].firstIndex(of: "]"), close > start + 1,
            close + 1 < text.endIndex, text[close + 1] == "(",
            let end = text[(close + 2)...].firstIndex(where: { $0 == ")" || $0.properties.isWhitespace }),
            text[end] == ")"
        else { return nil }
        let url = String(String.UnicodeScalarView(text[close + 2..<end]))
        let allowed = ["https://", "http://", "mailto:", "tel:"].contains { url.lowercased().hasPrefix($0) }
        guard allowed else { return nil }
        let words = inline(text[start + 1..<close], depth: maximumDepth)
        return ("<a href=\"\(escaped(url))\" rel=\"noopener noreferrer\">\(words)</a>", end + 1)
    }
}
