import Civic
import Foundation
import HTTPTypes
import Settings

/// SMS and MMS, as Twilio delivers them, and whoever speaks its protocol.
///
/// A long SMS comes in one piece: Twilio puts its segments together. The same address takes what citizens write and
/// what became of ours (`MessageStatus`). Nobody proves a sender's number: it can be forged, so it is only declared.
/// Source: twilio.com/docs/messaging/guides/webhook-request, track-outbound-message-status.
struct TwilioMessenger: Messenger {
    let medium = Medium.sms
    private let account: SMSAccount
    private let signature: TwilioSignature?

    init(_ account: SMSAccount) {
        self.account = account
        signature = TwilioSignature(token: account.token.value)
    }

    /// TwiML that says nothing: answers go through the API, where they are on record.
    var answer: (type: String, body: String) {
        ("text/xml; charset=utf-8", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>")
    }

    func prove(_ delivery: Delivery) throws(Problem) {
        let form = TwilioMessenger.isForm(delivery) ? try FormBody(delivery.body, type: TwilioMessenger.form) : nil
        guard let given = delivery.headers[.twilioSignature], given.utf8.count <= 100, let signature,
            signature.accepts(given, url: address(of: delivery), form: form, body: delivery.body)
        else { throw Problem(.unauthorized, "X-Twilio-Signature is missing or wrong") }
    }

    func read(_ delivery: Delivery) throws(UnreadableDelivery) -> [ChatEvent] {
        let words = try parameters(delivery)
        guard !words.members.isEmpty else { throw UnreadableDelivery("it has no parameters") }
        guard let id = words["MessageSid"].text ?? words["SmsSid"].text ?? words["SmsMessageSid"].text else {
            return [.ignored(words, words["EventType"].text ?? "no message")]
        }
        let state = words["MessageStatus"].text ?? words["SmsStatus"].text ?? "received"
        guard ["received", "receiving"].contains(state) else { return [receipt(id, state, words)] }
        guard isOurs(words) else { return [.ignored(words, "another number")] }
        return [message(id, words)]
    }

    // MARK: The request

    private static let form = "application/x-www-form-urlencoded"

    private static func isForm(_ delivery: Delivery) -> Bool {
        delivery.headers[.contentType]?.lowercased().hasPrefix(form) ?? false
    }

    /// The configured address, with the query that came: behind a proxy it is not the one that we see.
    private func address(of delivery: Delivery) -> String {
        guard let url = account.url else { return delivery.url }
        return url + (delivery.url.firstIndex(of: "?").map { String(delivery.url[$0...]) } ?? "")
    }

    private func parameters(_ delivery: Delivery) throws(UnreadableDelivery) -> LooseJSON {
        guard TwilioMessenger.isForm(delivery) else { return try LooseJSON(delivery.body) }
        do throws(Problem) {
            let fields = try FormBody(delivery.body, type: TwilioMessenger.form).fields
            return .object(Dictionary(fields.map { ($0.name, .text($0.value)) }) { first, _ in first })
        } catch {
            throw UnreadableDelivery(error.detail)
        }
    }

    /// One address may serve several numbers of an account.
    private func isOurs(_ words: LooseJSON) -> Bool {
        if account.from.hasPrefix("MG") {
            return words["MessagingServiceSid"].text.map { $0 == account.from } ?? true
        }
        guard let to = words["To"].text else { return true }
        return to == account.from || PhoneNumber(to).map { $0 == PhoneNumber(account.from) } ?? false
    }

    // MARK: What it says

    private func receipt(_ id: String, _ state: String, _ words: LooseJSON) -> ChatEvent {
        switch state {
        case "delivered": return .receipt(ChatReceipt(messageID: id, state: .delivered))
        case "read": return .receipt(ChatReceipt(messageID: id, state: .read))
        case "undelivered", "failed":
            let code = words["ErrorCode"].text.flatMap { Int($0) }
            return .receipt(
                ChatReceipt(messageID: id, state: .failed, reason: TwilioMessenger.reason(state, code: code)))
        default: return .ignored(words, state)
        }
    }

    /// In a few words; the numbers are those of twilio.com/docs/api/errors.
    private static func reason(_ state: String, code: Int?) -> String {
        guard let code else { return "SMS: \(state)" }
        let words =
            switch code {
            case 30003: "the telephone cannot be reached"
            case 30004: "the citizen or the operator blocks messages"
            case 30005: "the number does not exist"
            case 30006: "a landline, or an operator that takes no SMS"
            case 30007: "filtered by the operator"
            default: state
            }
        return "SMS: \(words) (\(code))"
    }

    private func message(_ id: String, _ words: LooseJSON) -> ChatEvent {
        let from = words["From"].text ?? ""
        // Twilio brings WhatsApp and RCS in the same form: `whatsapp:+39…`.
        let prefix = ["whatsapp:", "rcs:", "messenger:"].first(where: from.hasPrefix) ?? ""
        let phone = PhoneNumber(String(from.dropFirst(prefix.count)))?.text
        var message = ChatMessage(
            id: id, chat: phone.map { prefix + $0 } ?? TwilioMessenger.chat(from, id), account: phone ?? from)
        message.phone = phone
        message.name = words["ProfileName"].text
        message.text = words["Body"].text ?? ""
        if let point = MetaWords.point(words["Latitude"], words["Longitude"]) {
            message.location = Location(point: point, address: words["Address"].text)
        }
        for number in 0..<max(0, min(words["NumMedia"].integer ?? 0, 10)) {
            guard let url = words["MediaUrl\(number)"].text else { continue }
            message.media.append(
                ChatMedia(
                    reference: url, type: words["MediaContentType\(number)"].text ?? "application/octet-stream"))
        }
        switch words["OptOutType"].text {
        case "STOP": return .command(.stop, message)
        case "START": return .command(.start, message)
        case "HELP": return .command(.help, message)
        default: break
        }
        if let payload = words["ButtonPayload"].text, let command = ButtonPress.command(payload) {
            return .command(command, message)
        }
        if message.media.isEmpty, let command = ConsentWords.command(in: message.text) {
            return .command(command, message)
        }
        return .message(message)
    }

    /// A sender of letters (`POSTE INFO`) cannot be answered, and still has its chat.
    private static func chat(_ from: String, _ id: String) -> String {
        let name = String(from.prefix(64).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") ? $0 : "_" })
        return name.contains { $0 != "_" } ? name : id
    }
}

extension HTTPField.Name {
    fileprivate static let twilioSignature = HTTPField.Name("x-twilio-signature")!
}
