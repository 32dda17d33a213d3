/// An error of the Bot API.
struct TelegramRefusal: Error, Equatable {
    let status: Int
    let description: String
    var retryAfter: Int?

    static func bad(_ description: String) -> TelegramRefusal {
        TelegramRefusal(status: 400, description: "Bad Request: \(description)")
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "ok": false, "error_code": JSONValue(status), "description": .string(description),
        ]
        if let retryAfter { members["parameters"] = ["retry_after": JSONValue(retryAfter)] }
        return .object(members)
    }
}

/// A message as a bot submits it, checked against the rules of the Bot API that a sender runs into: length, markup, and
/// buttons (core.telegram.org/bots/api; the refusals' words are those that senders report).
struct TelegramCall: Sendable, Equatable {
    let chat: String
    let text: String
    var buttons: [StoredChat.Button] = []
    let inReplyTo: String?

    init(_ body: JSONValue) throws(TelegramRefusal) {
        switch body["chat_id"] {
        case .number(let number)?: chat = Int64(exactly: number).map(String.init) ?? ""
        case .string(let name)?: chat = name
        default: throw .bad("chat_id is empty")
        }
        text = body["text"]?.string ?? ""
        guard text.contains(where: { !$0.isWhitespace }) else { throw .bad("message text is empty") }
        guard text.utf16.count <= 4096 else { throw .bad("message is too long") }
        guard body["parse_mode"] == nil else { throw .bad("the sandbox takes plain text only") }
        inReplyTo = (body["reply_parameters"]?["message_id"]?.integer).map(String.init)
        for row in body["reply_markup"]?["inline_keyboard"]?.array ?? [] {
            guard let row = row.array else { throw .bad("can't parse inline keyboard button: an array expected") }
            for button in row { buttons.append(try TelegramCall.button(button)) }
        }
        guard buttons.count <= 100 else { throw .bad("REPLY_MARKUP_TOO_LONG") }
    }

    private static func button(_ button: JSONValue) throws(TelegramRefusal) -> StoredChat.Button {
        guard let title = button["text"]?.string, !title.isEmpty else {
            throw .bad("can't parse inline keyboard button: field \"text\" must be non-empty")
        }
        switch (button["url"]?.string, button["callback_data"]?.string) {
        case (let url?, nil):
            guard isURL(url) else { throw .bad("inline keyboard button URL '\(url)' is invalid: Wrong HTTP URL") }
            return StoredChat.Button(title: title, act: url)
        case (nil, let data?):
            guard (1...64).contains(data.utf8.count) else { throw .bad("BUTTON_DATA_INVALID") }
            return StoredChat.Button(title: title, act: data)
        default: throw .bad("BUTTON_TYPE_INVALID")
        }
    }

    /// http or https, and a host with a dot in it that is not this machine.
    private static func isURL(_ url: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            return false
        }
        let host = url.dropFirst(scheme.count).prefix { !"/?#:".contains($0) }
        return host.contains(".") && !host.hasPrefix(".") && !host.hasSuffix(".") && !host.hasPrefix("127.")
    }

    /// A webhook as it is set: an https address at one of four ports, and a secret of up to 256 of A-Z a-z 0-9 _ -.
    static func webhook(_ body: JSONValue) throws(TelegramRefusal) -> String {
        let url = body["url"]?.string ?? ""
        if !url.isEmpty {
            guard url.hasPrefix("https://") else {
                throw .bad("bad webhook: An HTTPS URL must be provided for webhook")
            }
            let authority = url.dropFirst(8).prefix { !"/?#".contains($0) }.split(separator: ":")
            guard authority.count < 2 || ["443", "80", "88", "8443"].contains(authority[1]) else {
                throw .bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
            }
        }
        let secret = body["secret_token"]?.string ?? ""
        guard secret.utf8.count <= 256 else { throw .bad("secret token is too long") }
        let allowed = secret.utf8.allSatisfy {
            (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
        }
        guard allowed else { throw .bad("secret token contains unallowed characters") }
        return url
    }
}
