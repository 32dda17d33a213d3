import Civic
import Foundation
import Settings

/// Makes a message of what a foreign sender posted, by the channel's `fields`. Pure.
///
/// Only a text is indispensable. Foreign senders hear no refusal, so whatever else cannot be understood (an address that
/// is none, a date in words) stays among the message's fields, and `unmapped` says what it was.
struct MessageMapper: Sendable {
    enum Mapped: Sendable {
        /// - notes: what could not be used, for whoever mends the mapping.
        case message(Message, notes: [String])
        /// It is none that the channel takes (`when`, `unless`).
        case ignored(Message, reason: String)

        var message: Message {
            switch self {
            case .message(let message, _), .ignored(let message, _): message
            }
        }
    }

    /// The field that names what could not be used.
    static let unmapped = "unmapped"
    /// Of one field that nobody asked for, in characters; the rest is in the raw message.
    static let fieldLength = 4000

    let channel: Channel
    let mapping: FieldMapping
    let bounds: WebhookBody.Bounds
    let zone: Zone

    init?(_ channel: Channel, bounds: WebhookBody.Bounds, zone: Zone) {
        guard let mapping = channel.mapping else { return nil }
        self.channel = channel
        self.mapping = mapping
        self.bounds = bounds
        self.zone = zone
    }

    /// - Parameter type: the content type as declared; guessed without it.
    /// - Throws: `Problem`: it is no message. It is kept as it came, until the mapping is mended.
    func map(_ body: [UInt8], type: String?, now: Timestamp) throws(Problem) -> Mapped {
        var foreign = try ForeignBody(body, type: type)
        for path in mapping.jsonIn { try foreign.readJSON(at: path) }
        var draft = MappedDraft(data: foreign.data, mapping: mapping, zone: zone, secret: channel.token?.value ?? "")
        // Equal deliveries are one message. What is ignored must not take the id of what will come with the same one.
        let digest = "sha256:" + Authentication.digest(bytes: body).map { hexadecimal($0) }.joined()
        if let reason = draft.refusal {
            return .ignored(
                Message(
                    id: .timeOrdered(at: now), channel: channel.name, externalID: digest, receivedAt: now, text: ""),
                reason: reason)
        }
        guard let text = draft.take(mapping.text, "text") else {
            throw .invalid("", "there is no text: nothing stands where fields.text looks for it")
        }
        var message = Message(
            id: .timeOrdered(at: now), channel: channel.name, externalID: draft.id() ?? digest, receivedAt: now,
            sentAt: draft.sentAt(), sender: draft.sender(attests: channel.attests),
            subject: draft.take(mapping.subject, "subject").map(\.storable), text: draft.bounded(text, bounds.text),
            language: draft.language(), location: draft.location(),
            attachments: foreign.files.map {
                Attachment(name: $0.name.storable, type: $0.type.storable, content: $0.content)
            }
                + draft.files())
        message.fields = draft.fields()
        return .message(message, notes: draft.notes)
    }
}

private func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

/// Foreign data on its way to a message: what was used, and what could not be.
private struct MappedDraft {
    let data: FieldValue
    let mapping: FieldMapping
    let zone: Zone
    /// Jotform posts the address that it calls, and with it the token: no field shows it.
    let secret: String
    private(set) var notes: [String] = []
    private var used: Set<FieldValue.Place> = []

    init(data: FieldValue, mapping: FieldMapping, zone: Zone, secret: String) {
        self.data = data
        self.mapping = mapping
        self.zone = zone
        self.secret = secret
    }

    // MARK: - What the channel takes

    /// Why it is none that the channel takes; without anything of the citizen's in it.
    var refusal: String? {
        if let failed = mapping.when.first(where: { !holds($0) }) { return "the channel takes only \(words(failed))" }
        return mapping.unless.first(where: holds).map { "the channel does not take \(words($0))" }
    }

    private func holds(_ condition: FieldMapping.Condition) -> Bool {
        data.found(at: condition.path).contains { found in
            guard let text = found.value.words?.trimmed else { return condition.values.isEmpty }
            return condition.values.isEmpty ? !text.isEmpty : condition.values.contains(text)
        }
    }

    private func words(_ condition: FieldMapping.Condition) -> String {
        "\(condition.path): \(condition.values.isEmpty ? "true" : condition.values.joined(separator: ", "))"
    }

    // MARK: - Sources

    private struct Found {
        var text: String
        var places: [FieldValue.Place]
    }

    /// The first source that gives something; what it used counts as used.
    mutating func take(_ sources: [FieldSource], _ name: String) -> String? {
        guard let found = find(sources, name) else { return nil }
        used.formUnion(found.places)
        return found.text
    }

    private mutating func find(_ sources: [FieldSource], _ name: String) -> Found? {
        for source in sources {
            switch source {
            case .words(let text): return Found(text: text, places: [])
            case .path(let path): if let found = find(path, name) { return found }
            case .template(let lines):
                var places: [FieldValue.Place] = []
                let texts = lines.compactMap { line -> String? in
                    let values = line.map { piece -> Found in
                        switch piece {
                        case .words(let text): Found(text: text, places: [])
                        case .place(let path): find(path, name) ?? Found(text: "", places: [])
                        }
                    }
                    let hasPlaces = line.contains { if case .place = $0 { true } else { false } }
                    guard !hasPlaces || values.contains(where: { !$0.places.isEmpty }) else { return nil }
                    places += values.flatMap(\.places)
                    return values.map(\.text).joined()
                }
                // Words around nothing are nothing.
                guard !places.isEmpty else { continue }
                return Found(text: texts.joined(separator: "\n").trimmed, places: places)
            }
        }
        return nil
    }

    private mutating func find(_ path: FieldPath, _ name: String) -> Found? {
        var texts: [String] = []
        var places: [FieldValue.Place] = []
        for found in data.found(at: path) {
            guard let text = found.value.words?.trimmed else {
                note("\(name): \(path) is an object; name one of its members")
                continue
            }
            guard !text.isEmpty else { continue }
            texts.append(text)
            places.append(found.place)
        }
        return texts.isEmpty ? nil : Found(text: texts.joined(separator: ", "), places: places)
    }

    private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

    /// A value that must be readable to be used.
    private mutating func read<Value>(
        _ sources: [FieldSource], _ name: String, _ mistake: String, _ body: (String) -> Value?
    ) -> Value? {
        guard let found = find(sources, name) else { return nil }
        guard let value = body(found.text) else {
            note("\(name): \(mistake)")
            return nil
        }
        used.formUnion(found.places)
        return value
    }

    // MARK: - Parts

    mutating func id() -> String? {
        read(mapping.id, "id", "expected 1 to 500 bytes") { $0.utf8.count <= 500 && !$0.utf8.contains(0) ? $0 : nil }
    }

    mutating func bounded(_ text: String, _ most: Int) -> String {
        guard text.unicodeScalars.count > most else { return text.storable }
        note("text: cut after \(most) characters")
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(most))).storable
    }

    mutating func sentAt() -> Timestamp? {
        read(mapping.sentAt, "sent_at", "not a time that can be read") { [zone] in ForeignTime.read($0, zone: zone) }
    }

    mutating func sender(attests: Set<IdentityKind>) -> Sender {
        var sender = Sender(name: take(mapping.name, "name").map { String($0.storable.prefix(200)) })
        sender.email = read(mapping.email, "email", "not an e-mail address that can be written to") {
            EmailAddress($0).flatMap { $0.isASCII ? $0.text : nil }
        }
        sender.phone = read(mapping.phone, "phone", "not a telephone number") { PhoneNumber($0)?.text }
        sender.fiscalCode = read(mapping.fiscalCode, "fiscal_code", "not a valid Italian fiscal code") {
            FiscalCode($0)?.text
        }
        sender.attested = attests
        return sender
    }

    mutating func language() -> String? {
        read(mapping.language, "language", "not a language tag such as it or en") { WebhookBody.language($0) }
    }

    mutating func location() -> Location? {
        let (latitude, longitude) = (find(mapping.latitude, "lat"), find(mapping.longitude, "lon"))
        var point: GeoPoint?
        if let latitude, let longitude, let north = MappedDraft.degrees(latitude.text, 90),
            let east = MappedDraft.degrees(longitude.text, 180)
        {
            used.formUnion(latitude.places + longitude.places)
            point = GeoPoint(latitude: north, longitude: east)
        } else if latitude != nil || longitude != nil {
            note("lat, lon: expected -90 to 90 and -180 to 180 degrees")
        }
        let address = take(mapping.address, "address").map(\.storable)
        return point == nil && address == nil ? nil : Location(point: point, address: address)
    }

    private static func degrees(_ text: String, _ most: Double) -> Double? {
        guard text.utf8.count <= 40 else { return nil }
        // Italy writes 41,9.
        return Double(text.replacing(",", with: ".")).flatMap { (-most...most).contains($0) ? $0 : nil }
    }

    mutating func files() -> [Attachment] {
        guard let files = mapping.files else { return [] }
        var all: [Attachment] = []
        for list in data.found(at: files.list) {
            let elements: [(FieldValue.Place, FieldValue)] =
                if case .list(let elements) = list.value {
                    elements.enumerated().map { (list.place + [String($0.offset)], $0.element) }
                } else { [(list.place, list.value)] }
            for (place, element) in elements {
                if let file = file(element, at: place, files) { all.append(file) }
            }
        }
        return all
    }

    private mutating func file(
        _ element: FieldValue, at place: FieldValue.Place, _ files: FieldMapping.Files
    ) -> Attachment? {
        func first(_ path: FieldPath?) -> (place: FieldValue.Place, text: String)? {
            path.flatMap { element.found(at: $0).first }.flatMap { found in
                found.value.words.map { (place + found.place, $0.trimmed) }
            }
        }
        let content =
            files.content == nil ? element.words.map { (place: place, text: $0.trimmed) } : first(files.content)
        guard let content, !content.text.isEmpty else { return nil }
        guard let (type, bytes) = MappedDraft.decoded(content.text) else {
            let isAddress = content.text.prefix(20).contains("://")
            note("attachments: \(isAddress ? "an address, which is not fetched" : "not base64")")
            return nil
        }
        used.insert(content.place)
        return Attachment(
            name: (first(files.name)?.text ?? "").storable,
            type: (first(files.type)?.text ?? type ?? "application/octet-stream").storable, content: bytes)
    }

    /// Base64, which some break into lines, or `data:image/png;base64,…` (RFC 2397).
    private static func decoded(_ text: String) -> (type: String?, bytes: [UInt8])? {
        var base64 = text[...]
        var type: String?
        if text.hasPrefix("data:") {
            guard let comma = text.utf8.prefix(300).firstIndex(of: UInt8(ascii: ",")) else { return nil }
            let head = text[..<comma].dropFirst(5)
            guard head.hasSuffix(";base64") else { return nil }
            type = head.prefix { $0 != ";" }.isEmpty ? nil : String(head.prefix { $0 != ";" })
            base64 = text[text.utf8.index(after: comma)...]
        }
        let bytes = Data(base64.utf8.filter { $0 > 0x20 })
        return Data(base64Encoded: bytes).map { (type, Array($0)) }
    }

    // MARK: - Fields

    mutating func fields() -> [String: String] {
        var fields: [String: String] = [:]
        for (name, sources) in mapping.fields.sorted(by: { $0.key < $1.key }) {
            if let text = take(sources, name) { fields[name.storable] = text.storable }
        }
        if mapping.keepsRest {
            for (name, text) in data.rest(without: used) {
                let name = (name.isEmpty ? "value" : name).storable
                guard fields.count < FieldTable.most, name.unicodeScalars.count <= FieldTable.nameLength,
                    fields[name] == nil, secret.isEmpty || !text.contains(secret)
                else { continue }
                let isLong = text.unicodeScalars.count > MessageMapper.fieldLength
                let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(MessageMapper.fieldLength)))
                fields[name] = (isLong ? cut + "…" : text).storable
            }
        }
        if !notes.isEmpty { fields[MessageMapper.unmapped] = notes.prefix(20).joined(separator: "; ").storable }
        return fields
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
