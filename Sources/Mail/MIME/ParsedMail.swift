/// A mail cut into its parts.
struct ParsedMail {
    /// At least one: the whole.
    let parts: [Part]
    let defects: Set<String>

    init(_ bytes: ArraySlice<UInt8>) {
        let entities = Entities(bytes)
        var parts = entities.parts
        var defects = entities.defects
        var at = 0
        var opened = 0
        // Attached mails may not be encoded (RFC 2046, 5.2.1), but some programs do it. What is found is looked through too.
        while at < parts.count {
            defer { at += 1 }
            let part = parts[at]
            guard part.kind == .leaf, part.type == "message/rfc822", part.isEncoded, opened < Limits.opened,
                parts.count < Limits.parts
            else { continue }
            opened += 1
            let inner = TransferEncoding(part.encoding).decode(part.body, defects: &defects)
            let offset = parts.count
            parts[at].kind = .message
            parts[at].encoding = ""
            parts[at].body = inner
            parts[at].children = [offset]
            for var found in Entities(inner).parts.prefix(Limits.parts - offset) {
                found.parent = found.parent.map { $0 + offset } ?? at
                found.children = found.children.map { $0 + offset }.filter { $0 < Limits.parts }
                parts.append(found)
            }
        }
        self.parts = parts
        self.defects = defects
    }

    /// A part's content without its transfer encoding.
    func content(_ index: Int, defects: inout Set<String>) -> ArraySlice<UInt8> {
        let part = parts[index]
        return TransferEncoding(part.encoding).decode(part.body, defects: &defects)
    }

    func content(_ index: Int) -> ArraySlice<UInt8> {
        var ignored: Set<String> = []
        return content(index, defects: &ignored)
    }

    func text(_ index: Int) -> String {
        PlainText.normalize(Charset.decode(content(index), label: parts[index].charset))
    }

    /// The parts of this mail itself: not those of mails attached to it.
    var own: [Int] {
        var result: [Int] = []
        var isInner = [Bool](repeating: false, count: parts.count)
        for (index, part) in parts.enumerated() {
            if let parent = part.parent { isInner[index] = isInner[parent] || parts[parent].kind == .message }
            if !isInner[index] { result.append(index) }
        }
        return result
    }
}
