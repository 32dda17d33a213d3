import Civic
import Mail
import Transfer

/// A notification as an event of a chat.
///
/// A mention of the account is a message, wherever it was made: in public, or to the account alone. The chat is the
/// citizen's account, `name@host`. A message's id is the post's and its visibility, `109:public`, since who answers must
/// know whether others are listening (`MastodonPost`). Mentions by accounts that call themselves automatic are `.ignored`,
/// as two robots would not come to an end.
struct MastodonReader: Sendable {
    /// The server's host: whose accounts are told without one.
    let host: String

    struct Reading: Equatable {
        /// The notification's.
        let id: String
        let at: Timestamp?
        let event: ChatEvent
    }

    /// - Parameter notification: one element of the server's list.
    func read(_ notification: [UInt8]) throws(UnreadableDelivery) -> Reading {
        let told: MastodonNotification
        do throws(Problem) {
            told = try JSONBody.decode(notification)
        } catch {
            throw UnreadableDelivery(error.detail)
        }
        guard let id = told.id, MastodonReader.isID(id) else { throw UnreadableDelivery("a notification without id") }
        return Reading(id: id, at: told.at.flatMap(Timestamp.init(rfc3339:)), event: event(of: told, id: id))
    }

    private func event(of told: MastodonNotification, id: String) -> ChatEvent {
        func ignored(_ kind: String) -> ChatEvent { .ignored(id: "notification:\(id)", kind: kind) }
        guard ["mention", "update"].contains(told.kind) else { return ignored(told.kind.asKind) }
        guard let account = told.account, let status = told.status, MastodonReader.isID(status.id),
            let chat = address(account.acct)
        else { return ignored("\(told.kind).incomplete") }
        guard !account.isBot else { return ignored("\(told.kind).bot") }
        let said = message(status, chat: chat, by: account)
        guard !said.text.isEmpty || !said.media.isEmpty else { return ignored("\(told.kind).empty") }
        guard told.kind == "update" else { return .message(said) }
        var edition = said
        edition.fields["edits"] = said.id
        edition.id = "\(said.id):\(status.edited?.prefix(40).description.storable ?? id)"
        edition.sentAt = status.edited.flatMap(Timestamp.init(rfc3339:)) ?? said.sentAt
        return .edited(edition)
    }

    private func message(_ status: MastodonStatus, chat: String, by account: MastodonAccountName) -> ChatMessage {
        var said = ChatMessage(id: "\(status.id):\(status.visibility.asKind)", chat: chat, account: chat)
        let name = account.name.map(MastodonReader.line) ?? ""
        said.name = name.isEmpty ? nil : name
        said.language = status.language?.primaryLanguage
        said.sentAt = status.at.flatMap(Timestamp.init(rfc3339:))
        let words = [status.warning ?? "", MastodonReader.withoutLeadingMentions(PostText.read(status.content))]
        said.text = words.filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n").storable
        said.media = status.media.compactMap(MastodonReader.media)
        said.fields["visibility"] = status.visibility.asKind
        said.fields["url"] = status.url.map(MastodonReader.line)
        said.fields[ChatMessage.answers] = status.inReplyTo.map(MastodonReader.line)
        let seen = status.media.compactMap(\.description).joined(separator: " / ")
        if !seen.isEmpty { said.fields["pictures"] = MastodonReader.line(seen) }
        return said
    }

    /// `name@host`; nil if it is no name that could be mentioned.
    private func address(_ acct: String) -> String? {
        let parts = acct.split(separator: "@", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }), acct.utf8.count <= 500,
            parts[0].utf8.allSatisfy(MastodonReader.isNameByte),
            parts.count == 1 || WebAddress("https://\(parts[1])") != nil
        else { return nil }
        return parts.count == 1 ? "\(acct)@\(host)" : acct
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
    }

    /// Numbers with Mastodon, letters too with others that speak its API.
    static func isID(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: { $0.isWhitespace || $0.isNewline }).joined(separator: " ").prefix(2_000)
            .description.storable
    }

    /// `@city @other@host there is a hole`: to whom it is said is not what is said.
    static func withoutLeadingMentions(_ text: String) -> String {
        var rest = text[...]
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard rest.first == "@" else { return String(rest) }
            let name = rest.dropFirst().prefix {
                $0 == "@" || $0 == "." || $0 == "-" || $0 == "_" || $0.isLetter || $0.isNumber
            }
            guard !name.isEmpty else { return String(rest) }
            rest = rest[name.endIndex...].drop { ",:;".contains($0) }
        }
    }

    private static let types = [
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
        "avif": "image/avif", "heic": "image/heic", "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
        "mp3": "audio/mpeg", "ogg": "audio/ogg", "oga": "audio/ogg", "m4a": "audio/mp4", "wav": "audio/wav",
        "flac": "audio/flac",
    ]
    private static let kinds = [
        "image": "image/jpeg", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg",
    ]

    private static func media(_ file: MastodonFile) -> ChatMedia? {
        guard let url = file.url, url.utf8.count <= 2_000, WebAddress(url) != nil else { return nil }
        let name = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").last.map(String.init) ?? ""
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return ChatMedia(
            reference: url, name: name.storable, type: types[ending] ?? kinds[file.kind] ?? "application/octet-stream")
    }
}
