import Civic

/// What is posted, and to whom it can be seen.
///
/// An answer to what was said in public is `unlisted`: whoever reads the question sees it, and it fills no timeline. It has
/// no buttons, since a status page's address holds the citizen's key. Any other answer is `direct`: the citizen's alone,
/// with the address. Nobody else is mentioned: a mention in the text would invite a stranger, so its sign is broken.
struct MastodonPost: Equatable {
    /// Characters that a server takes without being told otherwise. Mastodon counts a link as 23, and of a name not its
    /// host: less than it is.
    static let longest = 500

    let text: String
    let isPublic: Bool
    let inReplyTo: String?

    /// - Parameters:
    ///   - chat: the citizen's account, `name@host`.
    ///   - words: `inReplyTo` is a message's id, a post's and its visibility: `109:public`.
    init(_ words: ChatWords, to chat: String) {
        inReplyTo = words.inReplyTo.flatMap { $0.split(separator: ":").first }.map(String.init)
        isPublic = MastodonPost.isPublic(words.inReplyTo)
        let mention = "@\(chat) "
        let addresses = isPublic ? [] : words.buttons.compactMap(MastodonPost.address)
        let end = addresses.filter { !words.text.contains($0) }.map { "\n\($0)" }.joined()
        let room = MastodonPost.longest - mention.utf16.count - end.utf16.count
        text = mention + PlainText.shortened(MastodonPost.withoutMentions(words.text), toUTF16: max(room, 1)) + end
    }

    private init(text: String, isPublic: Bool, inReplyTo: String?) {
        self.text = text
        self.isPublic = isPublic
        self.inReplyTo = inReplyTo
    }

    /// Whether others read what is said to this message.
    static func isPublic(_ message: String?) -> Bool {
        let parts = (message ?? "").split(separator: ":")
        return parts.count > 1 && ["public", "unlisted"].contains(parts[1])
    }

    /// For when the citizen's post is gone.
    var alone: MastodonPost { MastodonPost(text: text, isPublic: isPublic, inReplyTo: nil) }

    var body: [UInt8] {
        var members: [(String, JSON)] = [
            ("status", .string(text)), ("visibility", .string(isPublic && inReplyTo != nil ? "unlisted" : "direct")),
        ]
        if let inReplyTo { members.append(("in_reply_to_id", .string(inReplyTo))) }
        return JSON.object(members).bytes
    }

    private static func address(_ button: ChatWords.Button) -> String? {
        if case .open(let url) = button.act { url } else { nil }
    }

    /// An `@` that begins a word is followed by an invisible gap; e-mail addresses stay as they are.
    static func withoutMentions(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var before: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            result.append(scalar)
            let isWithin = before.map { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" } ?? false
            if scalar == "@", !isWithin { result.append("\u{200B}") }
            before = scalar
        }
        return String(result)
    }
}
