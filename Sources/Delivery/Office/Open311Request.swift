import Civic
import Settings
import Store

/// A ticket as GeoReport v2's `POST requests` takes it, form-encoded.
public enum Open311Request {
    /// Characters of a description (GeoReport v2).
    static let longest = 4000

    /// - Parameter city: its name; the description ends with it and our ticket's code, by which the request is found
    ///   again.
    public static func fields(
        _ task: OfficeTask, service: String, settings: OfficeOpen311, city: String
    ) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { fields.append((name, value)) }
        }
        add("api_key", settings.key?.value)
        add("jurisdiction_id", settings.jurisdiction)
        add("service_code", service)
        if let point = task.location?.point {
            add("lat", degrees(point.latitude))
            add("long", degrees(point.longitude))
        }
        add("address_string", (task.location?.address).map(PlainText.singleLine))
        add("description", description(task, city: city))
        if settings.sharesContact {
            add("email", task.email)
            add("phone", task.phone)
        }
        return fields
    }

    /// What our requests' descriptions have, and no quotation of a code.
    static func markStart(_ code: String) -> String { "[\(code), " }

    /// The citizen's words, the note with which the ticket is handed on, and whose ticket it is.
    static func description(_ task: OfficeTask, city: String) -> String {
        let end = "\(markStart(task.ticket.code))\(city)]"
        let subject = task.ticket.subject.map(PlainText.singleLine)
        let text = task.ticket.text.map { PlainText.lines($0).joined(separator: "\n") }
        let parts = [subject, text, task.event.note.map { PlainText.lines($0).joined(separator: "\n") }]
        let words = parts.compactMap(\.self).filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n\n")
        let room = longest - end.utf16.count - 2
        return words.isEmpty ? end : PlainText.shortened(words, toUTF16: room) + "\n\n" + end
    }

    /// Six digits, a tenth of a metre; never with an exponent.
    static func degrees(_ value: Double) -> String {
        let scaled = Int64((abs(value) * 1_000_000).rounded())
        let fraction = String(scaled % 1_000_000)
        return (value < 0 && scaled > 0 ? "-" : "") + "\(scaled / 1_000_000)."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// `application/x-www-form-urlencoded` in UTF-8.
    public static func encoded(_ fields: [(name: String, value: String)]) -> [UInt8] {
        Array(fields.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&").utf8)
    }

    /// All but RFC 3986's unreserved characters as %XX.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
