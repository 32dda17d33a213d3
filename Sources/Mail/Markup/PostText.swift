/// The text of a post of the fediverse: paragraphs and line breaks, mentions as `@name`, links as their addresses
/// (servers show them shortened), emphasis as plain words.
public final class PostText: MarkupHandler {
    private var lines = TextLines()
    private var stack: [(name: String, link: String?)] = []
    /// Within a link that is written as its address.
    private var spelled = 0

    /// - Parameter html: what a server gives as `content`.
    public static func read(_ html: String) -> String {
        let bytes = TagLimit.html(Array(html.utf8.prefix(Limits.markup)))
        let reader = PostText()
        // Deeper than any post: what stands before is read.
        _ = Markup.readHTML(Array(bytes.prefix(Limits.markupRead)), into: reader)
        return reader.lines.finish().trimmingSpaces
    }

    func start(_ name: String, _ attributes: [String: String]) {
        var link: String?
        switch name {
        case "br": lines.breakLine()
        case "p", "h1", "h2", "h3", "h4", "h5", "h6": lines.endParagraph()
        case "div", "ul", "ol", "pre": lines.endLine()
        case "li":
            lines.endLine()
            lines.append("- ")
        case "blockquote":
            lines.endLine()
            lines.quoteDepth += 1
        case "a" where spelled == 0: link = PostText.address(attributes)
        default: break
        }
        if let link {
            lines.append(link)
            spelled += 1
        }
        stack.append((name, link))
    }

    func end(_ name: String) {
        guard let place = stack.lastIndex(where: { $0.name == name }) else { return }
        for element in stack[place...].reversed() {
            if element.link != nil { spelled -= 1 }
            switch element.name {
            case "p", "h1", "h2", "h3", "h4", "h5", "h6": lines.endParagraph()
            case "div", "ul", "ol", "li", "pre": lines.endLine()
            case "blockquote":
                lines.endLine()
                lines.quoteDepth -= 1
            default: break
            }
        }
        stack.removeSubrange(place...)
    }

    func text(_ text: String) {
        if spelled == 0 { lines.appendCollapsed(text) }
    }

    /// Mentions and hashtags say what they are by their text.
    private static func address(_ attributes: [String: String]) -> String? {
        let classes = Set((attributes["class"] ?? "").split(separator: " "))
        guard classes.isDisjoint(with: ["mention", "hashtag"]), let address = attributes["href"],
            address.utf8.count <= 2_000,
            ["http://", "https://"].contains(where: { address.lowercased().hasPrefix($0) })
        else { return nil }
        return address
    }
}
