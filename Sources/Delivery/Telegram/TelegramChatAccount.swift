import Civic
import Settings
import Transfer

/// A bot of Telegram's that speaks. The token stands in every address: reasons name the host at most.
struct TelegramChatAccount: ChatAccount, CallbackAnswering {
    private let api: String
    private let token: Secret
    private let client: TransferClient

    var length: Int { TelegramPayload.longest }

    init(_ account: TelegramAccount, client: TransferClient) {
        api = account.api
        token = account.token
        self.client = client
    }

    func send(_ words: ChatWords, to chat: String) async -> Verdict {
        var (chat, hasMoved, withButtons) = (chat, false, true)
        while true {
            switch await attempt(TelegramPayload.message(words, to: chat, withButtons: withButtons)) {
            case .verdict(let verdict): return verdict
            case .moved(let other):
                guard !hasMoved else { return .givenUp(reason: "Telegram sends us from one chat to another") }
                (chat, hasMoved) = ("\(other)", true)
            case .withoutButtons:
                guard withButtons else { return .givenUp(reason: "Telegram refuses buttons where there are none") }
                withButtons = false
            }
        }
    }

    /// Ends the waiting sign on the button. What fails is of no consequence: the sign ends by itself, and the answer
    /// comes as a message.
    func answer(callback id: String) async {
        let body = JSON.object([("callback_query_id", .string(id))]).bytes
        _ = try? await client.send(request("answerCallbackQuery", body))
    }

    private func attempt(_ body: [UInt8]) async -> TelegramOutcome {
        do throws(TransferError) {
            let response = try await client.send(request("sendMessage", body))
            return TelegramOutcome(status: response.status, body: response.body)
        } catch {
            let isLost = error.isRetriable || error.requestSent
            return .verdict(
                isLost
                    ? .tryAgain(reason: error.message, after: nil, pause: false) : .stopped(reason: error.message))
        }
    }

    private func request(_ method: String, _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            method: "POST", url: "\(api)/bot\(token.value)/\(method)", headers: [("Content-Type", "application/json")],
            body: body)
    }
}
