/// The body of the generic webhook as it stands on the wire (contract, section 3).
struct WebhookBody: Decodable {
    struct From: Decodable {
        var name: String?
        var email: String?
        var phone: String?
        var fiscalCode: String?
        var contact: String?

        private enum CodingKeys: String, CodingKey {
            case name, email, phone, contact
            case fiscalCode = "fiscal_code"
        }
    }
    struct Place: Decodable {
        var lat: Double?
        var lon: Double?
        var address: String?
    }
    struct File: Decodable {
        var name: String?
        var type: String?
        var content: String
    }

    /// Required; optional here so that `explain` can do without.
    var id: String?
    var sentAt: String?
    var from: From?
    var subject: String?
    var text: String
    var language: String?
    var location: Place?
    var attachments: [File]?
    var fields: [String: FieldValue]?

    private enum CodingKeys: String, CodingKey {
        case id, from, subject, text, language, location, attachments, fields
        case sentAt = "sent_at"
    }
}
