import Civic
import Crypto
import Foundation
import HTTPTypes
import Settings

/// WhatsApp, Messenger and Instagram, as Meta delivers them.
///
/// | of Meta | here |
/// |---|---|
/// | the verification request | the challenge comes back if it names our word (constant time), else 403 |
/// | `X-Hub-Signature-256` | HMAC-SHA256 by one of the app's secrets over the bytes as they came: Meta signs its escaped form |
/// | a batch | each event for itself; one that is odd does not spoil the others |
/// | another number's, page's or account's | ignored: an app has one address for all of them |
/// | delivered again | the same ids: wamid, mid, and a digest of what has none |
///
/// Source: developers.facebook.com, Graph API webhooks; WhatsApp Cloud API and Messenger Platform webhook references.
struct MetaMessenger: Messenger {
    let medium: Medium
    /// Of the number, page or account.
    private let account: String
    private let keys: [SymmetricKey]
    /// A digest: comparing takes the same time whatever was sent.
    private let verifyToken: [UInt8]

    init(_ settings: MetaAccount, medium: Medium) {
        self.medium = medium
        account = settings.id
        keys = settings.appSecrets.map(\.value).filter { !$0.isEmpty }.map { SymmetricKey(data: Array($0.utf8)) }
        verifyToken = Authentication.digest(settings.verifyToken.value)
    }

    func challenge(_ query: FormBody) throws(Problem) -> String? {
        guard query["hub.mode"] == "subscribe", let given = query["hub.verify_token"], !given.isEmpty,
            Authentication.equal(Authentication.digest(given), verifyToken),
            let challenge = query["hub.challenge"], challenge.utf8.count <= 1024
        else { throw Problem(.forbidden, "the verify token is missing or wrong") }
        return challenge
    }

    func prove(_ delivery: Delivery) throws(Problem) {
        guard let header = delivery.headers[.hubSignature], let given = MetaMessenger.signature(header) else {
            throw MetaMessenger.unproven
        }
        // All of them are tried, so that the time does not tell which one signed.
        let matching = keys.filter {
            Authentication.equal(Array(HMAC<SHA256>.authenticationCode(for: delivery.body, using: $0)), given)
        }
        guard !matching.isEmpty else { throw MetaMessenger.unproven }
    }

    func read(_ delivery: Delivery) throws(UnreadableDelivery) -> [ChatEvent] {
        let json = try LooseJSON(delivery.body)
        guard case .list(let entries) = json["entry"] else { throw UnreadableDelivery("it has no list of entries") }
        guard json["object"].text == object else {
            return [.ignored(json, "object \(json["object"].text ?? "missing")")]
        }
        let events = entries.flatMap { entry in
            medium == .whatsapp
                ? WhatsAppReader(number: account).events(of: entry) : PageReader(page: account).events(of: entry)
        }
        return events.isEmpty ? [.ignored(json, "nothing")] : events
    }

    private var object: String {
        switch medium {
        case .whatsapp: "whatsapp_business_account"
        case .instagram: "instagram"
        default: "page"
        }
    }

    private static let unproven = Problem(.unauthorized, "X-Hub-Signature-256 is missing or wrong")

    /// The 32 bytes of `sha256=` and hexadecimal digits.
    private static func signature(_ header: String) -> [UInt8]? {
        guard header.hasPrefix("sha256=") else { return nil }
        return HexDigits.bytes(header.dropFirst(7), count: SHA256.byteCount)
    }
}

enum HexDigits {
    static func bytes(_ text: some StringProtocol, count: Int) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 2 * count else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}

extension HTTPField.Name {
    fileprivate static let hubSignature = HTTPField.Name("x-hub-signature-256")!
}
