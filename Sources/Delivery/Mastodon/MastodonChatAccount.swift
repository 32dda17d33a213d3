import Civic
import Settings
import Transfer

/// An account on a Mastodon server that speaks.
struct MastodonChatAccount: ChatAccount {
    private let server: String
    private let token: Secret
    private let client: TransferClient

    /// With room for whom it is said to; `MastodonPost` makes sure of the rest.
    var length: Int { Medium.mastodon.chatLength ?? 420 }

    func isPublic(inReplyTo message: String?) -> Bool { MastodonPost.isPublic(message) }

    init(_ account: MastodonAccount, client: TransferClient) {
        server = account.server
        token = account.token
        self.client = client
    }

    func send(_ words: ChatWords, to chat: String) async -> Verdict {
        let post = MastodonPost(words, to: chat)
        switch await attempt(post, key: MastodonChatAccount.key(words, chat)) {
        case .verdict(let verdict): return verdict
        case .isGone where post.inReplyTo == nil: return .givenUp(reason: "Mastodon answered 404")
        case .isGone: break
        }
        // The citizen has taken back what is answered: said to them alone.
        switch await attempt(post.alone, key: MastodonChatAccount.key(words, chat) + "-alone") {
        case .verdict(let verdict): return verdict
        case .isGone: return .stopped(reason: "Mastodon answered 404: is the server's address right?")
        }
    }

    private func attempt(_ post: MastodonPost, key: String) async -> MastodonOutcome {
        let request = HTTPRequest(
            method: "POST", url: "\(server)/api/v1/statuses",
            headers: [
                ("Authorization", "Bearer \(token.value)"), ("Content-Type", "application/json"),
                ("Idempotency-Key", key),
            ], body: post.body)
        do throws(TransferError) {
            let response = try await client.send(request)
            return MastodonOutcome(status: response.status, header: { response.header($0) }, body: response.body)
        } catch {
            return .verdict(
                error.isRetriable || error.requestSent
                    ? .tryAgain(reason: error.message, after: nil, pause: false) : .stopped(reason: error.message))
        }
    }

    /// Without a key of its own: a hash (FNV-1a, 64 bits) of what is said to whom. The same words about the same post
    /// within an hour are said once.
    private static func key(_ words: ChatWords, _ chat: String) -> String {
        if let key = words.key { return "pasquino-\(key)" }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(chat)\u{0}\(words.inReplyTo ?? "")\u{0}\(words.text)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return "pasquino-\(String(hash, radix: 16))"
    }
}
