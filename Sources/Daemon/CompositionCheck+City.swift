import Civic
import Rules
import Settings

extension CompositionCheck {
    /// What of the catalogue nobody reaches, and which parts of the city nobody answers for.
    ///
    /// - Parameter date: offices and roles count as they are valid on this day.
    static func city(_ configuration: Configuration, directory: String, on date: CivilDate) -> [Finding] {
        unreachedCategories(configuration, directory) + unreachedOffices(configuration, directory)
            + unowned(configuration, directory, date) + overlaps(configuration, directory)
    }

    private static func place(_ known: SourcePlace?, _ directory: String, _ file: String) -> SourcePlace {
        known ?? SourcePlace(file: "\(directory)/\(file)", line: 1, column: 1)
    }

    // MARK: Catalogue

    private static func unreachedCategories(_ configuration: Configuration, _ directory: String) -> [Finding] {
        var reached = Set(configuration.rules.compactMap { $0.actions.category?.value })
        if configuration.rules.contains(where: { $0.actions.precedents != nil }) {
            reached.formUnion(configuration.ruleSet.precedents?.categories ?? [])
        }
        reached.formUnion(configuration.channels.values.compactMap(\.defaultCategory))
        for intake in configuration.channels.values.filter(\.isOpen).compactMap(\.open311) {
            reached.formUnion(configuration.categories.keys.filter(intake.offers))
        }
        return configuration.categories.keys.filter { !reached.contains($0) }.sorted().map { code in
            Finding(
                .warning,
                "no rule sets the category \(code), and no channel has it as default: only a person can choose it; write a rule, or remove it",
                at: place(configuration.places.categories[code], directory, "categories.yaml"))
        }
    }

    /// Offices and roles that rules and categories name.
    private static func named(_ configuration: Configuration) -> Set<String> {
        var names = Set(configuration.rules.compactMap { $0.actions.office?.value })
        for category in configuration.categories.values {
            names.formUnion(category.elsewhere.values)
            if let office = category.office { names.insert(office) }
        }
        return names
    }

    private static func unreachedOffices(_ configuration: Configuration, _ directory: String) -> [Finding] {
        let offices = configuration.directory.offices
        var reached = named(configuration)
        reached.insert(configuration.directory.lastResort)
        reached.formUnion(configuration.rules.flatMap { $0.actions.notify.map(\.value) })
        for office in offices.values {
            reached.formUnion(office.forwards.map(\.to))
            if let parent = office.parent { reached.insert(parent) }
        }
        let idle = offices.values.filter { office in
            // Who has a token reports the progress of others' tickets.
            !reached.contains(office.code) && office.tokenDigest == nil
                && !office.roles.contains { reached.contains($0.name) }
        }
        return idle.sorted { $0.code < $1.code }.map { office in
            Finding(
                .warning,
                "nothing reaches the office \(office.code): no rule, category, role in use, parent, forward or last resort names it; name it, or remove it",
                at: place(configuration.places.offices[office.code], directory, "offices.yaml"))
        }
    }

    // MARK: Territory

    /// Roles, and offices, that are needed somewhere and by nobody played there.
    private static func unowned(_ configuration: Configuration, _ directory: String, _ date: CivilDate) -> [Finding] {
        struct Gap {
            var areas: Set<String> = []
            var users: Set<String> = []
            var reason = ""
            var place: SourcePlace?
        }
        var gaps: [String: Gap] = [:]
        let all = configuration.areas.map(\.code)
        func need(_ name: String, _ areas: [String], _ user: String, _ place: SourcePlace?) {
            let isRole = configuration.directory.offices[name] == nil
            for area in isRole ? areas : [""] {
                let resolution = configuration.directory.resolve(name, area: isRole ? area : nil, on: date)
                guard case .unresolved(let reason) = resolution else { continue }
                var gap = gaps[name] ?? Gap()
                if isRole { gap.areas.insert(area) }
                gap.users.insert(user)
                gap.reason = reason
                gap.place = gap.place ?? place
                gaps[name] = gap
            }
        }
        for category in configuration.categories.values.sorted(by: { $0.code < $1.code }) {
            let place = configuration.places.categories[category.code]
            for area in all {
                if let name = category.office(in: area) { need(name, [area], category.code, place) }
            }
        }
        for rule in configuration.rules {
            guard let office = rule.actions.office else { continue }
            let areas = rule.condition.certainAreas.map { $0.filter(all.contains) } ?? all
            need(office.value, areas, rule.name, office.place)
        }
        return gaps.sorted { $0.key < $1.key }.map { name, gap in
            let users = gap.users.sorted()
            let needs =
                users.prefix(3).joined(separator: ", ") + (users.count > 3 ? " and \(users.count - 3) more" : "")
            let what =
                gap.areas.isEmpty
                ? gap.reason : "nobody plays the role \(name) in \(gap.areas.sorted().joined(separator: ", "))"
            return Finding(
                .warning,
                "\(what), and \(needs) need\(users.count == 1 ? "s" : "") it: such tickets go to the last resort; name who answers in offices.yaml",
                at: place(gap.place, directory, "offices.yaml"))
        }
    }

    /// Metres. Outlines are drawn by different hands: what is nearer to a border than this is a sliver.
    private static let sliver = 50.0

    private static func overlaps(_ configuration: Configuration, _ directory: String) -> [Finding] {
        AreaOverlap.all(among: configuration.areas, deeperThan: sliver).map { overlap in
            func degrees(_ value: Double) -> String { "\((value * 100_000).rounded() / 100_000)" }
            let point = "\(degrees(overlap.point.latitude)), \(degrees(overlap.point.longitude))"
            return Finding(
                .warning,
                "the areas \(overlap.first) and \(overlap.second) overlap, for example at \(point): no role is resolved there; correct one of the outlines",
                at: place(configuration.places.areas[overlap.second], directory, "areas"))
        }
    }
}

extension Condition {
    /// The areas in which it may hold, if it demands one of a list.
    fileprivate var certainAreas: [String]? {
        switch self {
        case .area(let areas): areas.map(\.value)
        case .all(let parts): parts.lazy.compactMap(\.certainAreas).first
        default: nil
        }
    }
}
