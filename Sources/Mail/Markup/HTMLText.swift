/// HTML made readable as plain text: paragraphs, lists, tables as lines, links with their addresses, quotations as `> `.
final class HTMLText: MarkupHandler {
    private var lines = TextLines()
    private var stack: [Element] = []
    /// How many open elements are not shown.
    private var hidden = 0
    private var preformatted = 0
    private var lists: [Int?] = []
    private var link: (address: String, text: String)?

    private struct Element {
        var name: String
        var isHidden = false
        var isParagraph = false
        var isQuotation = false
    }

    /// - Parameter html: already decoded to text; what its `meta` says of a charset is void.
    static func read(_ html: String, defects: inout Set<String>) -> String {
        var bytes = TagLimit.html(Array(html.utf8.prefix(Limits.markup)))
        if bytes.count > Limits.markupRead {
            defects.insert("HTML longer than \(Limits.markupRead >> 20) MiB")
            bytes.removeLast(bytes.count - Limits.markupRead)
        }
        let reader = HTMLText()
        if Markup.readHTML(bytes, into: reader) { return reader.lines.finish() }
        defects.insert("HTML nested more than \(Limits.markupDepth) deep")
        return strip(bytes)
    }

    func start(_ name: String, _ attributes: [String: String]) {
        var element = Element(name: name)
        element.isHidden = Self.unread.contains(name) || Self.isHidden(attributes)
        if element.isHidden { hidden += 1 }
        defer { stack.append(element) }
        guard hidden == 0 else { return }
        switch name {
        case "br": lines.breakLine()
        case "hr":
            lines.endLine()
            lines.append(String(repeating: "_", count: 32))
            lines.endLine()
        case "blockquote":
            lines.endLine()
            element.isQuotation = !Self.isIndent(attributes)
            if element.isQuotation { lines.quoteDepth += 1 }
        case "ul", "ol":
            lines.endLine()
            lists.append(name == "ol" ? Int(attributes["start"] ?? "") ?? 1 : nil)
        case "li":
            lines.endLine()
            lines.append(String(repeating: "  ", count: min(max(lists.count - 1, 0), 8)) + bullet())
        case "td", "th": lines.separateCell()
        case "a" where link == nil:
            if let address = attributes["href"], Self.isWorthShowing(address) { link = (address, "") }
        case "pre":
            lines.endLine()
            preformatted += 1
        case "img":
            // Faces, which mail programs send as pictures.
            if let alternative = attributes["alt"], (1...2).contains(alternative.count) { text(alternative) }
        default:
            if Self.blocks.contains(name) {
                element.isParagraph =
                    Self.paragraphs.contains(name) && !(attributes["class"]?.hasPrefix("Mso") ?? false)
                    && !Self.hasNoMargin(attributes["style"])
                if element.isParagraph { lines.endParagraph() } else { lines.endLine() }
            }
        }
    }

    func end(_ name: String) {
        guard let place = stack.lastIndex(where: { $0.name == name }) else { return }
        for element in stack[place...].reversed() { close(element) }
        stack.removeSubrange(place...)
    }

    private func close(_ element: Element) {
        if element.isHidden {
            hidden -= 1
            return
        }
        guard hidden == 0 else { return }
        switch element.name {
        case "blockquote":
            lines.endLine()
            if element.isQuotation { lines.quoteDepth -= 1 }
        case "ul", "ol":
            lines.endLine()
            _ = lists.popLast()
        case "pre":
            lines.endLine()
            preformatted -= 1
        case "a":
            if let link, !Self.same(link.text, link.address) {
                lines.append(link.text.trimmingSpaces.isEmpty ? "<\(link.address)>" : " <\(link.address)>")
            }
            link = nil
        default:
            if element.isParagraph {
                lines.endParagraph()
            } else if Self.blocks.contains(element.name) {
                lines.endLine()
            }
        }
    }

    func text(_ text: String) {
        guard hidden == 0 else { return }
        if link != nil, link!.text.utf8.count < 2_000 { link!.text += text }
        if preformatted > 0 { lines.appendLines(text) } else { lines.appendCollapsed(text) }
    }

    private func bullet() -> String {
        guard let last = lists.last, let number = last else { return "- " }
        lists[lists.count - 1] = number == .max ? number : number + 1
        return "\(number). "
    }

    private static let unread: Set<String> = [
        "script", "style", "head", "title", "template", "object", "applet", "noframes", "select", "textarea", "svg",
    ]
    private static let blocks: Set<String> = [
        "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "section", "article", "header", "footer", "main",
        "address", "center", "form", "fieldset", "dl", "dt", "dd", "figure", "caption", "body", "html", "nav", "aside",
    ]
    private static let paragraphs: Set<String> = ["p", "h1", "h2", "h3", "h4", "h5", "h6"]

    /// What senders hide: the line that only lists of mails show.
    private static func isHidden(_ attributes: [String: String]) -> Bool {
        if attributes["hidden"] != nil { return true }
        guard let style = attributes["style"]?.lowercased().filter({ !$0.isWhitespace }) else { return false }
        return style.contains("display:none") || style.contains("visibility:hidden") || style.contains("mso-hide:all")
            || style.hasPrefix("max-height:0") || style.contains(";max-height:0px")
    }

    /// What Gmail's button for indenting makes of the sender's own text: nothing marks it as quoted, and it has no rule.
    private static func isIndent(_ attributes: [String: String]) -> Bool {
        guard ["class", "type", "cite", "id"].allSatisfy({ attributes[$0] == nil }),
            let style = attributes["style"]?.lowercased().filter({ !$0.isWhitespace })
        else { return false }
        return style.contains("border:none") && !style.contains("border-")
    }

    private static func hasNoMargin(_ style: String?) -> Bool {
        guard let style = style?.lowercased().filter({ !$0.isWhitespace }) else { return false }
        return style.contains("margin:0") || style.contains("margin-bottom:0") && style.contains("margin-top:0")
    }

    private static func isWorthShowing(_ address: String) -> Bool {
        let start = address.prefix(8).lowercased()
        return address.utf8.count <= 2_000
            && ["http:", "https:", "mailto:", "tel:", "ftp:"].contains { start.hasPrefix($0) }
    }

    /// The text already says the address.
    private static func same(_ text: String, _ address: String) -> Bool {
        func bare(_ text: String) -> String {
            var text = text.trimmingSpaces.lowercased()
            for prefix in ["mailto:", "tel:", "http://", "https://", "www."] where text.hasPrefix(prefix) {
                text.removeFirst(prefix.count)
            }
            if let query = text.firstIndex(of: "?"), address.hasPrefix("mailto:") { text = String(text[..<query]) }
            while text.last == "/" { text.removeLast() }
            return text.filter { $0 != " " }
        }
        return bare(text) == bare(address)
    }

    /// For what is nested too deep to be read by its structure: the text between the tags.
    private static func strip(_ bytes: [UInt8]) -> String {
        var lines = TextLines()
        var at = 0
        while at < bytes.count {
            let open = bytes[at...].firstIndex(of: 0x3C) ?? bytes.count
            lines.appendCollapsed(String(decoding: bytes[at..<open], as: UTF8.self))
            guard open < bytes.count else { break }
            at = (bytes[open...].firstIndex(of: 0x3E) ?? bytes.count - 1) + 1
            if open + 1 < bytes.count, [0x64, 0x70, 0x62].contains(bytes[open + 1].lowered) { lines.endLine() }
        }
        return lines.finish()
    }
}
