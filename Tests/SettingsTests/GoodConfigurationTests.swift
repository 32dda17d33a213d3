import Civic
import Foundation
import Rules
import Testing

@testable import Settings

@Suite struct GoodConfigurationTests {
    private func good() throws -> Configuration {
        let loaded = try ConfigurationFolder().load()
        #expect(loaded.findings.isEmpty)
        return try #require(loaded.configuration)
    }

    @Test func city() throws {
        let configuration = try good()
        #expect(configuration.city.name == "Borgo")
        #expect(configuration.city.prefix == "BG")
        #expect(configuration.city.languages == ["it", "en"])
        #expect(configuration.city.baseURL == "http://localhost:8060")
        #expect(configuration.city.target == .days(30))
        #expect(configuration.city.calendar == "uffici")
        #expect(configuration.city.phone == "060606")
        #expect(configuration.listen == ListenAddress(host: "::1", port: 8060))
        #expect(configuration.stateDirectory == "/var/lib/borgo")
        #expect(configuration.database.connection == .string("host=/run/postgresql dbname=borgo"))
        #expect(configuration.database.migrate == .manual)
        #expect(configuration.notifications == NotificationPolicy(expire: .seconds(3 * 86_400), attempts: 7))
        #expect(
            configuration.limits
                == Limits(body: 512 << 10, text: 5000, attachments: 3, messagesPerMinute: 100, spool: 2 << 30))
        #expect(configuration.logging.level == .notice)
    }

    @Test func retention() throws {
        let day = Duration.seconds(86_400)
        var expected = Retention()
        expected.tickets = day * 1825
        expected.raw = day * 90
        expected.discarded = day * 30
        expected.unreadMail = day * 60
        expected.correspondents = day * 7
        #expect(try good().retention == expected)
    }

    @Test func media() throws {
        let configuration = try good()
        let mail = try #require(configuration.mail)
        #expect(mail.server == "smtps://mail.example.org:465")
        #expect(mail.tls == .required)
        #expect(mail.password?.value == "mail-password")
        #expect(mail.from == Mail.From(name: "Comune di Borgo", address: "non-rispondere@example.org"))
        #expect(mail.connections == 2)
        let appIO = try #require(configuration.appIO)
        #expect(appIO.url == "https://io.example.org/api/v1")
        #expect(appIO.service.primaryKey.value == "io-key")
        #expect(appIO.service.secondaryKey?.value == "io-key-2")
        #expect(appIO.services.map(\.name) == ["Verde"])
        #expect(appIO.services.first?.primaryKey.value == "io-key-2")
        #expect(appIO.services.first?.categories == ["verde.*", "strade.altro"])
        #expect(appIO.callsPerSecond == 10)
        #expect(appIO.uncertain == .hold)
    }

    @Test func channels() throws {
        let channels = try good().channels
        #expect(channels.keys.sorted() == ["portale", "sportello"])
        let portal = try #require(channels["portale"])
        #expect(portal.token?.value == "portale-token")
        #expect(portal.signingSecrets.map(\.value) == ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"])
        #expect(portal.attests == [.fiscalCode, .email])
        #expect(portal.areaField == "quartiere")
        #expect(portal.messagesPerMinute == 50)
        #expect(portal.defaultCategory == "strade.altro")
        #expect(portal.defaultTags == ["web"])
        #expect(channels["sportello"]?.areaField == "municipio")
        #expect(!portal.isSpooled && channels["sportello"]?.isSpooled == true)
    }

    @Test func officesCategoriesAndCalendars() throws {
        let configuration = try good()
        let directory = configuration.directory
        #expect(directory.lastResort == "urp")
        #expect(directory.roles == ["quartiere", "cantiere"])
        let north = try #require(directory.offices["quartiere-nord"])
        #expect(north.names == ["it": "Quartiere Nord"])
        #expect(north.aliases.map(\.name) == ["Nord", "Circoscrizione I"])
        #expect(north.aliases[1].until?.description == "2013-05-31")
        #expect(north.validFrom?.description == "2013-06-01")
        #expect(north.forwards.map(\.to) == ["lavori", "lavori"])
        // SHA-256 of `office`, by sha256sum(1).
        let digest = directory.offices["comune"]?.tokenDigest?.map { String(format: "%02x", $0) }.joined()
        #expect(digest == "5cc3f82838ba7260203e4590ce03d00e1663d41f6a5167144f5c95d6be2166a0")

        let potholes = try #require(configuration.categories["strade.buche"])
        #expect(potholes.names == ["it": "Buche", "en": "Potholes"])
        #expect(potholes.priority == .urgent)
        #expect(potholes.target == .workingDays(10))
        #expect(potholes.external == ["area": "11", "topic": "374"])
        #expect(potholes.office(in: nil) == "quartiere" && potholes.office(in: "sud") == "quartiere")
        #expect(potholes.office(in: "nord") == "lavori")

        let hours = try #require(configuration.calendars["uffici"])
        #expect(hours.week[.monday]?.map(\.from) == [510, 840])
        #expect(hours.week[.sunday]?.map(\.to) == [1440])
        #expect(hours.week[.friday] == nil)
        #expect(hours.holidays.contains(.easter(days: -2)))
        #expect(hours.holidays.contains(.yearly(month: 2, day: 29)))
        #expect(hours.holidays.count == 6)
    }

    @Test func rulesAreInOrderAndWordsStayWords() throws {
        let configuration = try good()
        #expect(configuration.rules.map(\.name) == ["pericoli.feriti", "strade.buche", "verde.alberi", "spam"])
        guard case .text(_, let patterns) = configuration.rules[0].condition else {
            Issue.record("expected one condition on the text")
            return
        }
        #expect(patterns.map(\.value) == ["ferito", "112", "no", "on", "1e3", "fatto male"])
        let rule = configuration.rules[1]
        #expect(rule.place.line == 2 && rule.place.column == 11)
        #expect(rule.actions.target?.value == .workingDays(5))
        #expect(rule.actions.tags.map(\.value) == ["strada"])
        #expect(rule.matchExamples.map(\.text) == ["C'è una buca in via Roma"])
        #expect(rule.noMatchExamples.map(\.text) == ["Dove trovo una buca postale?"])
        #expect(configuration.ruleSet.rules.count == 4)
    }

    @Test func anExampleMayBeAWholeMessage() throws {
        let example = try #require(try good().rules[3].matchExamples.first)
        #expect(example.text == "Vinci un premio")
        #expect(example.place.line == 39 && example.place.column == 11)
        let context = try #require(example.context)
        #expect(context.subject == "Evviva")
        #expect(context.channel?.value == "portale" && context.language?.value == "en" && context.area?.value == "I")
        #expect(context.email == "Mario@example.com" || context.email == "mario@example.com")
        #expect(context.name == "Mario" && context.phone == "+39060606" && context.fiscalCode == "MRTNTN23M02D969P")
        #expect(context.has == [.photo, .location])
        #expect(context.authenticated == false)
        #expect(context.at == Timestamp(rfc3339: "2026-05-04T08:30:00Z"))
        #expect(context.fields == ["tipo": "albero, ramo", "via": "12", "indirizzo.civico": "7"])
        let expected = example.expected
        #expect(expected.category?.value == "verde.alberi" && expected.office?.value == "quartiere")
        #expect(expected.priority?.value == .high && expected.target?.value == .workingDays(5))
        #expect(expected.tags.map(\.value) == ["strada", "urgente"] && expected.notify.map(\.value) == ["comune"])
        #expect(expected.reply?.value == "opened" && expected.undecided == false)
        #expect(expected.discard == .text("pubblicità") && expected.abstain == RuleExample.Expectation.Reason.none)
    }

    @Test func severalKeysMeanAllOfThem() throws {
        let condition = try good().rules[2].condition
        #expect(
            condition.short == "any: (subject: albero and body: caduto; channel: portale and language: it, en and "
                + "from: example.org, mario@example.com and area: nord, outside and has: photo, fiscal_code and "
                + "citizen: authenticated and time: uffici closed saturday, sunday 20:00-06:00 and "
                + "field tipo: albero, ramo and field urgente: true and field via: 12) and "
                + "not: any: (citizen: anonymous; text: \"albero genealogico\")")
    }

    @Test func areas() throws {
        let configuration = try good()
        #expect(configuration.areas.map(\.code) == ["nord", "sud"])
        #expect(configuration.areaFile == "quartieri.geojson")
        #expect(configuration.areas[0].names == ["it": "Nord", "en": "North"])
        #expect(configuration.areas[0].aliases == ["1", "I"])
        #expect(configuration.areas[0].polygons[0].holes.count == 1)
        #expect(configuration.areas[0].polygons[0].outer[1].longitude == 12.2)
        #expect(configuration.areas[1].names == ["it": "Sud"])
    }

    @Test func templates() throws {
        let templates = try good().templates
        #expect(templates.keys.sorted() == ["en", "it"])
        #expect(templates["en"]?["opened.subject"] == "{{{code}}}: opened\n")
    }

    @Test func defaults() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "pasquino.yaml",
            """
            city: {name: B, prefix: BGO, language: it, time_zone: Europe/Rome, base_url: "https://b.example", last_resort: urp}
            database: embedded
            """)
        try folder.remove("templates/en")
        try folder.edit("rules/20-strade.yaml", "[it, en]", "[it]")
        let loaded = folder.load(ConfigurationFolder.environment.merging(["STATE_DIRECTORY": "/s:/t"]) { $1 })
        #expect(loaded.findings.map(\.message) == ["there is no mail server: no e-mail is sent"])
        let configuration = try #require(loaded.configuration)
        #expect(configuration.listen == ListenAddress(host: "127.0.0.1", port: 8060))
        #expect(configuration.database.connection == .embedded && configuration.database.migrate == .auto)
        #expect(configuration.notifications == NotificationPolicy(expire: .seconds(72 * 3600), attempts: 100))
        #expect(configuration.stateDirectory == "/s")
        #expect(configuration.city.languages == ["it"] && configuration.city.target == .days(30))
        #expect(configuration.mail == nil && configuration.appIO == nil)
    }

    @Test func hashTellsContentsAndNames() throws {
        let folder = try ConfigurationFolder()
        let hash = try #require(folder.load().configuration?.hash)
        #expect(hash.count == 12 && hash.allSatisfy(\.isHexDigit))
        #expect(try good().hash == hash)
        try folder.edit("templates/it/opened.txt", "opened", "Opened")
        let changed = try #require(folder.load().configuration?.hash)
        #expect(changed != hash)
        try folder.write("rules/30-strade.yaml", try folder.read("rules/20-strade.yaml"))
        try folder.remove("rules/20-strade.yaml")
        #expect(folder.load().configuration?.hash != changed)
    }

    @Test(arguments: ["\r\n", "\n"]) func lineEndsAndByteOrderMark(_ end: String) throws {
        let folder = try ConfigurationFolder()
        for file in ["pasquino.yaml", "offices.yaml", "rules/20-strade.yaml"] {
            try folder.write(file, "\u{FEFF}" + folder.read(file).replacing("\n", with: end))
        }
        #expect(folder.findings().isEmpty)
        try folder.edit("offices.yaml", "email: urp@example.org", "email: urp")
        #expect(folder.load().findings.first?.line == 8)
    }

    /// Changes by zdump(8).
    @Test func zoneHasItsChanges() throws {
        let zone = try good().city.zone
        let changes: [(Int64, Int)] = [
            (1_774_745_999, 3600), (1_774_746_000, 7200), (1_792_889_999, 7200), (1_792_890_000, 3600),
            (0, 3600), (12_956_399, 3600), (12_956_400, 7200), (2_800_000_000, 7200),
        ]
        for (second, offset) in changes { #expect(zone.offset(at: .init(seconds: second)) == offset, "\(second)") }
    }

    @Test func shippedCityIsGood() throws {
        let roma = ConfigurationFolder.fixtures.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Config/roma")
        let loaded = ConfigurationLoader.load(directory: roma.path, environment: [:], secrets: .optional)
        #expect(loaded.configuration != nil)
        #expect(loaded.findings.allSatisfy { $0.severity == .warning && $0.message.hasSuffix("is not set") })
    }
}
