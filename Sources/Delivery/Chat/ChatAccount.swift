/// The speaking side of a messenger: one account with its API. Adding one is a folder with this, and a line in
/// `ChatAccounts`; which chat may be written to, and in which words, is `ChatCarrier`'s.
protocol ChatAccount: Sendable {
    /// - Returns: of `Verdict`, what the API's answer comes to; the id by which its receipts will name the message.
    func send(_ words: ChatWords, to chat: String) async -> Verdict
    /// How long after the citizen's last word it takes free text. Null: always.
    var window: Duration? { get }
    /// The most that one message may hold, in UTF-16 units; longer ones are shortened before their last line, which has
    /// the link.
    var length: Int { get }
    /// Everybody reads what is said to this message of the citizen's.
    func isPublic(inReplyTo message: String?) -> Bool
}

extension ChatAccount {
    var window: Duration? { nil }
    func isPublic(inReplyTo message: String?) -> Bool { false }
}

/// A messenger that wants to hear that a button was pressed.
protocol CallbackAnswering: ChatAccount {
    func answer(callback id: String) async
}

/// What is said in a chat.
struct ChatWords: Hashable, Sendable {
    var text: String
    var buttons: [Button] = []
    /// The ticket's code, if it speaks of one.
    var code: String?
    /// The citizen's last message in the chat, by the messenger's id: what is said is said to it.
    var inReplyTo: String?
    /// The window is over: only what the messenger has approved may be sent, with `code` and `text` in it.
    var isLate = false
    /// The same in each attempt to say this, and of nothing else: for messengers that say a thing once by its key.
    var key: String?

    struct Button: Hashable, Sendable {
        enum Act: Hashable, Sendable {
            case open(url: String)
            /// What comes back as a command: `new`, `status`, `reopen:CODE`.
            case command(String)
        }
        var title: String
        var act: Act
    }
}
