import Civic
import Transfer

/// The body of `sendMessage` (Bot API): plain text, so that nothing a citizen or an office wrote is read as markup.
enum TelegramPayload {
    /// UTF-16 units.
    static let longest = 4096
    private static let longestTitle = 64
    private static let longestCommand = 64

    /// - Parameter withButtons: false after Telegram has refused them.
    static func message(_ words: ChatWords, to chat: String, withButtons: Bool = true) -> [UInt8] {
        var members: [(String, JSON)] = [
            ("chat_id", Int64(chat).map(JSON.int) ?? .string(chat)),
            ("text", .string(PlainText.shortened(words.text, toUTF16: longest))),
            ("link_preview_options", .object([("is_disabled", .bool(true))])),
        ]
        if let number = words.inReplyTo.flatMap({ number(of: $0, in: chat) }) {
            members.append(
                (
                    "reply_parameters",
                    .object([("message_id", .int(number)), ("allow_sending_without_reply", .bool(true))])
                ))
        }
        // One below the other: titles of several words would be cut on a phone.
        let rows = withButtons ? words.buttons.compactMap(button).map { JSON.array([$0]) } : []
        if !rows.isEmpty { members.append(("reply_markup", .object([("inline_keyboard", .array(rows))]))) }
        return JSON.object(members).bytes
    }

    /// Telegram refuses addresses whose host has no dot, and our own machine's are of no use to a citizen: then the text
    /// has the address alone.
    private static func button(_ button: ChatWords.Button) -> JSON? {
        let title = (
            "text", JSON.string(PlainText.shortened(PlainText.singleLine(button.title), toUTF16: longestTitle))
        )
        switch button.act {
        case .open(let url):
            guard WebAddress(url)?.isPublic ?? false else { return nil }
            return .object([title, ("url", .string(url))])
        case .command(let command):
            guard (1...longestCommand).contains(command.utf8.count) else { return nil }
            return .object([title, ("callback_data", .string(command))])
        }
    }

    /// Of an id `CHAT:MESSAGE`, or `edit:CHAT:MESSAGE:TIME`, if it is of this chat: an answer may go elsewhere than where
    /// the citizen wrote.
    private static func number(of id: String, in chat: String) -> Int64? {
        var parts = id.split(separator: ":")[...]
        if parts.first == "edit", parts.count == 4 { parts = parts.dropFirst().dropLast() }
        guard parts.count == 2, parts.first == Substring(chat) else { return nil }
        return parts.last.flatMap { Int64($0) }
    }
}
