import Civic
import Foundation
import Settings

/// A form as a citizen's report: checked, and made a message.
struct Open311Report {
    let form: Open311Form
    let server: Open311Server

    /// - Parameters:
    ///   - key: whose it is.
    ///   - text: the longest, in characters.
    /// - Throws: 404 for a service that is not offered; 400 with every other fault.
    func message(
        from key: Open311Intake.Key?, externalID: String, text longest: Int, now: Timestamp
    ) throws(Open311Failure) -> Message {
        guard let code = form["service_code"] else { throw .wrong("service_code: it is missing") }
        guard server.offers(code), let category = server.categories[code] else {
            throw .unknown("service_code: it is not offered here")
        }
        var faults: [String] = []
        let location = location(&faults)
        let sender = sender(attested: key?.attests ?? [], &faults)
        checkAnswers(category, &faults)
        let fields = fields(&faults)
        let media = form.media
        let text = form["description"] ?? server.name(category.names, or: code)
        if text.unicodeScalars.count > longest {
            faults.append("description: it is longer than \(longest) characters")
        }
        guard faults.isEmpty else { throw Open311Failure(.badRequest, faults) }
        return Message(
            id: .timeOrdered(at: now), channel: server.channel.name, externalID: externalID, receivedAt: now,
            sender: sender, text: text, location: location, attachments: media.files,
            fields: fields.merging(
                media.addresses.isEmpty ? [:] : ["media_url": media.addresses.joined(separator: " ")]
            ) {
                $1
            }, declaredCategory: code)
    }

    // MARK: Place

    private func location(_ faults: inout [String]) -> Location? {
        var point: GeoPoint?
        switch (form["lat"], form["long"]) {
        case (nil, nil): break
        case (_?, nil): faults.append("long: it is missing beside lat")
        case (nil, _?): faults.append("lat: it is missing beside long")
        case (let lat?, let long?):
            let latitude = degrees(lat, "lat", 90, &faults)
            let longitude = degrees(long, "long", 180, &faults)
            if let latitude, let longitude { point = GeoPoint(latitude: latitude, longitude: longitude) }
        }
        let address = form["address_string"]
        if point == nil, address == nil, form["address_id"] == nil, form["lat"] == nil, form["long"] == nil {
            faults.append("lat and long, address_string or address_id: a place is missing")
        }
        return point == nil && address == nil ? nil : Location(point: point, address: address)
    }

    private func degrees(_ text: String, _ name: String, _ most: Double, _ faults: inout [String]) -> Double? {
        guard let value = Open311Report.number(text), abs(value) <= most else {
            faults.append("\(name): expected degrees from -\(Int(most)) to \(Int(most))")
            return nil
        }
        return value
    }

    /// A plain decimal number; Swift's reader would also take `0x1p3`, `nan` and `inf`.
    static func number(_ text: String) -> Double? {
        let text = text.trimmingSpaces
        guard text.utf8.count <= 40, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    // MARK: Who

    private func sender(attested: Set<IdentityKind>, _ faults: inout [String]) -> Sender {
        let person = Open311Person(form)
        if person.hasBadEmail { faults.append("email: it is not an e-mail address in ASCII letters") }
        return person.sender(attested: attested)
    }

    // MARK: Answers

    private func checkAnswers(_ category: Category, _ faults: inout [String]) {
        let answers = form.attributes
        for attribute in category.attributes {
            guard let values = answers.first(where: { $0.code == attribute.code })?.values else {
                if attribute.isRequired { faults.append("attribute[\(attribute.code)]: it is missing") }
                continue
            }
            if values.count > 1, attribute.kind != .multivaluelist {
                faults.append("attribute[\(attribute.code)]: expected one value")
            } else if !values.allSatisfy(attribute.takes) {
                faults.append("attribute[\(attribute.code)]: expected \(attribute.expectation)")
            }
        }
    }

    /// What the rules see beside the text: the answers, and whatever else was sent.
    private func fields(_ faults: inout [String]) -> [String: String] {
        var all: [String: [String]] = [:]
        for (name, value) in form.fields {
            if let code = Open311Form.attributeCode(name) {
                all[code, default: []].append(value)
            } else if !Open311Report.known.contains(name), !(name == "address_id" && value == "#NOTPINPOINTED#") {
                all[name, default: []].append(value)
            }
        }
        if let phone = form["phone"], PhoneNumber(phone) == nil { all["phone"] = [phone] }
        if all.keys.contains(where: { $0.unicodeScalars.count > FieldTable.nameLength }) {
            faults.append("a parameter's name is longer than \(FieldTable.nameLength) characters")
        }
        return all.mapValues { $0.joined(separator: ", ") }
    }

    /// Parameters that are told elsewhere in the message.
    private static let known: Set<String> = [
        "api_key", "jurisdiction_id", "service_code", "lat", "long", "address_string", "email", "first_name",
        "last_name", "phone", "description", "media_url", "media_url[]",
    ]
}

/// Who speaks, as the form says.
struct Open311Person {
    private let name: String?
    private let email: EmailAddress?
    private let phone: PhoneNumber?
    let hasBadEmail: Bool

    init(_ form: Open311Form) {
        // FixMyStreet writes a hyphen where there is no last name.
        let names = [form["first_name"], form["last_name"]].compactMap { $0?.trimmingSpaces }.filter {
            !["", "-"].contains($0)
        }
        name = names.isEmpty ? nil : String(names.joined(separator: " ").prefix(200))
        let given = form["email"].map { (text: $0, address: EmailAddress($0)) }
        let isNobody = given.map { Open311Person.isNobody($0.text) } ?? true
        email = isNobody ? nil : given?.address.flatMap { $0.isASCII ? $0 : nil }
        hasBadEmail = !isNobody && email == nil
        phone = form["phone"].flatMap { PhoneNumber($0) }
    }

    func sender(attested: Set<IdentityKind>) -> Sender {
        Sender(name: name, email: email?.text, phone: phone?.text, attested: attested)
    }

    /// Systems that must give an address and have none: `do-not-reply@fixmystreet.example`.
    private static func isNobody(_ email: String) -> Bool {
        let local = email.prefix { $0 != "@" }.lowercased().filter { $0.isLetter }
        return ["donotreply", "noreply"].contains(local)
    }
}

extension Category.Attribute {
    func takes(_ value: String) -> Bool {
        switch kind {
        case .string, .text: true
        case .number: Open311Report.number(value.replacing(",", with: ".")) != nil
        case .datetime: isMoment(value)
        case .singlevaluelist, .multivaluelist: values.contains { $0.key == value }
        }
    }

    var expectation: String {
        switch kind {
        case .string, .text: "text"
        case .number: "a number"
        case .datetime: "a time such as 2026-11-21T09:30:00Z, or a day"
        case .singlevaluelist, .multivaluelist: "one of \(values.map(\.key).joined(separator: ", "))"
        }
    }

    /// A day, with or without a time, as a browser's form or RFC 3339 has it.
    private func isMoment(_ text: String) -> Bool {
        if Timestamp(rfc3339: text) != nil { return true }
        let day = text.prefix(10)
        let time = text.dropFirst(10)
        guard CivilDate(String(day)) != nil else { return false }
        guard let mark = time.first else { return true }
        let parts = time.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        return (mark == "T" || mark == " ") && (2...3).contains(parts.count)
            && zip(parts, [23, 59, 60]).allSatisfy { part, most in
                part.utf8.count == 2 && (Int(part).map { (0...most).contains($0) } ?? false)
            }
    }
}

extension StringProtocol {
    var trimmingSpaces: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
