import Civic
import Rules

/// `offices.yaml`, read.
struct OfficesFile {
    var offices: [(office: Office, fields: Fields)] = []
    var work: [String: OfficeWork] = [:]
    /// The categories that `work` names.
    var workCategories: [Placed<String>] = []

    init(_ file: YAMLFile, _ reader: Reader, language: String, digest: (String) -> [UInt8]) {
        var seen: [String: SourcePlace] = [:]
        for fields in reader.entries(file, Shapes.offices, "offices", Shapes.office) {
            guard let code = fields.placed("code") else { continue }
            if !isCode(code.value) { reader.error(badCode("code", code.value), at: code.place) }
            if let earlier = seen.updateValue(code.place, forKey: code.value) {
                reader.error(
                    "there is an office \(code.value) already, at line \(earlier.line): codes are unique",
                    at: code.place)
                continue
            }
            var office = Office(code: code.value, names: fields.names("name", language: language))
            office.aliases = aliases(fields, reader)
            office.parent = fields.text("parent")
            office.family = fields.text("family")
            office.calendar = fields.text("calendar")
            office.roles = lists(fields, "roles", Shapes.role).compactMap { role in
                role.text("role").map { Office.Role(name: $0, areas: role.texts("areas").map(\.value)) }
            }
            office.forwards = lists(fields, "forwards", Shapes.forward).compactMap { forward in
                guard let category = forward.text("category"), let to = forward.text("to") else { return nil }
                return Office.Forward(category: category, to: to)
            }
            if let email = fields.placed("email") {
                office.email = email.value
                if EmailAddress(email.value)?.isASCII != true {
                    reader.error(
                        "email: \(email.value) is not an e-mail address (letters must be ASCII ones)", at: email.place)
                }
            }
            office.media = fields.texts("media").compactMap { Medium(rawValue: $0.value) }
            if let given = fields.fields("work", Shapes.work) {
                work[office.code] = MainFile.work(given, email: office.email)
                if let open311 = given.fields("open311", Shapes.officeOpen311) {
                    workCategories += lists(open311, "services", Shapes.officeService).flatMap { $0.texts("category") }
                }
            }
            if let token = fields.secret("token"), !token.value.isEmpty { office.tokenDigest = digest(token.value) }
            if let valid = fields.fields("valid", Shapes.validity) {
                office.validFrom = date(valid, "from", reader)
                office.validUntil = date(valid, "until", reader)
                ordered(office.validFrom, office.validUntil, valid.place, reader)
            }
            offices.append((office, fields))
        }
    }

    private func aliases(_ fields: Fields, _ reader: Reader) -> [Office.Alias] {
        (fields["aliases"]?.entries ?? []).compactMap { entry in
            if let text = entry.node.text { return Office.Alias(name: text) }
            guard let alias = reader.fields(entry.node, Shapes.alias, in: entry.file), let name = alias.text("name")
            else {
                return nil
            }
            let from = date(alias, "from", reader)
            let until = date(alias, "until", reader)
            ordered(from, until, alias.place, reader)
            return Office.Alias(name: name, from: from, until: until)
        }
    }

    private func date(_ fields: Fields, _ key: String, _ reader: Reader) -> CivilDate? {
        guard let text = fields.placed(key) else { return nil }
        guard let date = CivilDate(text.value) else {
            reader.error("\(key): expected a day as YYYY-MM-DD, found \(text.value)", at: text.place)
            return nil
        }
        return date
    }

    private func ordered(_ from: CivilDate?, _ until: CivilDate?, _ place: SourcePlace, _ reader: Reader) {
        if let from, let until, until < from { reader.error("until lies before from: exchange them", at: place) }
    }
}

/// The mappings of a list below `name`.
func lists(_ fields: Fields, _ name: String, _ shape: Shape) -> [Fields] {
    (fields[name]?.entries ?? []).compactMap { fields.reader.fields($0.node, shape, in: $0.file) }
}

/// `categories.yaml`, read.
struct CategoriesFile {
    var categories: [(category: Category, fields: Fields)] = []

    init(_ file: YAMLFile, _ reader: Reader, language: String) {
        var seen: [String: SourcePlace] = [:]
        for area in reader.entries(file, Shapes.categories, "areas", Shapes.categoryArea) {
            guard let prefix = area.placed("code") else { continue }
            if !isCode(prefix.value) { reader.error(badCode("code", prefix.value), at: prefix.place) }
            for topic in lists(area, "topics", Shapes.topic) {
                guard let code = topic.placed("code") else { continue }
                if !isCode(code.value) { reader.error(badCode("code", code.value), at: code.place) }
                let full = "\(prefix.value).\(code.value)"
                if let earlier = seen.updateValue(code.place, forKey: full) {
                    reader.error(
                        "there is a category \(full) already, at line \(earlier.line): codes are unique", at: code.place
                    )
                    continue
                }
                var category = Category(code: full, names: topic.names("name", language: language))
                category.office = topic.text("office")
                for elsewhere in lists(topic, "elsewhere", Shapes.elsewhere) {
                    guard let office = elsewhere.text("office") else { continue }
                    for area in elsewhere.texts("areas")
                    where category.elsewhere.updateValue(office, forKey: area.value) != nil {
                        reader.error("elsewhere: the area \(area.value) is named already", at: area.place)
                    }
                }
                if topic.flag("urgent") == true {
                    category.priority = .urgent
                    if topic["priority"] != nil {
                        reader.error("give urgent or priority, not both", at: topic["priority"]?.place ?? topic.place)
                    }
                } else {
                    category.priority = topic.text("priority").flatMap(Priority.init) ?? .normal
                }
                if let text = topic.placed("target") {
                    category.target = TargetTime(text.value)
                    if category.target == nil { reader.error(badTarget("target"), at: text.place) }
                }
                if let external = topic.fields("external", Shapes.external) {
                    for key in ["area", "topic"] { category.external[key] = external.text(key) }
                }
                category.areaNames = area.names("name", language: language)
                category.meanings = topic.names("description", language: language)
                category.keywords = topic.texts("keywords").map(\.value)
                category.attributes = attributes(topic, language: language)
                categories.append((category, topic))
            }
        }
    }
}

/// `calendars.yaml`, read.
struct CalendarsFile {
    var calendars: [String: WorkCalendar] = [:]

    init(_ file: YAMLFile, _ reader: Reader, zone: Zone) {
        for fields in reader.entries(file, Shapes.calendars, "calendars", Shapes.calendar) {
            guard let name = fields.placed("name") else { continue }
            var week: [Weekday: [WorkCalendar.Hours]] = [:]
            if let hours = fields.fields("hours", Shapes.week) {
                for day in Weekday.allCases {
                    var parts: [WorkCalendar.Hours] = []
                    for text in hours.texts("\(day)") {
                        guard let part = WorkCalendar.Hours(text.value), part.from < part.to else {
                            reader.error("expected hours such as 08:30-13:30, found \(text.value)", at: text.place)
                            continue
                        }
                        if let last = parts.last, part.from < last.to {
                            reader.error(
                                "\(text.value) overlaps the hours before it: put them in order", at: text.place)
                        }
                        parts.append(part)
                    }
                    if !parts.isEmpty { week[day] = parts }
                }
            }
            let holidays = fields.texts("holidays").compactMap { text -> WorkCalendar.Holiday? in
                let holiday = WorkCalendar.Holiday(text.value)
                if holiday == nil {
                    reader.error("expected a day as MM-DD, YYYY-MM-DD or easter+N, found \(text.value)", at: text.place)
                }
                return holiday
            }
            if calendars[name.value] != nil {
                reader.error("there is a calendar \(name.value) already: names are unique", at: name.place)
            }
            calendars[name.value] = WorkCalendar(name: name.value, zone: zone, week: week, holidays: holidays)
        }
    }
}

extension WorkCalendar.Hours {
    /// `08:30-13:30`; `24:00` is the end of the day.
    init?(_ text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end -> Int? in
            let parts = end.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2,
                parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let hour = Int(parts[0]),
                let minute = Int(parts[1]), (0...24).contains(hour), (0..<60).contains(minute), hour < 24 || minute == 0
            else { return nil }
            return hour * 60 + minute
        }
        guard ends.count == 2, let from = ends[0], let to = ends[1] else { return nil }
        self.init(from: from, to: to)
    }
}

extension WorkCalendar.Holiday {
    init?(_ text: String) {
        if text.hasPrefix("easter") {
            let rest = text.dropFirst(6)
            guard rest.isEmpty || rest.hasPrefix("+") || rest.hasPrefix("-"), let days = rest.isEmpty ? 0 : Int(rest),
                (-100...100).contains(days)
            else { return nil }
            self = .easter(days: days)
        } else if let date = CivilDate(text) {
            self = .once(date)
        } else if let date = CivilDate("2024-" + text), text.utf8.count == 5 {
            self = .yearly(month: date.month, day: date.day)
        } else {
            return nil
        }
    }
}

func badCode(_ key: String, _ found: String) -> String {
    "\(key): expected lower-case letters, digits and hyphens, found \(found)"
}

extension Reader {
    /// The mappings of the list that a file consists of.
    func entries(_ file: YAMLFile, _ shape: Shape, _ name: String, _ entry: Shape) -> [Fields] {
        guard let root = file.root else {
            error("the file is empty: it needs \(name)", at: file.start)
            return []
        }
        guard let fields = fields(root, shape, in: file) else { return [] }
        return lists(fields, name, entry)
    }
}
