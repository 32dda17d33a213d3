import Civic
import Settings
import Transfer

/// A WhatsApp number, a Facebook page or an Instagram account: `POST {api}/{id}/messages`.
///
/// Meta takes free text within 24 hours of the citizen's last word. Later, WhatsApp takes an approved template. Messenger
/// and Instagram take a tagged message, but their tags are for people who answer by hand (`HUMAN_AGENT`) or withdrawn,
/// and ours is neither: it is `unreachable`, and the fallback says it.
///
/// Meta knows no idempotency key. A request whose answer was lost is made again: see `Verdict.init(_:)`.
struct MetaChatAccount: ChatAccount {
    private let account: MetaAccount
    private let medium: Medium
    private let client: TransferClient

    init(_ account: MetaAccount, medium: Medium, client: TransferClient) {
        self.account = account
        self.medium = medium
        self.client = client
    }

    var window: Duration? { .seconds(24 * 3600) }

    var length: Int { medium.chatLength ?? 2000 }

    func send(_ words: ChatWords, to chat: String) async -> Verdict {
        guard let payload = payload(words, to: chat) else {
            return .unreachable(reason: "the citizen's last word is more than 24 hours old, and there is no template")
        }
        let request = HTTPRequest(
            method: "POST", url: "\(account.api)/\(account.id)/messages",
            headers: [
                ("Content-Type", "application/json"), ("Accept", "application/json"),
                ("Authorization", "Bearer \(account.token.value)"),
            ], body: payload.bytes)
        do throws(TransferError) {
            return MetaVerdict.of(ChatAnswer(try await client.send(request)))
        } catch {
            return Verdict(error)
        }
    }

    /// Nil if nothing may be said.
    private func payload(_ words: ChatWords, to chat: String) -> JSON? {
        guard medium != .whatsapp else {
            return MetaPayload.whatsapp(words, to: chat, template: account.template.map { ($0.name, $0.language) })
        }
        return words.isLate ? nil : MetaPayload.page(words, to: chat, isInstagram: medium == .instagram)
    }
}
