/// Finds HTML and SVG in what calls itself text or XML.
struct MarkupSniffer {
    /// Beginnings that browsers take for HTML (WHATWG MIME Sniffing §7.1), after white space and comments.
    private static let beginnings: [StaticString] = [
        "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a href", "<style",
        "<title", "<body", "<br", "<p>", "<meta", "<object", "<embed", "<form", "<img",
    ]
    /// What runs, or loads what runs, wherever it stands.
    private static let running: [StaticString] = [
        "<script", "<html", "<iframe", "<object", "<embed", "<form", "<meta http-equiv", "<svg", "<?xml-stylesheet",
        "javascript:", "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "<!entity",
    ]

    /// Bytes looked at; browsers that guess look at 1,445.
    private static let window = 256 << 10

    private let text: ArraySlice<UInt8>

    init(_ content: [UInt8]) {
        // Without zeros, UTF-16 reads as ASCII does.
        let ascii = content.prefix(MarkupSniffer.window).filter { $0 != 0 }
        text = ascii.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }[...]
    }

    /// `text/html`, `image/svg+xml`, `text/x-php`, or nil if the text begins as none of them.
    var type: String? {
        let start = beginning
        if start.has("<?php") { return "text/x-php" }
        // With a prefix it is the same element: <x:svg xmlns:x="http://www.w3.org/2000/svg">.
        let name = start.dropFirst().prefix { $0 > 0x20 && $0 != 0x3E && $0 != 0x2F }
        switch name.split(separator: 0x3A).last.map({ String(decoding: $0, as: UTF8.self) }) {
        case "svg" where start.first == 0x3C: return "image/svg+xml"
        case "html" where start.first == 0x3C: return "text/html"
        default: return MarkupSniffer.beginnings.contains { start.has($0) } ? "text/html" : nil
        }
    }

    /// Something in the text would run in a browser that shows it as markup. Cautious: a quoted script counts.
    var runs: Bool { MarkupSniffer.running.contains { text.place(of: $0) != nil } }

    /// The text from its first element on: behind the byte order mark, white space, comments, `<?xml …?>` and the
    /// document types of XML.
    private var beginning: ArraySlice<UInt8> {
        var rest = text
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        if rest.starts(with: [0xFE, 0xFF]) || rest.starts(with: [0xFF, 0xFE]) { rest = rest.dropFirst(2) }
        while true {
            rest = rest.drop { $0 <= 0x20 }
            let end: StaticString
            if rest.has("<!--") {
                end = "-->"
            } else if rest.has("<?xml") {
                end = "?>"
            } else if rest.has("<!doctype"), !rest.has("<!doctype html") {
                end = ">"
            } else {
                return rest
            }
            guard let place = rest.place(of: end) else { return rest }
            rest = rest[(place + end.utf8CodeUnitCount)...]
        }
    }
}

extension ArraySlice<UInt8> {
    /// The first place of an ASCII text.
    func place(of text: StaticString) -> Int? {
        text.withUTF8Buffer { text in
            guard let first = text.first else { return startIndex }
            var at = startIndex
            while let next = self[at...].firstIndex(of: first) {
                if self[next...].starts(with: text) { return next }
                at = next + 1
            }
            return nil
        }
    }
}
