import FoundationEssentials

/// What an answer to `sendMessage` means. Telegram knows no idempotency key: what may have been said is said again, for
/// said twice is a nuisance and not said a loss.
///
/// | answer | outcome |
/// |---|---|
/// | 200, `ok` | delivered |
/// | 400, the group has another id | `moved` |
/// | 400, a button | `withoutButtons` |
/// | 400, no such chat | unreachable |
/// | 400, any other | given up |
/// | 401, 404 (the token); a redirection | stopped |
/// | 403 (blocked, deactivated, never spoken to) | unreachable |
/// | 429 | again, the whole account pauses |
/// | 5xx, no answer, an answer that cannot be read | again |
enum TelegramOutcome: Equatable {
    case verdict(Verdict)
    case moved(to: Int64)
    case withoutButtons

    /// Longer than any pause of Telegram's that is meant for a well-behaved bot.
    private static let longestPause = 3600

    init(status: Int, body: [UInt8]) {
        let answer = (try? JSONDecoder().decode(Answer.self, from: Data(body))) ?? Answer()
        let words = answer.words
        let reason = words.isEmpty ? "Telegram answered \(status)" : "Telegram answered \(status): \(words)"
        switch status {
        case 200:
            self = .verdict(
                answer.ok == true
                    ? .delivered(remoteID: answer.result?.id)
                    : .tryAgain(reason: "Telegram's answer cannot be read", after: nil, pause: false))
        case 400:
            if let chat = answer.parameters?.newChat {
                self = .moved(to: chat)
            } else if TelegramOutcome.has(words, ["button"]) {
                self = .withoutButtons
            } else if TelegramOutcome.has(words, ["chat not found", "user not found", "peer_id_invalid"]) {
                self = .verdict(.unreachable(reason: reason))
            } else {
                self = .verdict(.givenUp(reason: reason))
            }
        case 401, 404: self = .verdict(.stopped(reason: "Telegram refuses the bot's token (\(status))"))
        case 403: self = .verdict(.unreachable(reason: reason))
        case 429:
            let seconds = min(max(answer.parameters?.retryAfter ?? 5, 1), TelegramOutcome.longestPause)
            self = .verdict(.tryAgain(reason: reason, after: .seconds(seconds), pause: true))
        case 300..<400: self = .verdict(.stopped(reason: "\(reason): is the address of the Bot API right?"))
        case 402..<500 where status != 408: self = .verdict(.givenUp(reason: reason))
        default: self = .verdict(.tryAgain(reason: reason, after: nil, pause: false))
        }
    }

    private static func has(_ words: String, _ any: [String]) -> Bool {
        let words = words.lowercased()
        return any.contains { words.contains($0) }
    }

    private struct Answer: Decodable {
        var ok: Bool?
        var result: Message?
        var description: String?
        var parameters: Parameters?

        /// In few words, without the address that Telegram quotes: it may hold a citizen's key.
        var words: String {
            let words = (description ?? "").split(separator: "'", omittingEmptySubsequences: false)
            return Reason.cleaned(words.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined())
        }
    }

    private struct Message: Decodable {
        struct Chat: Decodable { let id: Int64 }
        private enum CodingKeys: String, CodingKey {
            case number = "message_id"
            case chat
        }
        let number: Int64
        let chat: Chat

        var id: String { "\(chat.id):\(number)" }
    }

    private struct Parameters: Decodable {
        let retryAfter: Int?
        let newChat: Int64?
        private enum CodingKeys: String, CodingKey {
            case retryAfter = "retry_after"
            case newChat = "migrate_to_chat_id"
        }
    }
}
