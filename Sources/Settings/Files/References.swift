import Civic
import Rules

/// What the files say of each other: every name must lead somewhere.
struct References {
    /// The templates of the daemon's own notifications to citizens.
    static let citizenTemplates = [
        "opened", "acknowledged", "in_progress", "forwarded", "resolved", "rejected", "reopened",
    ]

    let main: MainFile
    let offices: [(office: Office, fields: Fields)]
    let categories: [(category: Category, fields: Fields)]
    let channels: [(channel: Channel, category: Placed<String>?, place: SourcePlace)]
    let calendars: [String: WorkCalendar]
    let areas: [Area]
    let rules: [RuleDefinition]
    let templates: [String: [String: String]]
    let base: String

    private var officeCodes: [String] { offices.map(\.office.code) }
    private var roles: Set<String> { Set(offices.flatMap { $0.office.roles.map(\.name) }) }

    func check(_ reader: Reader) {
        let officeSet = Set(officeCodes)
        let categorySet = Set(categories.map(\.category.code))
        let answering = officeSet.union(roles)
        let areaSet = Set(areas.map(\.code))
        let calendarSet = Set(calendars.keys)

        func need(_ kind: String, _ name: Placed<String>?, in known: Set<String>) {
            guard let name, !known.contains(name.value) else { return }
            let suggestion = nearest(name.value, among: known.sorted())
            reader.error(
                "there is no \(kind) \(name.value)" + (suggestion.map { "; did you mean \($0)?" } ?? ""), at: name.place)
        }

        need("office", main.city?.lastResort, in: officeSet)
        need("calendar", main.city?.calendar, in: calendarSet)
        for (_, category, _) in channels { need("category", category, in: categorySet) }
        for (office, fields) in offices {
            need("office", fields.placed("parent"), in: officeSet)
            need("calendar", fields.placed("calendar"), in: calendarSet)
            for role in lists(fields, "roles", Shapes.role) {
                for area in role.texts("areas") { need("area", area, in: areaSet) }
                if let name = role.placed("role"), officeSet.contains(name.value) {
                    reader.error("the role \(name.value) has the name of an office: choose another", at: name.place)
                }
            }
            for forward in lists(fields, "forwards", Shapes.forward) {
                need("office", forward.placed("to"), in: officeSet)
                if let name = forward.placed("category"), !covers(name.value, categorySet) {
                    need("category", name, in: categorySet)
                }
            }
            parents(of: office, fields, reader)
        }
        for (_, fields) in categories { need("office or role", fields.placed("office"), in: answering) }
        var names: [String: SourcePlace] = [:]
        for rule in rules {
            if let earlier = names.updateValue(rule.place, forKey: rule.name) {
                reader.error("there is a rule \(rule.name) already, at \(earlier): names are unique", at: rule.place)
            }
            need("category", rule.actions.category, in: categorySet)
            need("office or role", rule.actions.office, in: answering)
            for office in rule.actions.notify {
                need("office", office, in: officeSet)
                if let found = offices.first(where: { $0.office.code == office.value }), found.office.email == nil {
                    reader.error("the office \(office.value) has no email to be told at", at: office.place)
                }
            }
            if let reply = rule.actions.reply {
                need("template", reply, in: Set(templateNames(main.city?.language ?? "")))
            }
            conditions(rule.condition) { kind, name in
                switch kind {
                case "channel": need(kind, name, in: Set(channels.map(\.channel.name)))
                case "area": need(kind, name, in: areaSet.union(["outside", "boundary", "unknown"]))
                default: break
                }
            }
        }
        notifications(reader)
    }

    private func covers(_ pattern: String, _ categories: Set<String>) -> Bool {
        guard pattern.hasSuffix(".*") else { return categories.contains(pattern) }
        return categories.contains { $0.hasPrefix(pattern.dropLast()) }
    }

    private func parents(of office: Office, _ fields: Fields, _ reader: Reader) {
        let parentOf = Dictionary(offices.compactMap { entry in entry.office.parent.map { (entry.office.code, $0) } }) { a, _ in a }
        var seen: Set<String> = [office.code]
        var next = office.parent
        while let parent = next {
            guard seen.insert(parent).inserted else {
                if parent == office.code, let place = fields["parent"]?.place {
                    reader.error("the office \(office.code) stands above itself: its parents form a ring", at: place)
                }
                return
            }
            next = parentOf[parent]
        }
    }

    private func conditions(_ condition: Condition, _ visit: (String, Placed<String>) -> Void) {
        switch condition {
        case .all(let inner), .any(let inner): for one in inner { conditions(one, visit) }
        case .not(let inner): conditions(inner, visit)
        case .channel(let names): for name in names { visit("channel", name) }
        case .area(let names): for name in names { visit("area", name) }
        default: break
        }
    }

    private func templateNames(_ language: String) -> [String] {
        (templates[language] ?? [:]).keys.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
    }

    private func notifications(_ reader: Reader) {
        guard let city = main.city else { return }
        func place(_ name: String) -> SourcePlace { SourcePlace(file: "\(base)/templates/\(name)", line: 1, column: 1) }
        let used = Set(Self.citizenTemplates + rules.compactMap { $0.actions.reply?.value })
        let toOffices = rules.contains { !$0.actions.notify.isEmpty } ? ["office_new"] : []
        for language in city.languages {
            let wanted = used.sorted() + (language == city.language ? toOffices : [])
            for name in wanted {
                for suffix in ["subject", "txt"] where templates[language]?["\(name).\(suffix)"] == nil {
                    reader.error("the template is missing", at: place("\(language)/\(name).\(suffix)"))
                }
                if main.appIO != nil, !toOffices.contains(name), templates[language]?["\(name).io"] == nil {
                    reader.warn("the template is missing: App IO gets the plain text", at: place("\(language)/\(name).io"))
                }
            }
        }
        for language in templates.keys.sorted() where !city.languages.contains(language) {
            reader.warn("the city does not speak \(language): add it to languages", at: place(language))
        }
        if main.mail == nil {
            reader.warn("there is no mail server: no e-mail is sent", at: SourcePlace(file: "\(base)/pasquino.yaml", line: 1, column: 1))
        }
    }
}
