/// What Telegram sends to the webhook (Bot API, `Update`), as far as a city can use it. Members of unexpected types
/// count as absent.
struct TelegramUpdate: Decodable {
    let id: Int64?
    /// The name of the one member beside `update_id`, which says what happened.
    let kind: String
    /// Of `message` and `edited_message`.
    let message: TelegramMessage?
    let callback: TelegramCallback?
    let membership: TelegramMembership?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = members.loose("update_id")
        // There is at most one; of several the first by name counts, so that a repetition reads the same.
        kind = members.allKeys.map(\.stringValue).filter { $0 != "update_id" }.min() ?? ""
        let member = MemberName(kind)
        message = kind == "message" || kind == "edited_message" ? members.loose(member) : nil
        callback = kind == "callback_query" ? members.loose(member) : nil
        membership = kind == "my_chat_member" ? members.loose(member) : nil
    }
}

/// A button below a message was pressed.
struct TelegramCallback: Decodable {
    let id: String?
    let from: TelegramUser?
    /// The one with the button; Telegram forgets old ones.
    let message: TelegramMessage?
    let data: String?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = members.loose("id")
        from = members.loose("from")
        message = members.loose("message")
        data = members.loose("data")
    }
}

/// The bot's own standing in a chat changed: in a private one, the citizen blocked it or let it in again.
struct TelegramMembership: Decodable {
    let chat: TelegramChat?
    let from: TelegramUser?
    let date: Int64?
    /// `kicked`, `member` …
    let status: String?

    private struct Member: Decodable { let status: String }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        chat = members.loose("chat")
        from = members.loose("from")
        date = members.loose("date")
        status = members.loose("new_chat_member", as: Member.self)?.status
    }
}

struct TelegramUser: Decodable {
    let id: Int64
    let isBot: Bool
    let name: String?
    let language: String?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = try members.decode(Int64.self, forKey: "id")
        isBot = members.loose("is_bot") ?? false
        let names: [String?] = [members.loose("first_name"), members.loose("last_name")]
        let name = names.compactMap(\.self).joined(separator: " ").telegramLine
        self.name = name.isEmpty ? nil : name
        language = members.loose("language_code", as: String.self)?.primaryLanguage
    }
}

struct TelegramChat: Decodable {
    /// Negative for groups and channels.
    let id: Int64
    let type: String
    let title: String?

    var isPrivate: Bool { type == "private" }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        id = try members.decode(Int64.self, forKey: "id")
        type = members.loose("type") ?? ""
        title = members.loose("title", as: String.self)?.telegramLine
    }
}

extension String {
    /// A name or title: one line that PostgreSQL takes.
    var telegramLine: String {
        let words = split(whereSeparator: { $0.isWhitespace || $0.isNewline })
        return String(words.joined(separator: " ").storable.prefix(256))
    }
}
