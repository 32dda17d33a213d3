import Civic
import Rules
import Yams

/// One file of `rules/`, read.
struct RulesFile {
    /// Far deeper than anybody writes by hand.
    private static let depth = 32

    private(set) var rules: [RuleDefinition] = []
    private let reader: Reader

    /// - Parameter zone: the city's, in which examples tell the time.
    init(_ file: YAMLFile, _ reader: Reader, zone: Zone) {
        self.reader = reader
        let exampleReader = ExampleReader(reader: reader, zone: zone)
        for fields in reader.entries(file, Shapes.rules, "rules", Shapes.rule) {
            guard let name = fields.placed("name") else { continue }
            let then = actions(fields)
            let when = fields["when"].flatMap { condition($0.node, in: file, depth: 0) }
            let examples = fields.fields("examples", Shapes.examples)
            rules.append(
                RuleDefinition(
                    name: name.value, place: name.place, condition: when ?? .all([]), actions: then,
                    stem: fields.placed("stem"),
                    matchExamples: exampleReader.examples(examples?["match"]),
                    noMatchExamples: exampleReader.examples(examples?["no match"])))
        }
    }

    private func actions(_ rule: Fields) -> Actions {
        guard let fields = rule.fields("then", Shapes.actions) else { return Actions() }
        var actions = Actions(
            category: fields.placed("category"), office: fields.placed("office"), tags: fields.texts("tags"),
            reply: fields.placed("reply"), notify: fields.texts("notify"), discard: fields.placed("discard"),
            abstain: fields.placed("abstain"), stop: fields.flag("stop") ?? false)
        if let abstain = actions.abstain {
            for key in ["category", "office", "sla", "reply", "notify", "discard"] where fields[key] != nil {
                reader.error("a rule that abstains decides nothing: remove \(key)", at: abstain.place)
            }
        }
        actions.priority = fields.placed("priority").flatMap { text in
            Priority(rawValue: text.value).map { Placed($0, at: text.place) }
        }
        if let text = fields.placed("sla") {
            if let target = TargetTime(text.value) {
                actions.target = Placed(target, at: text.place)
            } else {
                reader.error(badTarget("sla"), at: text.place)
            }
        }
        if let value = fields["precedents"], let use = fields.fields("precedents", Shapes.precedentUse),
            let ahead = use.number("ahead")
        {
            actions.precedents = Placed(
                PrecedentUse(
                    ahead: Double(ahead) / 100, urgentWithin: use.number("urgent_within").map { Double($0) / 100 }),
                at: value.place)
        }
        for tag in actions.tags where tag.value.isEmpty || tag.value.unicodeScalars.contains(where: { $0.value < 0x20 })
        {
            reader.error("a tag must be a word without control characters", at: tag.place)
        }
        if fields.isEmpty { reader.error("the rule does nothing: set at least a category", at: fields.place) }
        return actions
    }

    /// Several keys in one mapping: all must hold.
    private func condition(_ node: Node, in file: YAMLFile, depth: Int) -> Condition? {
        guard depth < RulesFile.depth else {
            reader.error("conditions are nested too deeply: \(RulesFile.depth) levels at most", at: file.place(node))
            return nil
        }
        guard let fields = reader.fields(node, Shapes.condition, in: file) else { return nil }
        if fields.isEmpty {
            reader.error("an empty condition always holds: remove it, or say what must hold", at: fields.place)
        }
        // In the order of the shape, so that an explanation names the same part every time.
        let parts = Shapes.condition.keys.compactMap { key in
            fields[key.name].flatMap { part(key.name, $0, fields, depth: depth) }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private func part(_ key: String, _ value: Value, _ fields: Fields, depth: Int) -> Condition? {
        var texts: [Placed<String>] { fields.texts(key) }
        if case .sequence(let entries) = value.node, entries.isEmpty {
            reader.error("\(key): the list is empty, so it never holds", at: value.place)
            return nil
        }
        switch key {
        case "text", "subject", "body":
            return Condition.TextPart(rawValue: key).map { .text($0, texts) }
        case "channel": return .channel(texts)
        case "language":
            for text in texts where !isLanguage(text.value) {
                reader.error(
                    "language: expected an ISO 639-1 code such as it or en, found \(text.value)", at: text.place)
            }
            return .language(texts)
        case "from": return .from(texts)
        case "area": return .area(texts)
        case "has":
            return .has(
                texts.compactMap { text in
                    Condition.Feature(rawValue: text.value).map { Placed($0, at: text.place) }
                })
        case "citizen": return citizen(value, fields)
        case "time": return time(value)
        case "field": return field(value)
        case "all": return .all(inner(value, depth: depth))
        case "any": return .any(inner(value, depth: depth))
        case "not":
            let inner = inner(value, depth: depth)
            return .not(inner.count == 1 ? inner[0] : .any(inner))
        default: return nil
        }
    }

    private func inner(_ value: Value, depth: Int) -> [Condition] {
        value.entries.compactMap { condition($0.node, in: $0.file, depth: depth + 1) }
    }

    private func citizen(_ value: Value, _ fields: Fields) -> Condition? {
        if let text = value.node.text {
            switch text {
            case "authenticated": return .authenticated(true, value.place)
            case "anonymous": return .authenticated(false, value.place)
            default:
                reader.error("citizen: expected authenticated or anonymous, found \(text)", at: value.place)
                return nil
            }
        }
        guard let inner = fields.fields("citizen", Shapes.citizen) else { return nil }
        if inner.isEmpty { reader.error("citizen: say authenticated: true or false", at: value.place) }
        guard let authenticated = inner.flag("authenticated") else { return nil }
        return .authenticated(authenticated, value.place)
    }

    private func time(_ value: Value) -> Condition? {
        guard let fields = reader.fields(value.node, Shapes.time, in: value.file) else { return nil }
        var time = Condition.TimeCondition(calendar: fields.text("calendar"), open: fields.flag("open") ?? true)
        for text in fields.texts("weekday") {
            if let day = Weekday(name: text.value.lowercased()) {
                time.weekdays.insert(day)
            } else {
                reader.error("weekday: expected monday … sunday, found \(text.value)", at: text.place)
            }
        }
        if let text = fields.placed("hours") {
            time.hours = WorkCalendar.Hours(text.value)
            if let hours = time.hours, hours.from == hours.to {
                reader.error("hours: \(text.value) is no time at all: write two different times", at: text.place)
            }
            if time.hours == nil {
                reader.error("hours: expected such as 20:00-06:00, found \(text.value)", at: text.place)
            }
        }
        if fields["open"] != nil, fields["calendar"] == nil {
            reader.error("open needs a calendar: name one", at: fields["open"]?.place ?? fields.place)
        }
        if fields.isEmpty { reader.error("time: say calendar, weekday or hours", at: value.place) }
        return .time(time, value.place)
    }

    private func field(_ value: Value) -> Condition? {
        guard case .mapping(let mapping) = value.node else { return nil }
        let parts = mapping.compactMap { key, node -> Condition? in
            guard let name = key.text else {
                reader.error("field: a field's name must be a word", at: value.file.place(key))
                return nil
            }
            let inner = Value(node: node, file: value.file, keyPlace: value.file.place(key))
            if node.flag == true { return .field(name: name, values: [], inner.place) }
            let values = inner.entries.compactMap { entry in entry.node.text.map { Placed($0, at: entry.place) } }
            guard values.count == inner.entries.count, !values.isEmpty else {
                reader.error("field \(name): expected a value, a list of values, or true", at: inner.place)
                return nil
            }
            return .field(name: name, values: values, inner.place)
        }
        if mapping.isEmpty { reader.error("field: name a field", at: value.place) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }
}
