/// What a mail holds for people: its text, its attachments, and the tree they stand in.
struct Content {
    private(set) var text = ""
    private(set) var attachments: [MailAttachment] = []
    private(set) var structure = MailPart()

    init(_ mail: ParsedMail, defects: inout Set<String>) {
        var sizes: [Int: Int] = [:]
        let body = Body(mail.parts)
        var files: [Int: [MailAttachment]] = [:]
        text = Self.join(body.text, mail, &sizes, &files, &defects)
        // Some programs send an empty plain part beside the HTML.
        if text.isEmpty, body.html != body.text { text = Self.join(body.html, mail, &sizes, &files, &defects) }
        for index in (Set(body.attachments).union(files.keys)).sorted() {
            if let found = files[index] {
                attachments += found
                continue
            }
            let content = mail.content(index, defects: &defects)
            sizes[index] = content.count
            if TNEF.recognises(mail.parts[index]), let envelope = TNEF(content) {
                attachments += envelope.attachments
                let isText = text.isEmpty && envelope.text != nil
                if isText, let found = envelope.text {
                    text = String(decoding: found.utf8.prefix(Limits.text), as: UTF8.self).trimmingLineEnds
                }
                // One of which nothing came stays what it is.
                if isText || !envelope.attachments.isEmpty { continue }
            }
            attachments.append(Self.attachment(mail, index, content))
        }
        structure = Self.tree(mail, 0, sizes)
    }

    /// The text of some parts, one after another.
    private static func join(
        _ indices: [Int], _ mail: ParsedMail, _ sizes: inout [Int: Int], _ files: inout [Int: [MailAttachment]],
        _ defects: inout Set<String>
    ) -> String {
        var texts: [String] = []
        var room = Limits.text
        for index in indices {
            let content = mail.content(index, defects: &defects)
            sizes[index] = content.count
            guard room > 0 else {
                defects.insert("a text longer than \(Limits.text >> 20) MiB")
                break
            }
            var text = read(content, mail.parts[index], &defects)
            let (rest, found) = Uuencoded.extract(from: text)
            if !found.isEmpty {
                text = rest
                files[index] = found
            }
            if text.utf8.count > room {
                defects.insert("a text longer than \(Limits.text >> 20) MiB")
                text = String(decoding: text.utf8.prefix(room), as: UTF8.self)
            }
            room -= text.utf8.count
            texts.append(text.trimmingLineEnds)
        }
        return texts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// A text part as people read it.
    private static func read(_ content: ArraySlice<UInt8>, _ part: Part, _ defects: inout Set<String>) -> String {
        let isHTML = part.type == "text/html"
        let most = isHTML ? Limits.markup : Limits.text * 2
        let label = part.charset ?? (isHTML ? metaCharset(content) : nil)
        let text = PlainText.normalize(Charset.decode(content, label: label, most: most))
        if isHTML { return HTMLText.read(text, defects: &defects) }
        guard part.parameters["format"]?.lowercased() == "flowed" else { return text }
        return PlainText.unflow(text, deletesSpace: part.parameters["delsp"]?.lowercased() == "yes")
    }

    /// `<meta charset=…>` of HTML whose header names no charset.
    private static func metaCharset(_ content: ArraySlice<UInt8>) -> String? {
        let start = content.prefix(2_048).map(\.lowered)
        let key = Array("charset=".utf8)
        guard start.count > key.count,
            let place = (0..<(start.count - key.count)).first(where: { start[$0..<($0 + key.count)].elementsEqual(key) }
            )
        else { return nil }
        let value = start[(place + key.count)...].drop { $0 == 0x22 || $0 == 0x27 }
            .prefix { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F }
        let name = String(decoding: value, as: UTF8.self)
        return name.isEmpty || name.hasPrefix("utf-16") ? nil : name
    }

    private static func attachment(_ mail: ParsedMail, _ index: Int, _ content: ArraySlice<UInt8>) -> MailAttachment {
        let part = mail.parts[index]
        let isMail = part.type == "message/rfc822" || part.type == "message/global"
        return MailAttachment(
            name: isMail ? mailName(mail, index) : part.name, type: part.type, content: Array(content),
            isInline: !part.isAttachment && (part.contentID != nil || part.disposition == "inline") && !isMail,
            contentID: part.contentID)
    }

    /// `NAME.eml`: as it is called, else by its subject.
    private static func mailName(_ mail: ParsedMail, _ index: Int) -> String {
        let part = mail.parts[index]
        var name = part.name
        if name == nil, let inner = part.children.first {
            name = mail.parts[inner].header.first("Subject").map(EncodedWords.decode)
        }
        let clean = (name ?? "").map { "/\\:*?\"<>|".contains($0) ? " " : $0 }
        let short = String(String(clean).split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(100))
        if short.isEmpty { return "message.eml" }
        return short.lowercased().hasSuffix(".eml") ? short : short + ".eml"
    }

    /// - Parameter sizes: of the parts that were decoded already.
    static func tree(_ mail: ParsedMail, _ index: Int = 0, _ sizes: [Int: Int] = [:]) -> MailPart {
        let part = mail.parts[index]
        return MailPart(
            type: part.type, charset: part.charset?.lowercased(), name: part.name,
            size: part.kind == .multipart ? 0 : sizes[index] ?? mail.content(index).count,
            children: part.children.map { tree(mail, $0, sizes) })
    }
}

extension String {
    /// Without empty lines before and behind, and blanks behind.
    var trimmingLineEnds: String {
        let bytes = Array(utf8)
        guard let last = bytes.lastIndex(where: { !$0.isSpace }), let first = bytes.firstIndex(where: { !$0.isSpace })
        else { return "" }
        let start = bytes[..<first].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return String(decoding: bytes[start...last], as: UTF8.self)
    }
}
