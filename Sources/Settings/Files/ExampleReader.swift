import Civic
import Rules
import Yams

/// Reads the entries of a rule's `examples`: texts, or whole messages with what must become of them.
struct ExampleReader {
    let reader: Reader
    /// In which `at` is told.
    let zone: Zone

    func examples(_ value: Value?) -> [RuleExample] { value?.entries.compactMap(example) ?? [] }

    private func example(_ entry: Value) -> RuleExample? {
        if let text = entry.node.text { return RuleExample(text, at: entry.place) }
        guard case .mapping(let mapping) = entry.node else { return nil }
        // A text with a colon in it reads as a mapping.
        guard mapping.contains(where: { $0.key.text.flatMap { Shapes.example[$0] } != nil }) else {
            reader.error(
                "an example is a text, between quotes if it has a colon in it, or a mapping with text", at: entry.place)
            return nil
        }
        guard let fields = reader.fields(entry.node, Shapes.example, in: entry.file),
            let text = fields.placed("text")
        else { return nil }
        if text.value.isEmpty { reader.error("text: an example needs words", at: text.place) }
        return RuleExample(text.value, at: entry.place, context: context(fields), expected: expectation(fields))
    }

    // MARK: The message

    private func context(_ fields: Fields) -> RuleExample.Context {
        var context = RuleExample.Context(
            subject: fields.text("subject"), channel: fields.placed("channel"), language: fields.placed("language"),
            area: fields.placed("area"),
            has: Set(fields.texts("has").compactMap { Condition.Feature(rawValue: $0.value) }),
            authenticated: fields.text("citizen").map { $0 == "authenticated" }, at: moment(fields),
            fields: form(fields))
        if let language = context.language, !isLanguage(language.value) {
            reader.error(
                "language: expected an ISO 639-1 code such as it or en, found \(language.value)", at: language.place)
        }
        sender(fields, &context)
        return context
    }

    private func sender(_ fields: Fields, _ context: inout RuleExample.Context) {
        func check<Read>(_ text: Placed<String>?, _ what: String, _ read: (String) -> Read?) -> Read? {
            guard let text else { return nil }
            guard let value = read(text.value) else {
                reader.error("from: expected \(what), found \(text.value)", at: text.place)
                return nil
            }
            return value
        }
        let email = fields.placed("from")
        let from = email == nil ? fields.fields("from", Shapes.exampleSender) : nil
        context.email = check(email ?? from?.placed("email"), "an e-mail address") { EmailAddress($0)?.text }
        context.phone = check(from?.placed("phone"), "a telephone number such as +39 06…") { PhoneNumber($0)?.text }
        context.fiscalCode = check(from?.placed("fiscal_code"), "a valid fiscal code") { FiscalCode($0)?.text }
        context.name = from?.text("name")
    }

    private func moment(_ fields: Fields) -> Timestamp? {
        guard let text = fields.placed("at") else { return nil }
        if let moment = Timestamp(rfc3339: text.value) { return moment }
        let parts = text.value.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
        let clock = parts.last?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, let date = CivilDate(parts[0]), clock.count == 2,
            clock.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(clock[0]), let minute = Int(clock[1]), hour < 24, minute < 60
        else {
            reader.error("at: expected the city's time such as 2026-05-04T10:00, found \(text.value)", at: text.place)
            return nil
        }
        return zone.moment(LocalTime(date: date, secondOfDay: hour * 3600 + minute * 60))
    }

    /// As the webhook flattens a form: the elements of a list with commas.
    private func form(_ fields: Fields) -> [String: String] {
        guard let value = fields["fields"], case .mapping(let mapping) = value.node else { return [:] }
        var form: [String: String] = [:]
        for (key, node) in mapping {
            let entries = Value(node: node, file: value.file, keyPlace: value.file.place(key)).entries
            let texts = entries.compactMap(\.node.text)
            guard let name = key.text, texts.count == entries.count else {
                reader.error(
                    "fields: expected a text or a list of texts; a nested field's name has dots, as in a.b",
                    at: value.file.place(key))
                continue
            }
            form[name] = texts.joined(separator: ", ")
        }
        return form
    }

    // MARK: What must become of it

    private func expectation(_ fields: Fields) -> RuleExample.Expectation {
        var expected = RuleExample.Expectation(
            category: fields.placed("category"), office: fields.placed("office"), tags: fields.texts("tags"),
            reply: fields.placed("reply"), notify: fields.texts("notify"), discard: reason(fields["discard"]),
            abstain: reason(fields["abstain"]), undecided: fields.flag("undecided"))
        expected.priority = fields.placed("priority").flatMap { text in
            Priority(rawValue: text.value).map { Placed($0, at: text.place) }
        }
        if let text = fields.placed("sla") {
            expected.target = TargetTime(text.value).map { Placed($0, at: text.place) }
            if expected.target == nil { reader.error(badTarget("sla"), at: text.place) }
        }
        return expected
    }

    private func reason(_ value: Value?) -> RuleExample.Expectation.Reason? {
        guard let value, let text = value.node.text else { return nil }
        return value.node.flag.map { $0 ? .any : .none } ?? .text(text)
    }
}
