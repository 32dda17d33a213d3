import Civic
import HTTPTypes
import Settings

/// Telegram's Bot API, by webhook.
///
/// Deliveries are not signed: each carries the secret that was given to setWebhook. Telegram repeats what is not
/// answered 2xx for a while and then gives it up, one update after the other, so everything authentic is answered 200.
struct TelegramMessenger: Messenger {
    private let secret: [UInt8]
    private let reader: TelegramReader

    let medium = Medium.telegram

    init(_ account: TelegramAccount) {
        secret = Authentication.digest(account.secret.value)
        // A token is the bot's account, a colon, and the secret part.
        reader = TelegramReader(bot: Int64(account.token.value.prefix { $0 != ":" }))
    }

    func prove(_ delivery: Delivery) throws(Problem) {
        guard let header = HTTPField.Name("X-Telegram-Bot-Api-Secret-Token"), let given = delivery.headers[header],
            given.utf8.count <= 256, Authentication.equal(Authentication.digest(given), secret)
        else { throw Problem(.unauthorized, "the secret token is missing or wrong") }
    }

    func read(_ delivery: Delivery) throws(UnreadableDelivery) -> [ChatEvent] { try reader.events(in: delivery.body) }
}
