import Civic
import Crypto
import Foundation
import Rules

/// The files of a directory, as far as they can be read, put together.
final class ConfigurationAssembly {
    let base: String
    let reader: Reader
    private let withShadow: Bool
    var hash = SHA256()
    /// The same with the shadow's rules in place of the live ones.
    var shadowHash = SHA256()
    private(set) var shadowDirectory: String?
    /// Required files of which nothing could be used.
    private var broken: Set<String> = []
    var areaPlaces: [String: SourcePlace] = [:]

    init(base: String, reader: Reader, withShadow: Bool) {
        self.base = base
        self.reader = reader
        self.withShadow = withShadow
    }

    func whereabouts() -> (database: Configuration.Database, stateDirectory: String)? {
        guard let main = yaml("pasquino.yaml", required: true).map({ MainFile($0, reader) }),
            let database = main.database
        else { return nil }
        return (database, main.state ?? defaultState)
    }

    func mailEntrance(channel name: String) -> (listen: ListenAddress, token: Secret)? {
        guard let main = yaml("pasquino.yaml", required: true).map({ MainFile($0, reader) }),
            let file = yaml("channels.yaml", required: true).map({
                ChannelsFile($0, reader, most: main.limits.attachments)
            }),
            let channel = file.channels.map(\.channel).first(where: { $0.name == name && $0.isOpen }),
            channel.email != nil, let token = channel.token, !token.value.isEmpty
        else { return nil }
        return (main.listen, token)
    }

    func webhookEntrance(channel name: String) -> (listen: ListenAddress, channel: Channel, limits: Limits)? {
        guard let main = yaml("pasquino.yaml", required: true).map({ MainFile($0, reader) }),
            let file = yaml("channels.yaml", required: true).map({
                ChannelsFile($0, reader, most: main.limits.attachments)
            }),
            let channel = file.channels.map(\.channel).first(where: { $0.name == name && $0.isOpen && $0.isWebhook })
        else { return nil }
        return (main.listen, channel, main.limits)
    }

    func assemble() -> Configuration? {
        guard FileKind(base) == .directory else {
            reader.error(
                "there is no such directory: give one with --config or $PASQUINO_CONFIG",
                at: SourcePlace(file: base, line: 1, column: 1))
            return nil
        }
        guard let main = yaml("pasquino.yaml", required: true).map({ MainFile($0, reader) }) else { return nil }
        let language = main.city?.language ?? "it"
        let zone = main.city?.zone ?? .utc
        let calendars =
            yaml("calendars.yaml", required: false).map { CalendarsFile($0, reader, zone: zone).calendars } ?? [:]
        let offices = yaml("offices.yaml", required: true).map { file in
            OfficesFile(file, reader, language: language) { Array(SHA256.hash(data: Data($0.utf8))) }
        }
        let categories = yaml("categories.yaml", required: true).map { CategoriesFile($0, reader, language: language) }
        let channels = yaml("channels.yaml", required: true).map {
            ChannelsFile($0, reader, most: main.limits.attachments)
        }
        let (areas, areaFile) = readAreas(language: language)
        let rules = rules(in: "rules", zone: zone)
        let shadow = shadowRules(main.shadow, zone: zone)
        let precedents = names(in: "precedents", suffix: ".yaml").flatMap { name in
            yaml("precedents/\(name)", required: true).map { PrecedentsFile($0, reader).precedents } ?? []
        }
        for rules in [rules, shadow ?? []] { limit(PrecedentsFile.texts(precedents, rules)) }
        let templates = readTemplates()
        lookForStrays()
        if offices?.offices.isEmpty ?? true { broken.insert("offices.yaml") }
        if categories?.categories.isEmpty ?? true { broken.insert("categories.yaml") }
        if channels?.channels.isEmpty ?? true { broken.insert("channels.yaml") }
        if calendars.isEmpty { broken.insert("calendars.yaml") }

        let references = References(
            main: main, offices: offices?.offices ?? [], workCategories: offices?.workCategories ?? [],
            categories: categories?.categories ?? [],
            channels: channels?.channels ?? [], calendars: calendars, areas: areas,
            ruleSets: [rules] + [shadow].compactMap(\.self), precedents: precedents,
            templates: templates, base: base, unread: unread)
        references.check(reader)
        // Before anything is given up, so that all mistakes are said at once.
        let ruleSets = ([rules] + [shadow].compactMap(\.self)).map { rules in
            compiled(
                rules, calendars: references.calendarsAndStandIns, zone: zone,
                precedents: PrecedentsFile.all(precedents, rules, categories?.categories.map(\.category) ?? []))
        }
        guard let ruleSet = ruleSets.first.flatMap(\.self), let city = main.city, let database = main.database,
            let offices, let categories, let channels
        else {
            return nil
        }
        return Configuration(
            city: City(
                name: city.name, prefix: city.prefix, language: city.language, languages: city.languages, zone: zone,
                baseURL: city.baseURL, calendar: city.calendar?.value, target: city.target, phone: city.phone),
            listen: main.listen, database: database, mail: main.mail, certifiedMail: main.certifiedMail,
            appIO: main.appIO,
            notifications: main.notifications, escalation: main.escalation, work: offices.work, limits: main.limits,
            logging: main.logging, retention: main.retention,
            stateDirectory: main.state ?? defaultState,
            channels: Dictionary(
                channels.channels.map { ($0.channel.name, $0.channel) }, uniquingKeysWith: { a, _ in a }),
            directory: OfficeDirectory(offices: offices.offices.map(\.office), lastResort: city.lastResort.value),
            categories: Dictionary(
                categories.categories.map { ($0.category.code, $0.category) }, uniquingKeysWith: { a, _ in a }),
            calendars: calendars, areas: areas, areaFile: areaFile, rules: rules, ruleSet: ruleSet,
            templates: templates,
            places: Configuration.Places(
                categories: codePlaces(categories.categories.map { ($0.category.code, $0.fields) }),
                offices: codePlaces(offices.offices.map { ($0.office.code, $0.fields) }), areas: areaPlaces),
            hash: hash.shortened,
            shadowRules: shadow.flatMap { shadow in
                ruleSets.last.flatMap(\.self).flatMap { ruleSet in
                    shadowDirectory.map {
                        ShadowRules(directory: $0, rules: shadow, ruleSet: ruleSet, hash: shadowHash.shortened)
                    }
                }
            })
    }

    /// - Returns: nil without a shadow.
    private func shadowRules(_ name: Placed<String>?, zone: Zone) -> [RuleDefinition]? {
        guard withShadow, let name else { return nil }
        guard FileKind("\(base)/\(name.value)") == .directory else {
            reader.error(
                "shadow: there is no directory \(name.value) here: make it, or remove the key", at: name.place)
            return nil
        }
        shadowDirectory = name.value
        return rules(in: name.value, zone: zone)
    }

    private func compiled(
        _ rules: [RuleDefinition], calendars: [String: WorkCalendar], zone: Zone, precedents: Precedents?
    ) -> RuleSet? {
        do throws(RuleSetError) {
            return try RuleSet(rules: rules, calendars: calendars, zone: zone, precedents: precedents)
        } catch {
            for finding in error.findings { reader.error(finding.message, at: finding.place) }
            return nil
        }
    }

    /// - Parameter texts: all that is learned from.
    private func limit(_ texts: [Placed<String>]) {
        var room = (texts: Precedents.most, bytes: Precedents.mostBytes)
        for text in texts {
            room.texts -= 1
            room.bytes -= text.value.utf8.count
            guard room.texts < 0 || room.bytes < 0 else { continue }
            let bytes = Precedents.mostBytes >> 20
            return reader.error(
                "from here on there are more than \(Precedents.most) precedents and examples to learn from, or \(bytes) MiB of them: remove some",
                at: text.place)
        }
    }

    private func codePlaces(_ entries: [(code: String, fields: Fields)]) -> [String: SourcePlace] {
        Dictionary(entries.map { ($0.code, $0.fields.placed("code")?.place ?? $0.fields.place) }) { first, _ in first }
    }

    /// systemd's directory, else the usual one of root, else the user's own.
    private var defaultState: String {
        if let given = reader.environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(given) }
        if geteuid() == 0 { return "/var/lib/pasquino" }
        let home = reader.environment["HOME"] ?? NSHomeDirectory()
        return (reader.environment["XDG_STATE_HOME"] ?? "\(home)/.local/state") + "/pasquino"
    }

    /// The files in which something is wrong and which gave nothing, and `areas` if any of its files has an error: names
    /// that should stand there are not reported as unknown, too.
    private var unread: Set<String> {
        var files: Set<String> = []
        for finding in reader.findings where finding.severity == .error {
            let name = String(finding.file.dropFirst(base.count + 1))
            if name.hasPrefix("areas/") { files.insert("areas") }
            if name.hasPrefix("templates/") || broken.contains(name) { files.insert(name) }
        }
        return files
    }
}
