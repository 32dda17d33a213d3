import Civic
import Foundation

/// What a POST says: its form, and its address's query where the form is silent.
///
/// GeoReport v2: a parameter that is empty counts as absent.
struct Open311Form {
    private(set) var fields: [(name: String, value: String)]
    private(set) var files: [FormBody.File]

    init(_ form: FormBody, query: FormBody = FormBody(fields: [])) {
        let said = Set(form.fields.lazy.filter { !$0.value.isEmpty }.map(\.name))
        fields = form.fields + query.fields.filter { !said.contains($0.name) }
        fields = fields.filter { !$0.value.isEmpty }.map { ($0.name.storable, $0.value.storable) }
        files = form.files
    }

    /// The first value of that name.
    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { fields.lazy.filter { $0.name == name }.map(\.value) }

    /// The answers to a form's questions, by the attribute's code: `attribute[CODE]`, or `attribute[CODE][]` for each of
    /// several.
    var attributes: [(code: String, values: [String])] {
        var order: [String] = []
        var values: [String: [String]] = [:]
        for (name, value) in fields {
            guard let code = Open311Form.attributeCode(name) else { continue }
            if values[code] == nil { order.append(code) }
            values[code, default: []].append(value)
        }
        return order.map { ($0, values[$0] ?? []) }
    }

    static func attributeCode(_ name: String) -> String? {
        guard name.hasPrefix("attribute["), let end = name.firstIndex(of: "]") else { return nil }
        let code = name[name.index(name.startIndex, offsetBy: 10)..<end]
        let rest = name[name.index(after: end)...]
        return !code.isEmpty && (rest.isEmpty || rest == "[]") ? String(code) : nil
    }

    // MARK: Files

    /// The files, those among them that a `media_url` holds itself (RFC 2397), and the addresses of the others.
    var media: (files: [Attachment], addresses: [String]) {
        var attachments = files.map { Attachment(name: $0.name.storable, type: $0.type.storable, content: $0.content) }
        var addresses: [String] = []
        for address in all("media_url") + all("media_url[]") {
            if address.prefix(5).lowercased() == "data:", let file = Open311Form.file(inside: address) {
                attachments.append(file)
            } else {
                addresses.append(address)
            }
        }
        return (attachments, addresses)
    }

    /// `data:image/jpeg;base64,…`
    private static func file(inside address: String) -> Attachment? {
        guard let comma = address.firstIndex(of: ",") else { return nil }
        let head = address[address.index(address.startIndex, offsetBy: 5)..<comma].split(separator: ";")
        guard head.last?.lowercased() == "base64",
            let content = Data(base64Encoded: String(address[address.index(after: comma)...])), !content.isEmpty
        else { return nil }
        let type = head.count > 1 ? String(head[0]) : "application/octet-stream"
        return Attachment(name: "", type: type, content: Array(content))
    }

    // MARK: What is kept

    /// The form as it is kept, in one order whatever the sender's: with the key's name instead of the key.
    ///
    /// The same report sent again gives the same bytes.
    func kept(from sender: String) -> [UInt8] {
        let named = fields.filter { $0.name != "api_key" } + [("api_key", sender)]
        // The order of several values of one name means something; that of the names does not.
        let sorted = named.enumerated().sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }
            .map(\.element)
        var text = Array(sorted.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&").utf8)
        // It would be read as the first line of the other format.
        if text.starts(with: [0x2D, 0x2D]) { text.replaceSubrange(..<1, with: Array("%2D".utf8)) }
        guard !files.isEmpty else { return text }
        let boundary = Open311Form.boundary(text + files.flatMap { Authentication.digest(bytes: $0.content) })
        var bytes: [UInt8] = []
        func part(_ disposition: String, _ type: String?, _ content: some Sequence<UInt8>) {
            bytes += Array("--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n".utf8)
            if let type { bytes += Array("Content-Type: \(oneLine(type))\r\n".utf8) }
            bytes += Array("\r\n".utf8) + content + Array("\r\n".utf8)
        }
        for (name, value) in sorted { part("name=\"\(quoted(name))\"", nil, value.utf8) }
        for file in files {
            part("name=\"\(quoted(file.field))\"; filename=\"\(quoted(file.name))\"", file.type, file.content)
        }
        return bytes + Array("--\(boundary)--\r\n".utf8)
    }

    /// Reads what `kept` wrote, or any form.
    /// - Throws: `Problem` 400.
    static func reading(_ kept: [UInt8]) throws(Problem) -> Open311Form {
        guard kept.starts(with: [0x2D, 0x2D]) else {
            return Open311Form(try FormBody(kept, type: "application/x-www-form-urlencoded"))
        }
        let boundary = String(decoding: kept.dropFirst(2).prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
        // Our quotes take more room than the sender's.
        return Open311Form(
            try FormBody(kept, type: "multipart/form-data; boundary=\"\(boundary)\"", header: kept.count))
    }

    private static func boundary(_ content: [UInt8]) -> String {
        "pasquino-" + Authentication.digest(bytes: content).prefix(20).map(hexadecimal).joined()
    }

    private func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }

    private func quoted(_ text: String) -> String {
        oneLine(text).replacing("\"", with: "%22").replacing("\\", with: "%5C")
    }

    private func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: out.unicodeScalars.append(.init(byte))
            case 0x20: out += "+"
            default: out += "%" + hexadecimal(byte).uppercased()
            }
        }
        return out
    }
}

/// Two digits.
private func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

/// The same content within a day is the same message: who got no answer sends again (FixMyStreet after five minutes).
struct Open311Fingerprint: Hashable {
    static let window = Duration.seconds(86_400)

    /// As of now, and as it would have been of an earlier day that is still within the window.
    let now: String
    let before: String
    let since: Timestamp

    init(_ kept: [UInt8], at now: Timestamp) {
        let hash = Authentication.digest(bytes: kept).map(hexadecimal).joined()
        let day = now.seconds / 86_400
        self.now = "\(hash)@\(day)"
        before = "\(hash)@\(day - 1)"
        since = now + (.zero - Open311Fingerprint.window)
    }
}
