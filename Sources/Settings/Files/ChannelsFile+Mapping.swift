import Rules
import Yams

/// Reads what only a webhook has.
extension ChannelsFile {
    /// The webhook's own settings, put into `channel`.
    /// - Parameter isOpen: a closed channel's secrets need not be there.
    static func readWebhook(_ fields: Fields, isOpen: Bool, into channel: inout Channel) {
        let reader = fields.reader
        channel.isSpooled = fields.flag("spool") ?? false
        if let own = fields.fields("token_in", Shapes.tokenPlace) {
            channel.tokenPlace = tokenPlace(own)
            if fields["token"] == nil { reader.error("token_in needs a token", at: own.place) }
        }
        if let own = fields.fields("signature", Shapes.bodySignature), let header = headerName(own) {
            let secrets = (isOpen ? own["secret"]?.entries ?? [] : []).compactMap { entry in
                entry.node.text.flatMap { reader.secret($0, name: "secret", at: entry.place) }
            }
            if let value = own["secret"], value.entries.isEmpty {
                reader.error("secret: name at least one", at: value.place)
            }
            channel.bodySignature = BodySignature(header: header, secrets: secrets)
        }
        if let own = fields.fields("fields", Shapes.mapping) {
            channel.mapping = MappingReader(reader: reader).mapping(own, channel: fields)
        } else if fields["fields"] == nil {
            for key in ["json_in", "when", "unless"] {
                if let value = fields[key] {
                    reader.error("\(key) needs fields: say where the text is", at: value.keyPlace)
                }
            }
        }
    }

    private static func tokenPlace(_ fields: Fields) -> TokenPlace? {
        switch (fields["header"], fields.text("query")) {
        case (nil, let name?) where !name.isEmpty: return .query(name)
        case (.some, nil): return headerName(fields).map(TokenPlace.header)
        default:
            fields.reader.error("token_in: say header or query, one of them", at: fields.place)
            return nil
        }
    }

    /// RFC 9110, 5.6.2.
    private static func headerName(_ fields: Fields) -> String? {
        guard let name = fields.placed("header") else { return nil }
        let signs = Set("!#$%&'*+-.^_`|~".utf8)
        let isName = name.value.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: signs.contains(byte)
            }
        }
        guard isName, !name.value.isEmpty else {
            fields.reader.error("header: expected the name of a header field, such as X-Api-Key", at: name.place)
            return nil
        }
        return name.value
    }
}

private struct MappingReader {
    let reader: Reader

    func mapping(_ own: Fields, channel: Fields) -> FieldMapping {
        var mapping = FieldMapping()
        func read(_ key: String) -> [FieldSource] { own[key].map { sources($0, key) } ?? [] }
        mapping.id = read("id")
        mapping.sentAt = read("sent_at")
        mapping.name = read("name")
        mapping.email = read("email")
        mapping.phone = read("phone")
        mapping.fiscalCode = read("fiscal_code")
        mapping.subject = read("subject")
        mapping.text = read("text")
        mapping.language = read("language")
        mapping.latitude = read("lat")
        mapping.longitude = read("lon")
        mapping.address = read("address")
        for (one, other) in [("lat", "lon"), ("lon", "lat")] where own[other] == nil {
            if let value = own[one] { reader.error("\(one) needs \(other)", at: value.keyPlace) }
        }
        mapping.files = own.fields("attachments", Shapes.mappedFiles).flatMap(files)
        mapping.fields = named(own["fields"])
        mapping.keepsRest = own.text("rest") != "drop"
        mapping.jsonIn = channel.texts("json_in").compactMap { path($0, "json_in") }
        mapping.when = conditions(channel["when"], "when")
        mapping.unless = conditions(channel["unless"], "unless")
        return mapping
    }

    private func path(_ text: Placed<String>, _ key: String) -> FieldPath? {
        do throws(FieldPath.Mistake) {
            return try FieldPath(text.value)
        } catch {
            reader.error("\(key): \(error)", at: text.place)
            return nil
        }
    }

    private func sources(_ value: Value, _ key: String) -> [FieldSource] {
        if value.entries.isEmpty { reader.error("\(key): name a path", at: value.place) }
        return value.entries.compactMap { entry in
            if let text = entry.node.text {
                do throws(FieldPath.Mistake) {
                    return try FieldSource(text)
                } catch {
                    reader.error("\(key): \(error)", at: entry.place)
                    return nil
                }
            }
            return reader.fields(entry.node, Shapes.words, in: entry.file)?.text("say").map(FieldSource.words)
        }
    }

    private func files(_ fields: Fields) -> FieldMapping.Files? {
        func optional(_ key: String) -> FieldPath? { fields.placed(key).flatMap { path($0, key) } }
        guard let list = optional("list") else { return nil }
        return FieldMapping.Files(
            list: list, content: optional("content"), name: optional("name"), type: optional("type"))
    }

    private func named(_ value: Value?) -> [String: [FieldSource]] {
        guard let value, case .mapping(let mapping) = value.node else { return [:] }
        var all: [String: [FieldSource]] = [:]
        for (key, node) in mapping {
            guard let name = key.text, !name.isEmpty, name.unicodeScalars.count <= 200 else {
                reader.error("fields: a field's name must be a word", at: value.file.place(key))
                continue
            }
            let inner = Value(node: node, file: value.file, keyPlace: value.file.place(key))
            let isText = inner.entries.allSatisfy { entry in
                if case .mapping = entry.node { true } else { entry.node.text != nil }
            }
            guard isText else {
                reader.error("\(name): expected a path, or a list of them", at: inner.place)
                continue
            }
            all[name] = sources(inner, name)
        }
        return all
    }

    private func conditions(_ value: Value?, _ key: String) -> [FieldMapping.Condition] {
        guard let value, case .mapping(let mapping) = value.node else { return [] }
        if mapping.isEmpty { reader.error("\(key): name a path", at: value.place) }
        return mapping.compactMap { name, node in
            let place = value.file.place(name)
            guard let text = name.text else {
                reader.error("\(key): a path must be a word", at: place)
                return nil
            }
            guard let path = path(Placed(text, at: place), key) else { return nil }
            if node.flag == true { return FieldMapping.Condition(path: path, values: []) }
            let inner = Value(node: node, file: value.file, keyPlace: place)
            let values = inner.entries.compactMap { $0.node.text }
            guard values.count == inner.entries.count, !values.isEmpty else {
                reader.error("\(key) \(text): expected a value, a list of values, or true", at: inner.place)
                return nil
            }
            return FieldMapping.Condition(path: path, values: values)
        }
    }
}
