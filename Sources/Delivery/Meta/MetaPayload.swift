import Civic

/// The bodies of `POST /{id}/messages`, within what Meta takes.
///
/// | | text | buttons | titles |
/// |---|---|---|---|
/// | WhatsApp | 4096, with buttons 1024 | 3 replies, or one link | 20 |
/// | Messenger | 2000, with buttons 640 | 3 of either kind | 20 |
/// | Instagram | 1000 bytes, with buttons 640 | 3 of either kind | 20 |
///
/// A link for which there is no button stands below the text.
/// Source: WhatsApp Cloud API, "Messages", and Messenger Platform, "Send API", references.
enum MetaPayload {
    static let buttons = 3
    static let title = 20
    /// Of a template's place. The template's own words count too.
    static let parameter = 800

    // MARK: WhatsApp

    static func whatsapp(_ words: ChatWords, to chat: String, template: (name: String, language: String)?) -> JSON? {
        var members: [(String, JSON)] = [
            ("messaging_product", .string("whatsapp")), ("recipient_type", .string("individual")),
        ]
        // Who has chosen a username may be known by an id only: IT.1349…
        members.append((chat.contains(".") ? "recipient" : "to", .string(chat)))
        if words.isLate {
            guard let template else { return nil }
            members += [("type", .string("template")), ("template", approved(words, template))]
            return .object(members)
        }
        if let quoted = words.inReplyTo { members.append(("context", .object([("message_id", .string(quoted))]))) }
        if let interactive = interactive(words) {
            members += [("type", .string("interactive")), ("interactive", interactive)]
        } else {
            let text = ChatText.shortened(ChatText.withLinks(words.text, words.buttons), toUTF16: 4096)
            members += [
                ("type", .string("text")), ("text", .object([("preview_url", .bool(false)), ("body", .string(text))])),
            ]
        }
        return .object(members)
    }

    /// Nil if it has no buttons, or too long a text for them.
    private static func interactive(_ words: ChatWords) -> JSON? {
        let replies = distinct(words.commands)
        if replies.isEmpty {
            guard let link = words.links.first, words.text.utf16.count <= 1024 else { return nil }
            let parameters = JSON.object([("display_text", .string(titled(link.title))), ("url", .string(link.url))])
            return .object([
                ("type", .string("cta_url")), ("body", body(words.text)),
                ("action", .object([("name", .string("cta_url")), ("parameters", parameters)])),
            ])
        }
        let text = ChatText.withLinks(words.text, words.buttons)
        guard text.utf16.count <= 1024 else { return nil }
        let shown = replies.map { reply in
            JSON.object([
                ("type", .string("reply")),
                ("reply", .object([("id", .string(reply.payload)), ("title", .string(titled(reply.title)))])),
            ])
        }
        return .object([
            ("type", .string("button")), ("body", body(text)), ("action", .object([("buttons", .array(shown))])),
        ])
    }

    private static func body(_ text: String) -> JSON { .object([("text", .string(text))]) }

    private static func approved(_ words: ChatWords, _ template: (name: String, language: String)) -> JSON {
        let places = [words.code ?? "-", place(words.text)].map { text in
            JSON.object([("type", .string("text")), ("text", .string(text))])
        }
        return .object([
            ("name", .string(template.name)), ("language", .object([("code", .string(template.language))])),
            ("components", .array([.object([("type", .string("body")), ("parameters", .array(places))])])),
        ])
    }

    /// What may fill a template's place: no line ends, no tabs, not four spaces together; and not nothing.
    static func place(_ text: String) -> String {
        let short = ChatText.shortened(text, toUTF16: parameter)
        let line = short.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? "-" : line
    }

    // MARK: Messenger and Instagram

    static func page(_ words: ChatWords, to chat: String, isInstagram: Bool) -> JSON {
        .object([
            ("recipient", .object([("id", .string(chat))])), ("messaging_type", .string("RESPONSE")),
            ("message", message(words, isInstagram: isInstagram)),
        ])
    }

    private static func message(_ words: ChatWords, isInstagram: Bool) -> JSON {
        // Web addresses must be https there; what is not stands in the text.
        let links = words.links.filter { $0.url.hasPrefix("https://") }
        let shown = distinct(words.commands)
        if !(links.isEmpty && shown.isEmpty), words.text.utf16.count <= 640, links.count + shown.count <= buttons,
            links.count == words.links.count
        {
            let all =
                links.map { button("web_url", ("url", $0.url), $0.title) }
                + shown.map { button("postback", ("payload", $0.payload), $0.title) }
            let payload = JSON.object([
                ("template_type", .string("button")), ("text", .string(words.text)), ("buttons", .array(all)),
            ])
            return .object([("attachment", .object([("type", .string("template")), ("payload", payload)]))])
        }
        let text = ChatText.shortened(ChatText.withLinks(words.text, words.buttons)) {
            isInstagram ? $0.utf8.count <= 1000 : $0.utf16.count <= 2000
        }
        guard !shown.isEmpty else { return .object([("text", .string(text))]) }
        let replies = shown.map { reply in
            JSON.object([
                ("content_type", .string("text")), ("title", .string(titled(reply.title))),
                ("payload", .string(reply.payload)),
            ])
        }
        return .object([("text", .string(text)), ("quick_replies", .array(replies))])
    }

    private static func button(_ type: String, _ act: (String, String), _ title: String) -> JSON {
        .object([("type", .string(type)), (act.0, .string(act.1)), ("title", .string(titled(title)))])
    }

    // MARK: Both

    /// The first three whose titles differ: WhatsApp refuses two alike.
    private static func distinct(_ commands: [(title: String, payload: String)]) -> [(title: String, payload: String)] {
        var seen: Set<String> = []
        return Array(commands.filter { seen.insert(titled($0.title)).inserted }.prefix(buttons))
    }

    static func titled(_ title: String) -> String {
        PlainText.shortened(PlainText.singleLine(title), toUTF16: Self.title)
    }
}
