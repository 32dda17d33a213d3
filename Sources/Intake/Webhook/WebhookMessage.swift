import Civic
import Foundation

extension WebhookBody {
    /// What a message may be at most.
    struct Bounds: Equatable {
        var text: Int
        var attachments: Int
    }

    /// Checks every member and makes the message.
    /// - Throws: `Problem` 422 with the pointer of the first member at fault.
    func message(
        channel: String, attests: Set<IdentityKind>, bounds: Bounds, now: Timestamp
    ) throws(Problem) -> Message {
        guard let id else { throw .invalid("/id", "the member is missing") }
        guard !id.isEmpty, id.utf8.count <= 500, !id.utf8.contains(0) else {
            throw .invalid("/id", "expected 1 to 500 bytes without U+0000")
        }
        guard !text.isEmpty else { throw .invalid("/text", "the text is empty") }
        guard text.unicodeScalars.count <= bounds.text else {
            throw .invalid("/text", "the text is longer than \(bounds.text) characters")
        }
        let fields = try FieldTable(self.fields ?? [:])
        return Message(
            id: .timeOrdered(at: now), channel: channel, externalID: id, receivedAt: now, sentAt: try checkedSentAt(),
            sender: try sender(attests: attests), subject: subject.flatMap { $0.isEmpty ? nil : $0.storable },
            text: text.storable, language: try checkedLanguage(), location: try checkedLocation(),
            attachments: try WebhookBody.decoded(attachments ?? [], most: bounds.attachments),
            fields: fields.values)
    }

    private func checkedSentAt() throws(Problem) -> Timestamp? {
        guard let sentAt else { return nil }
        guard let time = Timestamp(rfc3339: sentAt) else {
            throw .invalid("/sent_at", "expected a time as in RFC 3339, such as 2026-11-21T09:30:00Z")
        }
        return time
    }

    private func sender(attests: Set<IdentityKind>) throws(Problem) -> Sender {
        guard let from else { return Sender() }
        var sender = Sender(name: from.name.flatMap { $0.isEmpty ? nil : String($0.storable.prefix(200)) })
        if let text = from.email, !text.isEmpty {
            guard let email = EmailAddress(text) else { throw .invalid("/from/email", "not an e-mail address") }
            guard email.isASCII else {
                throw .invalid(
                    "/from/email",
                    "letters other than a to z in an e-mail address cannot be written to; a domain may be given as xn--…"
                )
            }
            sender.email = email.text
        }
        if let text = from.phone, !text.isEmpty {
            guard let phone = PhoneNumber(text) else {
                throw .invalid("/from/phone", "not a telephone number; write it with its country code, as +39…")
            }
            sender.phone = phone.text
        }
        if let text = from.fiscalCode, !text.isEmpty {
            guard let code = FiscalCode(text) else {
                throw .invalid("/from/fiscal_code", "not a valid Italian fiscal code (codice fiscale)")
            }
            sender.fiscalCode = code.text
        }
        if let text = from.contact {
            guard let wish = ContactWish(text) else {
                throw .invalid(
                    "/from/contact", "expected one of \(ContactWish.all.map(\.text).joined(separator: ", "))")
            }
            sender.wish = wish
        }
        sender.attested = attests
        return sender
    }

    private func checkedLanguage() throws(Problem) -> String? {
        guard let language, !language.isEmpty else { return nil }
        guard let primary = WebhookBody.language(language) else {
            throw .invalid("/language", "expected a language tag such as it or en")
        }
        return primary
    }

    /// RFC 5646: the primary subtag decides; `it-IT` is `it`. Nil if it is no tag.
    static func language(_ tag: String) -> String? {
        let primary = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
        let isTag = (2...3).contains(primary.utf8.count) && primary.utf8.allSatisfy { (0x61...0x7A).contains($0) }
        return isTag ? primary : nil
    }

    private func checkedLocation() throws(Problem) -> Location? {
        guard let location else { return nil }
        var point: GeoPoint?
        switch (location.lat, location.lon) {
        case (nil, nil): break
        case (let latitude?, let longitude?):
            guard (-90...90).contains(latitude) else { throw .invalid("/location/lat", "expected -90 to 90 degrees") }
            guard (-180...180).contains(longitude) else {
                throw .invalid("/location/lon", "expected -180 to 180 degrees")
            }
            point = GeoPoint(latitude: latitude, longitude: longitude)
        case (nil, _): throw .invalid("/location/lat", "the member is missing")
        case (_, nil): throw .invalid("/location/lon", "the member is missing")
        }
        return Location(point: point, address: location.address.flatMap { $0.isEmpty ? nil : $0.storable })
    }

    static func decoded(_ files: [File], most: Int) throws(Problem) -> [Attachment] {
        guard files.count <= most else { throw .invalid("/attachments", "more than \(most) attachments") }
        var checked: [Attachment] = []
        for (index, file) in files.enumerated() {
            guard let content = Data(base64Encoded: file.content) else {
                throw .invalid("/attachments/\(index)/content", "not base64")
            }
            checked.append(
                Attachment(
                    name: (file.name ?? "").storable, type: (file.type ?? "application/octet-stream").storable,
                    content: Array(content)))
        }
        return checked
    }
}

extension String {
    /// PostgreSQL's text cannot hold U+0000; the raw message keeps it.
    var storable: String {
        utf8.contains(0) ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 })) : self
    }
}
