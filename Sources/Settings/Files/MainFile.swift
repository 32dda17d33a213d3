import Civic
import Foundation
import Rules

/// `pasquino.yaml`, read; what refers to other files is checked later.
struct MainFile {
    struct City {
        var name: String
        var prefix: String
        var language: String
        var languages: [String]
        var zone: Zone
        var baseURL: String
        var lastResort: Placed<String>
        var calendar: Placed<String>?
        var target: TargetTime
        var phone: String?
    }
    var city: City?
    var listen = ListenAddress(host: "127.0.0.1", port: 8060)
    var state: String?
    var database: Configuration.Database?
    var mail: Mail?
    var certifiedMail: Mail?
    var appIO: AppIO?
    /// Those that App IO services name.
    var serviceCategories: [Placed<String>] = []
    var notifications = NotificationPolicy(expire: .seconds(72 * 3600), attempts: 100)
    /// Those that kinds of notifications name.
    var policyTemplates: [Placed<String>] = []
    var policyCategories: [Placed<String>] = []
    var escalation = Escalation()
    var limits = Limits(body: 1 << 20, text: 100_000, attachments: 10, messagesPerMinute: 60_000)
    var logging = Logging(level: .info)
    var retention = Retention()
    /// The directory of the shadow's rules.
    var shadow: Placed<String>?

    init(_ file: YAMLFile, _ reader: Reader) {
        guard let root = file.root else {
            reader.error("the file is empty: it needs city and database", at: file.start)
            return
        }
        guard let fields = reader.fields(root, Shapes.main, in: file) else { return }
        city = fields.fields("city", Shapes.city).flatMap(MainFile.city)
        if let value = fields["listen"], let text = fields.expanded("listen"), !text.isEmpty {
            if let address = MainFile.address(text) {
                listen = address
            } else {
                reader.error("listen: expected HOST:PORT, such as 127.0.0.1:8060", at: value.place)
            }
        }
        state = fields.expanded("state").flatMap { $0.isEmpty ? nil : $0 }
        if let state, !state.hasPrefix("/"), let value = fields["state"] {
            reader.error("state: expected a path that begins with /", at: value.place)
        }
        database = MainFile.database(fields)
        mail = fields.fields("mail", Shapes.mail).flatMap(MainFile.mail)
        certifiedMail = fields.fields("certified_mail", Shapes.mail).flatMap(MainFile.mail)
        if let given = fields.fields("app_io", Shapes.appIO) {
            appIO = MainFile.appIO(given)
            serviceCategories = lists(given, "services", Shapes.specialService).flatMap { $0.texts("categories") }
        }
        readPolicies(fields)
        shadow = fields.fields("rules", Shapes.ruleDirectories).flatMap(ShadowDirectory.name)
    }

    private mutating func readPolicies(_ fields: Fields) {
        if let given = fields.fields("notifications", Shapes.notifications) {
            notifications = MainFile.notifications(given, zone: city?.zone ?? .utc)
            let kinds = lists(given, "kinds", Shapes.notificationKind)
            policyTemplates = kinds.flatMap { $0.texts("templates") }
            policyCategories = kinds.flatMap { $0.texts("categories") }
        }
        if let given = fields.fields("escalation", Shapes.escalation) { escalation = MainFile.escalation(given) }
        if let given = fields.fields("limits", Shapes.limits) {
            if let text = given.placed("body") {
                if let bytes = MainFile.bytes(text.value) {
                    limits.body = bytes
                } else {
                    given.reader.error("body: expected a size from 1KiB to 256MiB, such as 1MiB", at: text.place)
                }
            }
            if let text = given.placed("spool") { limits.spool = spool(text, given.reader) ?? limits.spool }
            limits.text = given.number("text") ?? limits.text
            limits.attachments = given.number("attachments") ?? limits.attachments
            limits.messagesPerMinute = given.number("messages_per_minute") ?? limits.messagesPerMinute
        }
        if let given = fields.fields("retention", Shapes.retention) { retention = MainFile.retention(given) }
        if let level = fields.fields("logging", Shapes.logging)?.text("level").flatMap(Logging.Level.init) {
            logging.level = level
        }
    }

    private func spool(_ text: Placed<String>, _ reader: Reader) -> Int? {
        guard let bytes = MainFile.bytes(text.value, most: 16 << 30) else {
            reader.error("spool: expected a size from 1KiB to 16GiB, such as 256MiB", at: text.place)
            return nil
        }
        // The largest request that is taken, and what the spool writes around it.
        guard bytes >= limits.body + 64 << 10 else {
            reader.error("spool: there must be room for one request at least: limits.body and 64KiB", at: text.place)
            return nil
        }
        return bytes
    }

    private static func city(_ fields: Fields) -> City? {
        let reader = fields.reader
        guard let name = fields.text("name"), let prefix = fields.placed("prefix"),
            let language = fields.placed("language"), let zoneName = fields.placed("time_zone"),
            let baseURL = fields.placed("base_url"), let lastResort = fields.placed("last_resort")
        else { return nil }
        if !(2...4).contains(prefix.value.utf8.count) || !prefix.value.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
            reader.error("prefix: expected two to four capital letters, such as RM", at: prefix.place)
        }
        var languages = [language.value]
        for tag in [language] + fields.texts("languages") {
            if !isLanguage(tag.value) {
                reader.error("expected an ISO 639-1 code such as it or en, found \(tag.value)", at: tag.place)
            } else if !languages.contains(tag.value) {
                languages.append(tag.value)
            }
        }
        // Without the city's language, all names and templates would seem to be missing.
        guard isLanguage(language.value) else { return nil }
        guard let zone = Zone(named: zoneName.value) else {
            reader.error(
                "time_zone: there is no time zone \(zoneName.value); expected a name such as Europe/Rome",
                at: zoneName.place)
            return nil
        }
        var target = TargetTime.days(30)
        if let text = fields.placed("target") {
            if let given = TargetTime(text.value) {
                target = given
            } else {
                reader.error(badTarget("target"), at: text.place)
            }
        }
        guard var url = fields.expanded("base_url") else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        if !isAddress(url, schemes: ["http", "https"]) {
            reader.error("base_url: expected http:// or https:// and a host", at: baseURL.place)
        }
        return City(
            name: name, prefix: prefix.value, language: language.value, languages: languages, zone: zone, baseURL: url,
            lastResort: lastResort, calendar: fields.placed("calendar"), target: target, phone: fields.text("phone"))
    }

    private static func database(_ fields: Fields) -> Configuration.Database? {
        guard let value = fields["database"] else { return nil }
        if value.node.text != nil {
            return DatabaseText.read(fields, "database").map { Configuration.Database(connection: $0, migrate: .auto) }
        }
        guard let inner = fields.fields("database", Shapes.database),
            let connection = DatabaseText.read(inner, "connection")
        else { return nil }
        return Configuration.Database(
            connection: connection,
            migrate: inner.text("migrate").flatMap(Configuration.Database.Migrate.init) ?? .auto)
    }

    private static func mail(_ fields: Fields) -> Mail? {
        let reader = fields.reader
        // First, so that what is wrong with it is said whatever else is.
        let password = fields.secret("password")
        guard let place = fields["server"]?.place, let server = fields.expanded("server"),
            let from = fields.fields("from", Shapes.from), let name = from.text("name"),
            let addressPlace = from["address"]?.place, let address = from.expanded("address")
        else { return nil }
        if !isAddress(server, schemes: ["smtp", "smtps"]) {
            reader.error("server: expected smtp://HOST:PORT or smtps://HOST:PORT, without a password", at: place)
        }
        if EmailAddress(address)?.isASCII != true {
            reader.error("address: \(address) is not an e-mail address (letters must be ASCII ones)", at: addressPlace)
        }
        if fields["user"] != nil, fields["password"] == nil {
            reader.error("user without password: add password: ${credential:NAME}", at: fields.place)
        }
        let tls = fields.text("tls").flatMap(Mail.TLS.init) ?? .required
        // Whoever sits on the way can take an offer of TLS away, or answer with a certificate of theirs.
        if tls != .required, !server.lowercased().hasPrefix("smtps:"), fields["password"] != nil {
            reader.error(
                "tls: a password could travel in plain sight; use required", at: fields["tls"]?.place ?? fields.place)
        }
        let replies = fields.expanded("replies").flatMap { $0.isEmpty ? nil : $0 }
        if let replies, let place = fields["replies"]?.place, EmailAddress(replies)?.isASCII != true {
            reader.error("replies: \(replies) is not an e-mail address (letters must be ASCII ones)", at: place)
        }
        var attachments = 10 << 20
        if let text = fields.placed("attachments") {
            if let bytes = MainFile.bytes(text.value) {
                attachments = bytes
            } else {
                reader.error("attachments: expected a size from 1KiB to 256MiB, such as 10MiB", at: text.place)
            }
        }
        return Mail(
            server: server, tls: tls, user: fields.expanded("user"), password: password,
            from: Mail.From(name: name, address: address), connections: fields.number("connections") ?? 4,
            replies: replies, attachments: attachments)
    }

    private static func appIO(_ fields: Fields) -> AppIO? {
        // First, so that what is wrong with any of them is said.
        let service = fields.fields("service", Shapes.service).flatMap(MainFile.service)
        let others = lists(fields, "services", Shapes.specialService).compactMap(MainFile.service)
        guard let place = fields["url"]?.place, var url = fields.expanded("url"), let service else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        if !isAddress(url, schemes: ["http", "https"]) {
            fields.reader.error("url: expected http:// or https:// and a host", at: place)
        }
        let profilesFor = duration(fields, "profiles") ?? .seconds(6 * 3600)
        if profilesFor > .seconds(86_400), let profiles = fields["profiles"] {
            fields.reader.error(
                "profiles: at most 24h: who has installed the app since would not be written to in it",
                at: profiles.place)
        }
        return AppIO(
            url: url, service: service, services: others,
            callsPerSecond: Double(fields.number("calls_per_second") ?? 25),
            uncertain: fields.text("uncertain").flatMap(AppIO.Uncertain.init) ?? .email,
            profilesFor: profilesFor)
    }

    private static func service(_ fields: Fields) -> AppIO.Service? {
        let (primary, secondary) = (fields.secret("primary_key"), fields.secret("secondary_key"))
        guard let name = fields.text("name"), let primary else { return nil }
        return AppIO.Service(
            name: name, primaryKey: primary, secondaryKey: secondary,
            categories: fields.texts("categories").map(\.value), isPremium: fields.flag("premium") ?? false,
            requiresSecureChannels: fields.flag("secure_channels"))
    }

    private static func address(_ text: String) -> ListenAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.isEmpty ? nil : ListenAddress(host: host, port: port)
    }

    static func bytes(_ text: String, most: Int = 256 << 20) -> Int? {
        for (unit, factor) in [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)] where text.hasSuffix(unit) {
            guard let number = Int(text.dropLast(3).trimmingCharacters(in: .whitespaces)),
                (1...262_144).contains(number)
            else { return nil }
            let size = number * factor
            return size <= most ? size : nil
        }
        return nil
    }

    /// Without user and password: those are secrets.
    static func isAddress(_ text: String, schemes: [String]) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host, !host.isEmpty else {
            return false
        }
        return schemes.contains(scheme) && !text.contains("@")
    }
}

/// Two lower-case letters.
func isLanguage(_ text: String) -> Bool { text.utf8.count == 2 && text.utf8.allSatisfy { (0x61...0x7A).contains($0) } }

func badTarget(_ key: String) -> String {
    "\(key): expected a number and h, d, wh or wd (hours, days, working hours, working days), such as 10wd"
}

/// Lower-case letters, digits and hyphens, beginning with a letter.
func isCode(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
}

extension Zone {
    /// From the system's time zone data, with all changes from 1970 to 2100.
    init?(named name: String) {
        guard let zone = TimeZone(identifier: name), zone.identifier == name || name == "UTC" else { return nil }
        var changes: [Change] = []
        var at = Date(timeIntervalSince1970: 0)
        let end = Date(timeIntervalSince1970: 4_102_444_800)
        let base = zone.secondsFromGMT(for: at)
        while let next = zone.nextDaylightSavingTimeTransition(after: at), next < end, next > at {
            changes.append(Change(at: Int64(next.timeIntervalSince1970), offset: zone.secondsFromGMT(for: next)))
            at = next
        }
        self.init(name: name, base: base, changes: changes)
    }
}
