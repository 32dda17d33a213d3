import Civic
import Foundation
import HTTPTypes
import Transfer

@testable import Delivery
@testable import Intake

// What messengers deliver, and what they answer.
extension FuzzTarget {
    static let chats = [
        messenger("telegram", "updates of the Bot API"), messenger("whatsapp", "deliveries of the Cloud API"),
        messenger("messenger", "deliveries of Messenger and Instagram"),
        messenger("sms", "Twilio's forms", type: "application/x-www-form-urlencoded"), mastodon, chatAnswers,
    ]

    private static func messenger(_ name: String, _ summary: String, type: String = "application/json") -> FuzzTarget {
        FuzzTarget(name, summary) { bytes in
            guard let messenger = Messengers.messenger(for: try FuzzCity.channel(name)) else {
                throw FuzzFinding(description: "no messenger \(name)")
            }
            var headers = HTTPFields()
            headers[.contentType] = type
            let delivery = Intake.Delivery(
                url: "https://example.org/v1/channels/\(name)", headers: headers, body: bytes,
                receivedAt: FuzzCity.now)
            guard let events = try? messenger.read(delivery) else { return }
            for event in events.map(\.storable) {
                switch event {
                case .message(let said), .edited(let said), .command(_, let said):
                    // The words are made storable where they become a message.
                    try must(
                        !(said.id + said.chat + said.account).utf8.contains(0),
                        "U+0000, which PostgreSQL does not take")
                    try must(said.id.utf8.count <= 4000, "a name of \(said.id.utf8.count) bytes")
                case .receipt, .ignored: break
                }
            }
            try must((try? messenger.read(delivery)) == events, "the same delivery says something else")
        }
    }

    private static let mastodon = FuzzTarget("mastodon", "a server's list of notifications") { bytes in
        let response = HTTPResponse(
            status: 200,
            headers: [("link", bytes.headed.line), ("retry-after", bytes.headed.line), ("x-ratelimit-remaining", "0")],
            body: bytes.headed.rest)
        _ = MastodonPage.rest(after: response, now: FuzzCity.now)
        guard case .notifications(let list, _) = MastodonPage(response, now: FuzzCity.now) else { return }
        let reader = MastodonReader(host: "social.example.org")
        for element in list { _ = try? reader.read(element) }
    }

    /// The first byte chooses the status.
    private static let chatAnswers = FuzzTarget("chat-answers", "what messengers' and offices' APIs answer") { bytes in
        let statuses = [200, 201, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503]
        let status = statuses[Int(bytes.first ?? 0) % statuses.count]
        let body = Array(bytes.dropFirst())
        _ = TelegramOutcome(status: status, body: body)
        _ = MastodonOutcome(status: status, header: { _ in body.text }, body: body)
        let answer = AppIOAnswer(status: status, header: { _ in body.text }, body: body)
        _ = answer.retryAfter(now: FuzzCity.now)
        let office = OfficeAnswer(
            HTTPResponse(status: status, headers: [("retry-after", body.text)], body: body), now: FuzzCity.now)
        try must((office.retryAfter ?? .zero) <= .seconds(3600), "a pause of more than an hour")
    }
}
