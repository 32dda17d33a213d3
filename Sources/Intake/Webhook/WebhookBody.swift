/// The body of the generic webhook as it stands on the wire (contract, section 3).
struct WebhookBody: Decodable {
    struct From: Decodable {
        var name: String?
        var email: String?
        var phone: String?
        var fiscalCode: String?

        private enum CodingKeys: String, CodingKey {
            case name, email, phone
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

/// A form's field: nested values are joined with dots, lists with a comma.
enum FieldValue: Decodable {
    case leaf(String)
    case nested([String: FieldValue])
    case list([FieldValue])

    init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count < 16 else {
            throw DecodingError.typeMismatch(
                FieldValue.self, .init(codingPath: decoder.codingPath, debugDescription: "nested too deeply"))
        }
        // Nearly every field is a text, and a failed attempt costs more than a successful one.
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self = .leaf(text)
            return
        }
        if let members = try? [String: FieldValue](from: decoder) {
            self = .nested(members)
            return
        }
        if let values = try? [FieldValue](from: decoder) {
            self = .list(values)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .leaf("")
        } else if let flag = try? value.decode(Bool.self) {
            self = .leaf(flag ? "true" : "false")
        } else if let number = try? value.decode(Int64.self) {
            self = .leaf(String(number))
        } else {
            guard let number = try? value.decode(Double.self) else {
                throw DecodingError.dataCorruptedError(in: value, debugDescription: "no text, number, list or object")
            }
            self = .leaf(number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number))
        }
    }

    func flatten(into fields: inout [String: String], under name: String) {
        switch self {
        case .leaf(let text): fields[name] = text
        case .nested(let members):
            for (member, value) in members {
                value.flatten(into: &fields, under: name.isEmpty ? member : "\(name).\(member)")
            }
        case .list(let values):
            var leaves: [String] = []
            for (index, value) in values.enumerated() {
                if case .leaf(let text) = value {
                    leaves.append(text)
                } else {
                    value.flatten(into: &fields, under: "\(name).\(index)")
                }
            }
            if !leaves.isEmpty { fields[name] = leaves.joined(separator: ", ") }
        }
    }
}
