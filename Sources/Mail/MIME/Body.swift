/// Which parts are the text, and which are attachments: RFC 8621, 4.1.4.
struct Body {
    /// For people who read plain text: plain parts, HTML where there is none.
    private(set) var text: [Int] = []
    private(set) var html: [Int] = []
    /// All other leaves and attached messages, in their order.
    private(set) var attachments: [Int] = []
    private let parts: [Part]

    init(_ parts: [Part]) {
        self.parts = parts
        guard !parts.isEmpty else { return }
        sort([0], in: "mixed", root: 0, alternative: false, toText: true, toHTML: true)
        let body = Set(text + html)
        attachments = attachments.filter { !body.contains($0) }
    }

    /// Within an alternative, the first part that shows which of the two it is for closes the other list to its
    /// neighbours.
    private mutating func sort(
        _ indices: [Int], in subtype: String, root: Int, alternative: Bool, toText: Bool, toHTML: Bool
    ) {
        var toText = toText
        var toHTML = toHTML
        let before = (text: text.count, html: html.count)
        for (place, index) in indices.enumerated() {
            let part = parts[index]
            if part.kind == .multipart {
                let inner = String(part.type.dropFirst("multipart/".count))
                sort(
                    part.children, in: inner, root: inner == "related" ? rootPlace(of: part) : 0,
                    alternative: alternative || inner == "alternative", toText: toText, toHTML: toHTML)
                continue
            }
            guard isInline(part, isRoot: place == root, in: subtype) else {
                attachments.append(index)
                continue
            }
            let isHTML = part.type == "text/html"
            if subtype == "alternative" {
                if isHTML ? toHTML : toText {
                    if isHTML { html.append(index) } else { text.append(index) }
                } else {
                    attachments.append(index)
                }
                continue
            }
            if alternative {
                if isHTML { toText = false } else { toHTML = false }
            }
            if toText { text.append(index) }
            if toHTML { html.append(index) }
        }
        guard subtype == "alternative", toText, toHTML else { return }
        if text.count == before.text, html.count > before.html { text += html[before.html...] }
        if html.count == before.html, text.count > before.text { html += text[before.text...] }
    }

    /// The place of what the others belong to (RFC 2387, 3.2): as `start` says, else the first; where that is a picture, the
    /// first text.
    private func rootPlace(of related: Part) -> Int {
        let start = related.parameters["start"]?.trimmingCharacters { $0 == "<" || $0 == ">" || $0 == " " }
        let named = related.children.firstIndex { start != nil && parts[$0].contentID == start }
        func isText(_ index: Int) -> Bool {
            parts[index].kind == .multipart || parts[index].isText && !parts[index].isAttachment
        }
        if let named, isText(related.children[named]) { return named }
        return related.children.firstIndex(where: isText) ?? 0
    }

    /// A multipart that could not be cut is text as it stands.
    private func isInline(_ part: Part, isRoot: Bool, in subtype: String) -> Bool {
        part.kind == .leaf && !part.isAttachment && (part.isText || part.type.hasPrefix("multipart/"))
            && (isRoot || subtype != "related" && part.name == nil)
    }
}
