import Foundation

/// A chat: the messenger and the name that it has there.
struct ChatKey: Hashable, Sendable {
    /// As a channel's type: `whatsapp`, `sms`, `telegram` …
    let messenger: String
    let chat: String
}

/// What arrived in a chat.
struct StoredChat: Sendable, Equatable {
    struct Button: Sendable, Equatable {
        let title: String
        /// The address it opens, or the word it sends back.
        let act: String
    }

    /// The messenger's id.
    let id: String
    let key: ChatKey
    /// Who spoke: a number's id, a page, a bot.
    let account: String
    let text: String
    var buttons: [Button] = []
    /// The approved template with which it was said.
    var template: String?
    /// The message that it answers.
    var inReplyTo: String?
    /// Who else may see it, if the messenger asks.
    var visibility: String?
    let at: Date
}

/// What a citizen said last in a chat, as far as the messengers' rules ask for it.
struct ChatHearing: Sendable, Equatable {
    let at: Date
    let text: String
}

/// A file that a messenger holds until it is fetched.
struct StoredMedia: Sendable, Equatable {
    let id: String
    let type: String
    let name: String
    let size: Int
}
