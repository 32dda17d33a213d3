import Civic

/// Updates as events of a chat.
///
/// - What a citizen says to the bot in private is a message. In a group only what is said to the bot counts (an answer
///   to it, a command with its name): the rest is not ours to read. The ticket's answers go to the citizen's private
///   chat with the bot, never to the group.
/// - A contact is the citizen's own number if Telegram says that it belongs to who sends it; another person's is text.
/// - A shared live position counts where it began: Telegram tells each step as an edition.
/// - Stickers, dice, games, polls and what Telegram invents later are `.ignored`, and so are messages of bots.
struct TelegramReader: Sendable {
    /// The bot's own account.
    let bot: Int64?

    func events(in body: [UInt8]) throws(UnreadableDelivery) -> [ChatEvent] {
        let update: TelegramUpdate
        do throws(Problem) {
            update = try JSONBody.decode(body)
        } catch {
            throw UnreadableDelivery(error.detail)
        }
        guard let id = update.id else { throw UnreadableDelivery("an update without update_id") }
        let ignored = ChatEvent.ignored(id: "update:\(id)", kind: update.kind.isEmpty ? "empty" : update.kind.asKind)
        switch update.kind {
        case "message", "edited_message":
            guard let message = update.message, let chat = message.chat, let number = message.number else {
                throw UnreadableDelivery("a message without chat and message_id")
            }
            return events(of: message, chat: chat, number: number, update: id, isEdited: update.kind != "message")
        case "callback_query": return [update.callback.flatMap { press($0, update: id) } ?? ignored]
        case "my_chat_member": return [update.membership.flatMap { standing($0, update: id) } ?? ignored]
        default: return [ignored]
        }
    }

    private func events(
        of message: TelegramMessage, chat: TelegramChat, number: Int64, update: Int64, isEdited: Bool
    ) -> [ChatEvent] {
        let member = isEdited ? "edited_message" : "message"
        func ignored(_ kind: String) -> [ChatEvent] { [.ignored(id: "update:\(update)", kind: "\(member).\(kind)")] }
        guard let sender = message.from else { return ignored("anonymous") }
        guard !sender.isBot else { return ignored("bot") }
        let slash = message.text.flatMap { SlashCommand($0) }
        guard chat.isPrivate || isAddressed(message, slash) else { return ignored(chat.type.asKind) }

        var said = content(of: message, from: sender, in: chat)
        said.id = "\(chat.id):\(number)"
        if isEdited {
            guard slash == nil else { return ignored("command") }
            guard message.location == nil || !said.text.isEmpty else { return ignored("location") }
            guard said.saysSomething else { return ignored(message.kind.asKind) }
            said.fields["edits"] = said.id
            said.id = message.edited.map { "edit:\(chat.id):\(number):\($0)" } ?? "update:\(update)"
            said.sentAt = message.edited.map(Timestamp.init(seconds:)) ?? said.sentAt
            return [.edited(said)]
        }
        if let slash { return commands(slash, said) }
        return said.saysSomething ? [.message(said)] : ignored(message.kind.asKind)
    }

    /// Whether something said in a group is said to the bot. Without its privacy mode a bot hears everything there.
    private func isAddressed(_ message: TelegramMessage, _ slash: SlashCommand?) -> Bool {
        if slash?.bot != nil { return true }
        guard let bot, let quoted = message.quoted?.from else { return false }
        return quoted.id == bot
    }

    private func content(of message: TelegramMessage, from sender: TelegramUser, in chat: TelegramChat) -> ChatMessage {
        let place = chat.isPrivate ? chat.id : sender.id
        var said = ChatMessage(id: "", chat: "\(place)", account: "\(sender.id)")
        said.name = sender.name
        said.language = sender.language
        said.sentAt = message.date.flatMap { $0 > 0 ? Timestamp(seconds: $0) : nil }
        var lines = [message.text].compactMap(\.self) + message.checklist
        if let contact = message.contact {
            if contact.user == sender.id {
                said.phone = contact.phone
            } else {
                lines.append("\(contact.name) \(contact.number)".telegramLine)
            }
        }
        said.text = lines.joined(separator: "\n").storable
        said.location = message.location
        said.media = message.files.map { ChatMedia(reference: $0.id, name: $0.name, type: $0.type, size: $0.size) }
        said.group = message.album?.telegramLine
        if let quoted = message.quoted, let number = quoted.number {
            said.fields[ChatMessage.answers] = "\(quoted.chat?.id ?? chat.id):\(number)"
        }
        said.fields["forwarded_from"] = message.forwardedFrom
        if !message.links.isEmpty { said.fields["links"] = message.links.joined(separator: " ").telegramLine }
        if !chat.isPrivate { said.fields["group"] = chat.title }
        return said
    }

    /// A known command asks something of us. Words behind another one are the message: `/segnala buca in via Appia`.
    private func commands(_ slash: SlashCommand, _ said: ChatMessage) -> [ChatEvent] {
        let asked = said
        var said = said
        said.text = slash.rest
        let command = SlashCommand.known[slash.word]
        guard said.saysSomething, command == nil || command == .new || !said.isOnlyText else {
            return [.command(command ?? .help, asked)]
        }
        guard command == .new else { return [.message(said)] }
        var bare = ChatMessage(id: said.id + ":new", chat: said.chat, account: said.account)
        (bare.name, bare.language, bare.sentAt) = (said.name, said.language, said.sentAt)
        bare.text = "/\(slash.word)"
        return [.command(.new, bare), .message(said)]
    }

    private func press(_ callback: TelegramCallback, update: Int64) -> ChatEvent? {
        guard let from = callback.from, !from.isBot, let command = callback.data.flatMap(ChatCommand.init(pressed:))
        else { return nil }
        let chat = callback.message?.chat
        var said = ChatMessage(
            id: "update:\(update)", chat: "\(chat.flatMap { $0.isPrivate ? $0.id : nil } ?? from.id)",
            account: "\(from.id)")
        said.name = from.name
        said.language = from.language
        said.callback = callback.id?.telegramLine
        if let chat, let number = callback.message?.number { said.fields[ChatMessage.answers] = "\(chat.id):\(number)" }
        return .command(command, said)
    }

    private func standing(_ membership: TelegramMembership, update: Int64) -> ChatEvent? {
        guard let chat = membership.chat, chat.isPrivate, let from = membership.from else { return nil }
        var said = ChatMessage(id: "update:\(update)", chat: "\(chat.id)", account: "\(from.id)")
        said.name = from.name
        said.language = from.language
        said.sentAt = membership.date.map(Timestamp.init(seconds:))
        switch membership.status {
        case "kicked": return .command(.stop, said)
        case "member": return .command(.start, said)
        default: return nil
        }
    }
}

extension ChatMessage {
    fileprivate var isOnlyText: Bool { location == nil && media.isEmpty && phone == nil }
    fileprivate var saysSomething: Bool { !isOnlyText || !text.allSatisfy(\.isWhitespace) }
}

extension ChatCommand {
    /// What a button of ours says.
    fileprivate init?(pressed data: String) {
        switch data {
        case "new": self = .new
        case "status": self = .status
        default:
            let code = data.dropFirst(7)
            guard data.hasPrefix("reopen:"), !code.isEmpty, code.utf8.count <= 32 else { return nil }
            self = .reopen(code.uppercased().storable)
        }
    }
}

/// `/word@BotName rest`.
struct SlashCommand: Equatable {
    /// In lower case.
    let word: String
    let bot: String?
    let rest: String

    static let known: [String: ChatCommand] = [
        "start": .start, "inizio": .start, "help": .help, "aiuto": .help, "stop": .stop, "basta": .stop,
        "new": .new, "nuova": .new, "nuovo": .new, "status": .status, "stato": .status,
        "ayuda": .help, "nueva": .new, "nuevo": .new, "estado": .status, "ajutor": .help, "noua": .new,
        "stare": .status,
    ]

    /// Nil if the text does not begin with a command: a word of up to 32 Latin letters, digits and underscores.
    init?(_ text: String) {
        guard text.utf8.first == 0x2F else { return nil }
        let head = text.dropFirst().prefix { !$0.isWhitespace }
        let parts = head.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let word = parts.first, (1...32).contains(word.utf8.count), word.utf8.allSatisfy(SlashCommand.isWord),
            parts.count == 1 || !parts[1].isEmpty && parts[1].utf8.allSatisfy(SlashCommand.isWord)
        else { return nil }
        self.word = word.lowercased()
        bot = parts.count > 1 ? String(parts[1]) : nil
        let rest = text[head.endIndex...].drop(while: \.isWhitespace)
        self.rest = String(rest).storable
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
    }
}
