import Civic
import Rules
import Yams

/// What the files say of each other: every name must lead somewhere.
struct References {
    let main: MainFile
    let offices: [(office: Office, fields: Fields)]
    /// The categories that offices' work names.
    let workCategories: [Placed<String>]
    let categories: [(category: Category, fields: Fields)]
    let channels: [ChannelsFile.Entry]
    let calendars: [String: WorkCalendar]
    let areas: [Area]
    /// The live rules, and the shadow's; names are unique in each.
    let ruleSets: [[RuleDefinition]]
    let precedents: [PrecedentsFile.Entry]
    let templates: [String: [String: String]]
    let base: String
    /// Files and folders that could not be read: what refers to them cannot be judged.
    let unread: Set<String>

    private var officeCodes: [String] { offices.map(\.office.code) }
    private var roles: Set<String> { Set(offices.flatMap { $0.office.roles.map(\.name) }) }

    func check(_ reader: Reader) {
        // What asks for names takes these along, and not all that was read.
        let (unread, city) = (unread, main.city)
        let officeSet = Set(officeCodes)
        let categorySet = Set(categories.map(\.category.code))
        let answering = officeSet.union(roles)
        let areaSet = Set(areas.map(\.code))
        let places = areaSet.union(Area.reserved)
        let areaNames = Set(areas.flatMap(\.spokenNames).map { foldedKey($0) })
        let calendarSet = Set(calendars.keys)
        let channelSet = Set(channels.map(\.channel.name))
        let withoutEmail = Set(offices.filter { $0.office.email == nil }.map(\.office.code))
        let parents = Dictionary(offices.compactMap { entry in entry.office.parent.map { (entry.office.code, $0) } }) {
            a, _ in a
        }

        let files = [
            "office": "offices.yaml", "office or role": "offices.yaml", "category": "categories.yaml",
            "calendar": "calendars.yaml", "channel": "channels.yaml", "area": "areas",
        ]
        // Each looks at all names there are. So many mistakes have one cause, and a few suggestions show it.
        var suggestions = 50
        func need(_ kind: String, _ name: Placed<String>?, in known: Set<String>) {
            guard let name, !known.contains(name.value), !unread.contains(files[kind] ?? "") else { return }
            suggestions -= 1
            let suggestion = suggestions >= 0 ? nearest(name.value, among: known) : nil
            reader.error(
                "there is no \(kind) \(name.value)" + (suggestion.map { "; did you mean \($0)?" } ?? ""), at: name.place
            )
        }

        let replies = Set(city.map { templateNames($0.language) } ?? [])
        func needTemplate(_ reply: Placed<String>?) {
            guard let reply, let city,
                !unread.contains("templates/\(city.language)/\(reply.value).txt")
            else { return }
            need("template", reply, in: replies)
        }

        func speaks(_ language: Placed<String>) {
            guard let city, isLanguage(language.value), !city.languages.contains(language.value) else {
                return
            }
            reader.warn(
                "the city does not speak \(language.value): add it to languages in pasquino.yaml", at: language.place)
        }

        need("office", main.city?.lastResort, in: officeSet)
        need("calendar", main.city?.calendar, in: calendarSet)
        for name in main.serviceCategories + main.policyCategories + workCategories
        where name.value != "*" && !covers(name.value, categorySet) {
            need("category", name, in: categorySet)
        }
        for name in main.policyTemplates { needTemplate(name) }
        for channel in channels {
            need("category", channel.category, in: categorySet)
            if let language = channel.language { speaks(language) }
            for office in channel.open311.offices { need("office", office, in: officeSet) }
            for pattern in channel.open311.services where !covers(pattern.value, categorySet) {
                need("category", pattern, in: categorySet)
            }
        }
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
            ring(of: office, parents, fields, reader)
        }
        silentChains(parents, reader)
        for (_, fields) in categories {
            need("office or role", fields.placed("office"), in: answering)
            for elsewhere in lists(fields, "elsewhere", Shapes.elsewhere) {
                need("office or role", elsewhere.placed("office"), in: answering)
                for area in elsewhere.texts("areas") { need("area", area, in: areaSet) }
            }
        }
        for precedent in precedents { need("category", precedent.category, in: categorySet) }
        for rules in ruleSets { unique(rules, reader) }
        for rule in ruleSets.joined() {
            need("category", rule.actions.category, in: categorySet)
            need("office or role", rule.actions.office, in: answering)
            for office in rule.actions.notify {
                need("office", office, in: officeSet)
                if withoutEmail.contains(office.value) {
                    reader.error("the office \(office.value) has no email to be told at", at: office.place)
                }
            }
            needTemplate(rule.actions.reply)
            Self.conditions(rule.condition) { kind, name in
                switch kind {
                case "channel": need(kind, name, in: channelSet)
                case "calendar": need(kind, name, in: calendarSet)
                case "area": need(kind, name, in: places)
                default: break
                }
            }
            for example in rule.matchExamples + rule.noMatchExamples where !example.isText {
                let (context, expected) = (example.context, example.expected)
                need("category", expected.category, in: categorySet)
                need("office or role", expected.office, in: answering)
                for office in expected.notify { need("office", office, in: officeSet) }
                need("channel", context?.channel, in: channelSet)
                if let area = context?.area, !areaNames.contains(foldedKey(area.value)) {
                    need("area", area, in: places)
                }
                needTemplate(expected.reply)
            }
        }
        notifications(reader)
        strayTemplates(reader)
        Ambiguities.warn(offices: offices, areas: areas, base: base, reader)
    }

    private func unique(_ rules: [RuleDefinition], _ reader: Reader) {
        var names: [String: SourcePlace] = [:]
        for rule in rules {
            if let earlier = names.updateValue(rule.place, forKey: rule.name) {
                reader.error("there is a rule \(rule.name) already, at \(earlier): names are unique", at: rule.place)
            }
        }
    }

    /// The calendars, and an empty one for every other name that a rule uses: that is a mistake known already.
    var calendarsAndStandIns: [String: WorkCalendar] {
        var all = calendars
        for rule in ruleSets.joined() {
            Self.conditions(rule.condition) { kind, name in
                guard kind == "calendar", all[name.value] == nil else { return }
                all[name.value] = WorkCalendar(name: name.value, zone: .utc, week: [:], holidays: [])
            }
        }
        return all
    }

    private func covers(_ pattern: String, _ categories: Set<String>) -> Bool {
        guard pattern.hasSuffix(".*") else { return categories.contains(pattern) }
        return categories.contains { $0.hasPrefix(pattern.dropLast()) }
    }

    private func ring(of office: Office, _ parents: [String: String], _ fields: Fields, _ reader: Reader) {
        var seen: Set<String> = [office.code]
        var next = office.parent
        while let parent = next {
            guard seen.insert(parent).inserted else {
                if parent == office.code, let place = fields["parent"]?.place {
                    reader.error("the office \(office.code) stands above itself: its parents form a ring", at: place)
                }
                return
            }
            next = parents[parent]
        }
    }

    /// Offices of whose tickets nobody could be told that they are due.
    private func silentChains(_ parents: [String: String], _ reader: Reader) {
        guard main.escalation.remind != nil || !main.escalation.levels.isEmpty else { return }
        let reached = Set(
            offices.filter { $0.office.email != nil || $0.fields["work"]?.node["webhook"] != nil }
                .map(\.office.code))
        for (office, fields) in offices {
            var seen: Set<String> = []
            var next: String? = office.code
            while let code = next, seen.insert(code).inserted, !reached.contains(code) { next = parents[code] }
            guard next.map({ !reached.contains($0) }) ?? true else { continue }
            reader.warn(
                "nobody can be told that tickets of \(office.code) are due: neither it nor an office above it has an "
                    + "email", at: fields.place)
        }
    }

    private static func conditions(_ condition: Condition, _ visit: (String, Placed<String>) -> Void) {
        switch condition {
        case .all(let inner), .any(let inner): for one in inner { conditions(one, visit) }
        case .not(let inner): conditions(inner, visit)
        case .channel(let names): for name in names { visit("channel", name) }
        case .area(let names): for name in names { visit("area", name) }
        case .language(let codes): for code in codes { visit("language", code) }
        case .time(let time, let place): if let name = time.calendar { visit("calendar", Placed(name, at: place)) }
        default: break
        }
    }

    func templateNames(_ language: String) -> [String] {
        (templates[language] ?? [:]).keys.filter { $0.hasSuffix(".txt") && !$0.hasPrefix("_") }
            .map { String($0.dropLast(4)) }.sorted()
    }
}
