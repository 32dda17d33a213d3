import Civic
import Foundation
import Settings
import Transfer

@testable import Delivery

/// Speaks on Bacheca's walls: one POST a message.
struct BachecaAccount: ChatAccount {
    let api: String
    let token: Secret
    let client: TransferClient
    let length = 1000

    func send(_ words: ChatWords, to chat: String) async -> Verdict {
        let body = JSON.object([("wall", .string(chat)), ("text", .string(words.text))])
        do throws(TransferError) {
            return BachecaAccount.verdict(
                try await client.send(
                    HTTPRequest(
                        method: "POST", url: "\(api)/notes",
                        headers: [("Authorization", "Bearer \(token.value)"), ("Content-Type", "application/json")],
                        body: body.bytes)))
        } catch {
            // Whether the citizen was told is not known: it is not said twice.
            if error.requestSent { return .uncertain(reason: error.message) }
            return .tryAgain(reason: error.message, after: nil, pause: true)
        }
    }

    static func verdict(_ answer: HTTPResponse) -> Verdict {
        struct Sent: Decodable { var id: String }
        switch answer.status {
        case 200..<300:
            return .delivered(remoteID: (try? JSONDecoder().decode(Sent.self, from: Data(answer.body)))?.id)
        case 401, 403: return .stopped(reason: "Bacheca does not accept the token")
        // The citizen has left the wall.
        case 404, 410: return .unreachable(reason: "there is no such wall")
        case 429, 500...: return .tryAgain(reason: "Bacheca answered \(answer.status)", after: nil, pause: true)
        default: return .givenUp(reason: "Bacheca answered \(answer.status)")
        }
    }
}
