import Civic
import Crypto
import Foundation
import Rules

/// Reads a configuration directory, whole, and says everything that is wrong with it.
public enum ConfigurationLoader {
    public typealias Secrets = SecretSource

    /// - Parameters:
    ///   - directory: as the user gave it; findings name files below it.
    ///   - environment: where `${env:…}` and `${credential:…}` look.
    ///   - secrets: whether a secret that is not there is an error (to serve) or a warning (to check).
    /// - Returns: the configuration, or nil if any finding is an error; and all findings, in order of place.
    public static func load(
        directory: String, environment: [String: String], secrets: Secrets
    ) -> (configuration: Configuration?, findings: [Finding]) {
        var base = directory
        while base.count > 1, base.hasSuffix("/") { base.removeLast() }
        let reader = Reader(environment: environment, secrets: secrets)
        let configuration = ConfigurationAssembly(base: base, reader: reader).assemble()
        let findings = Array(Set(reader.findings)).sorted()
        return (findings.contains { $0.severity == .error } ? nil : configuration, findings)
    }
}

/// The files of a directory, as far as they can be read, put together.
final class ConfigurationAssembly {
    let base: String
    let reader: Reader
    private var hash = SHA256()
    /// Required files of which nothing could be used.
    private var broken: Set<String> = []
    private var areaPlaces: [String: SourcePlace] = [:]

    init(base: String, reader: Reader) {
        self.base = base
        self.reader = reader
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
        let channels = yaml("channels.yaml", required: true).map { ChannelsFile($0, reader) }
        let (areas, areaFile) = readAreas(language: language)
        let rules = names(in: "rules", suffix: ".yaml").flatMap { name in
            yaml("rules/\(name)", required: true).map { RulesFile($0, reader).rules } ?? []
        }
        if rules.isEmpty { reader.warn("there are no rules: everything goes to the last resort", at: place("rules")) }
        let templates = readTemplates()
        lookForStrays()
        if offices?.offices.isEmpty ?? true { broken.insert("offices.yaml") }
        if categories?.categories.isEmpty ?? true { broken.insert("categories.yaml") }
        if channels?.channels.isEmpty ?? true { broken.insert("channels.yaml") }
        if calendars.isEmpty { broken.insert("calendars.yaml") }

        let references = References(
            main: main, offices: offices?.offices ?? [], categories: categories?.categories ?? [],
            channels: channels?.channels ?? [], calendars: calendars, areas: areas, rules: rules, templates: templates,
            base: base, unread: unread)
        references.check(reader)
        // Before anything is given up, so that all mistakes are said at once.
        let ruleSet: RuleSet
        do throws(RuleSetError) {
            ruleSet = try RuleSet(rules: rules, calendars: references.calendarsAndStandIns, zone: zone)
        } catch {
            for finding in error.findings { reader.error(finding.message, at: finding.place) }
            return nil
        }
        guard let city = main.city, let database = main.database, let offices, let categories, let channels else {
            return nil
        }
        return Configuration(
            city: City(
                name: city.name, prefix: city.prefix, language: city.language, languages: city.languages, zone: zone,
                baseURL: city.baseURL, calendar: city.calendar?.value, target: city.target, phone: city.phone),
            listen: main.listen, database: database, mail: main.mail, appIO: main.appIO,
            notifications: main.notifications, limits: main.limits, logging: main.logging,
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
            hash: hash.finalize().prefix(6).map { String(format: "%02x", $0) }.joined())
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

    private func place(_ name: String) -> SourcePlace { SourcePlace(file: "\(base)/\(name)", line: 1, column: 1) }

    private func bytes(_ name: String, required: Bool, limit: Int) -> Data? {
        let path = "\(base)/\(name)"
        switch FileKind(path) {
        case nil:
            if required { reader.error("the file is missing", at: place(name)) }
            return nil
        case .directory, .other:
            reader.error("this is not a regular file: remove it", at: place(name))
            return nil
        // Before it is read: a file may be larger than memory.
        case .file(let size) where size > limit:
            reader.error("the file is larger than \(limit >> 20) MiB: split it, or simplify it", at: place(name))
            return nil
        case .file: break
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            reader.error("the file cannot be read: check its permissions", at: place(name))
            return nil
        }
        hash.update(data: Data("\(name)\u{0}\(data.count)\u{0}".utf8))
        hash.update(data: data)
        return data
    }

    private func yaml(_ name: String, required: Bool) -> YAMLFile? {
        guard let data = bytes(name, required: required, limit: YAMLFile.limit) else { return nil }
        do throws(Findings) {
            return try YAMLFile(name: "\(base)/\(name)", bytes: data)
        } catch {
            reader.add(error.all)
            return nil
        }
    }

    /// The names of a directory's files, in order of their bytes.
    private func names(in directory: String, suffix: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "\(base)/\(directory)")) ?? []
        return all.filter { !$0.hasPrefix(".") && $0.hasSuffix(suffix) }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    private func readAreas(language: String) -> ([Area], String?) {
        var areas: [Area] = []
        let files = names(in: "areas", suffix: ".geojson")
        for name in files {
            guard let data = bytes("areas/\(name)", required: true, limit: AreaFile.limit) else { continue }
            for area in AreaFile(name: "\(base)/areas/\(name)", bytes: data, reader, language: language).areas {
                if areas.contains(where: { $0.code == area.code }) {
                    reader.error("there is an area \(area.code) already, in another file", at: place("areas/\(name)"))
                } else {
                    areas.append(area)
                    areaPlaces[area.code] = place("areas/\(name)")
                }
            }
        }
        return (areas, files.count == 1 ? files[0] : nil)
    }

    private func readTemplates() -> [String: [String: String]] {
        var templates: [String: [String: String]] = [:]
        for language in names(in: "templates", suffix: "") {
            for name in names(in: "templates/\(language)", suffix: "") {
                let path = "templates/\(language)/\(name)"
                guard let data = bytes(path, required: true, limit: 1 << 20) else { continue }
                guard let text = String(validating: data, as: UTF8.self) else {
                    reader.error("the template is not UTF-8: save it as UTF-8", at: place(path))
                    continue
                }
                templates[language, default: [:]][name] = text
            }
        }
        return templates
    }

    /// A file that nobody reads is a mistake somebody will look for.
    private func lookForStrays() {
        let known = Set(Shapes.files.map(\.file)).subtracting(["rules.yaml"])
        for name in names(in: "", suffix: "") where !known.contains(name) {
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".geojson") {
                let suggestion = nearest(name, among: known)
                reader.warn(
                    "this file is not read"
                        + (suggestion.map { "; did you mean \($0)?" } ?? ": rules go into rules/, districts into areas/"),
                    at: place(name))
            }
        }
        for name in names(in: "rules", suffix: "") where !name.hasSuffix(".yaml") {
            reader.warn("this file is not read: rules end in .yaml", at: place("rules/\(name)"))
        }
        for name in names(in: "areas", suffix: "") where !name.hasSuffix(".geojson") {
            reader.warn("this file is not read: districts end in .geojson", at: place("areas/\(name)"))
        }
        for language in names(in: "templates", suffix: "") {
            for name in names(in: "templates/\(language)", suffix: "")
            where ![".subject", ".txt", ".html", ".io"].contains(where: name.hasSuffix) {
                reader.warn(
                    "this file is not read: templates end in .subject, .txt, .html or .io",
                    at: place("templates/\(language)/\(name)"))
            }
        }
    }
}
