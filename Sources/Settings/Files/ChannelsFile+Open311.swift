import Civic
import Rules

/// What a channel of type open311 says that others must confirm.
struct Open311Names {
    var offices: [Placed<String>] = []
    var services: [Placed<String>] = []

    init() {}

    init(_ fields: Fields) {
        guard fields.text("type") == "open311", let own = fields.fields("open311", Shapes.open311) else { return }
        offices = lists(own, "keys", Shapes.open311Sender).compactMap { $0.placed("office") }
        services = own.texts("services")
    }
}

extension Channel.Kind {
    /// - Parameter isOpen: a closed channel's keys need not be there.
    /// - Returns: nil if it lacks what it cannot do without; that was said.
    init?(open311 name: String, _ fields: Fields, isOpen: Bool) {
        guard fields["open311"] != nil else {
            fields.reader.error(
                "the channel \(name) of type open311 needs the key open311: \(Shapes.open311Key.meaning)",
                at: fields.place)
            return nil
        }
        guard let own = fields.fields("open311", Shapes.open311) else { return nil }
        self = .open311(Open311Intake(own, isOpen: isOpen))
    }
}

extension Open311Intake {
    fileprivate init(_ fields: Fields, isOpen: Bool) {
        func text(_ key: String) -> String? { fields.expanded(key).flatMap { $0.isEmpty ? nil : $0 } }
        self.init(
            jurisdiction: text("jurisdiction"), contact: text("contact") ?? "", keyService: text("key_service") ?? "")
        answer = fields.text("type").flatMap(Answer.init) ?? answer
        publication = fields.text("publish").flatMap(Publication.init) ?? publication
        tickets = fields.text("tickets").flatMap(Tickets.init) ?? tickets
        isProduction = fields.flag("production") ?? true
        services = fields.texts("services").map(\.value)
        for entry in lists(fields, "keys", Shapes.open311Sender) {
            guard let name = entry.placed("name") else { continue }
            if !isCode(name.value) { fields.reader.error(badCode("name", name.value), at: name.place) }
            if keys.contains(where: { $0.name == name.value }) {
                fields.reader.error("there is a key \(name.value) already: names are unique", at: name.place)
            }
            guard isOpen else { continue }
            let secret = entry.secret("key")
            if let secret, !secret.value.isEmpty, keys.contains(where: { $0.key.value == secret.value }) {
                fields.reader.error("the key of \(name.value) is another's too: give each its own", at: name.place)
            }
            keys.append(
                Key(
                    name: name.value, key: secret ?? Secret(""),
                    attests: Set(entry.texts("attests").compactMap { IdentityKind(rawValue: $0.value) }),
                    office: entry.text("office")))
        }
    }
}

extension CategoriesFile {
    /// What a form asks on a topic.
    func attributes(_ topic: Fields, language: String) -> [Civic.Category.Attribute] {
        var attributes: [Civic.Category.Attribute] = []
        for fields in lists(topic, "attributes", Shapes.attribute) {
            guard let code = fields.placed("code"),
                let kind = fields.text("datatype").flatMap(
                    Civic.Category.Attribute.Kind.init)
            else { continue }
            let reader = fields.reader
            if !isAttributeCode(code.value) {
                reader.error("code: expected 1 to 64 of A-Z a-z 0-9 - _, found \(code.value)", at: code.place)
            }
            if attributes.contains(where: { $0.code == code.value }) {
                reader.error("there is an attribute \(code.value) already: codes are unique", at: code.place)
            }
            var values: [Civic.Category.Attribute.Value] = []
            for value in lists(fields, "values", Shapes.attributeValue) {
                guard let key = value.placed("key") else { continue }
                if values.contains(where: { $0.key == key.value }) {
                    reader.error("there is a value \(key.value) already: keys are unique", at: key.place)
                }
                values.append(.init(key: key.value, names: value.names("name", language: language)))
            }
            if kind.isList, values.isEmpty, fields["values"]?.entries.isEmpty ?? true {
                reader.error("a \(kind.rawValue) needs values", at: fields.place)
            }
            if !kind.isList, let place = fields["values"]?.keyPlace {
                reader.error("values: only singlevaluelist and multivaluelist have them", at: place)
            }
            attributes.append(
                Civic.Category.Attribute(
                    code: code.value, kind: kind, isRequired: fields.flag("required") ?? false,
                    names: fields.names("description", language: language),
                    hints: fields.names("datatype_description", language: language), values: values))
        }
        return attributes
    }

    private func isAttributeCode(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
    }
}
