import Civic
import Testing

@testable import Rules

@Suite("Conditions")
struct ConditionTests {
    private func holds(_ condition: Condition, _ input: RuleInput) throws -> Bool {
        let office = WorkCalendar(
            name: "uffici", zone: .utc, week: [.monday: [.init(from: 510, to: 810)]],
            holidays: [.yearly(month: 1, day: 5)])
        let set = try RuleSet(rules: [rule("r", condition)], calendars: ["uffici": office], zone: .utc)
        let holds = set.matches(rule: 0, input)
        #expect(set.decide(input).tags.isEmpty == !holds)
        return holds
    }

    @Test("text looks at subject and body, the others at their own")
    func parts() throws {
        let input = input("nel corpo", subject: "un oggetto")
        #expect(try holds(text("corpo"), input))
        #expect(try holds(text("oggetto"), input))
        #expect(try holds(text("oggetto", in: .subject), input))
        #expect(try !holds(text("corpo", in: .subject), input))
        #expect(try holds(text("corpo", in: .body), input))
        #expect(try !holds(text("oggetto", in: .body), input))
        #expect(try holds(text("/ogg.tto/", in: .subject), input))
        #expect(try !holds(text("/ogg.tto/", in: .body), input))
        // A phrase does not reach from the one into the other.
        #expect(try !holds(text("oggetto nel"), input))
        #expect(try holds(.all([text("oggetto", in: .subject), text("corpo", in: .body)]), input))
    }

    @Test("channel and language")
    func channel() throws {
        #expect(try holds(.channel(placed("pec", "portale")), input("x")))
        #expect(try !holds(.channel(placed("pec")), input("x")))
        #expect(try holds(.language(placed("IT")), input(message("x"), language: "it")))
        #expect(try !holds(.language(placed("en")), input(message("x"), language: "it")))
    }

    @Test(
        "from",
        arguments: [
            ("Anna@Esempio.it", true), ("esempio.it", true), ("ESEMPIO.IT", true), ("@esempio.it", true), ("it", true),
            ("sempio.it", false), ("altri@esempio.it", false), ("pec.esempio.it", false),
        ])
    func from(written: String, expected: Bool) throws {
        var message = message("x")
        message.sender.email = "anna@esempio.it"
        #expect(try holds(.from(placed(written)), input(message)) == expected)
        #expect(try !holds(.from(placed(written)), input("x")))
    }

    @Test("from takes subdomains")
    func subdomains() throws {
        var message = message("x")
        message.sender.email = "anna@posta.pec.esempio.it"
        #expect(try holds(.from(placed("esempio.it")), input(message)))
        #expect(try holds(.from(placed("pec.esempio.it")), input(message)))
        message.sender.email = "senza-chiocciola"
        #expect(try !holds(.from(placed("esempio.it")), input(message)))
    }

    @Test(
        "area",
        arguments: [
            ("municipio-i", AreaPlace.certain("municipio-i"), true), ("municipio-i", .certain("municipio-ii"), false),
            ("municipio-i", .boundary(["municipio-i"]), false), ("boundary", .boundary(["municipio-i"]), true),
            ("outside", .outside, true), ("outside", .unknown, false), ("unknown", .unknown, true),
            ("unknown", .outside, false), ("outside", .certain("municipio-i"), false),
        ])
    func area(written: String, area: AreaPlace, expected: Bool) throws {
        #expect(try holds(.area(placed(written)), input(message("x"), area: area)) == expected)
    }

    @Test("has", arguments: Condition.Feature.allCases)
    func has(feature: Condition.Feature) throws {
        var full = message("x", subject: "oggetto")
        full.attachments = [Attachment(name: "a.jpg", type: "Image/JPEG", content: [])]
        full.location = Location(point: GeoPoint(latitude: 41.9, longitude: 12.5))
        full.sender = Sender(name: "Anna", email: "a@b.it", phone: "+39061234", fiscalCode: "RSSMRA80A01H501U")
        #expect(try holds(.has(placed(feature)), input(full)))
        var bare = message("x", subject: "  ")
        bare.location = Location(address: " ")
        bare.sender.name = ""
        #expect(try !holds(.has(placed(feature)), input(bare)))
    }

    @Test("a document is an attachment but no photo; an address is a location")
    func hasDetails() throws {
        var message = message("x")
        message.attachments = [Attachment(name: "a.pdf", type: "application/pdf", content: [])]
        message.location = Location(address: "via Roma 1")
        #expect(try holds(.has(placed(.attachment)), input(message)))
        #expect(try !holds(.has(placed(.photo)), input(message)))
        #expect(try holds(.has(placed(.location)), input(message)))
    }

    @Test("citizen")
    func citizen() throws {
        var attested = message("x")
        attested.sender = Sender(fiscalCode: "RSSMRA80A01H501U", attested: [.fiscalCode])
        #expect(try holds(.authenticated(true, somewhere), input(attested)))
        #expect(try !holds(.authenticated(false, somewhere), input(attested)))
        #expect(try holds(.authenticated(false, somewhere), input("x")))
        #expect(try !holds(.authenticated(true, somewhere), input("x")))
    }

    @Test("field")
    func field() throws {
        var message = message("x")
        message.fields = ["municipio": " Municipio  VII ", "vuoto": "  "]
        func holds(_ name: String, _ values: String...) throws -> Bool {
            try self.holds(.field(name: name, values: values.map { placed($0) }, somewhere), input(message))
        }
        #expect(try holds("municipio"))
        #expect(try holds("municipio", "municipio vii"))
        #expect(try holds("municipio", "altro", "MUNICIPIO-VII"))
        #expect(try !holds("municipio", "VII"))
        #expect(try !holds("vuoto"))
        #expect(try !holds("assente"))
        #expect(try !holds("assente", "x"))
    }

    @Test(
        "time",
        arguments: [
            // Monday 2026-11-23; the calendar is open on Mondays from 8:30 to 13:30.
            (Condition.TimeCondition(calendar: "uffici"), "2026-11-23T09:00:00Z", true),
            (.init(calendar: "uffici"), "2026-11-23T14:00:00Z", false),
            (.init(calendar: "uffici", open: false), "2026-11-23T14:00:00Z", true),
            (.init(calendar: "uffici"), "2026-01-05T09:00:00Z", false),
            (.init(weekdays: [.monday]), "2026-11-23T00:00:00Z", true),
            (.init(weekdays: [.monday]), "2026-11-24T00:00:00Z", false),
            (.init(hours: .init(from: 1200, to: 360)), "2026-11-23T20:00:00Z", true),
            (.init(hours: .init(from: 1200, to: 360)), "2026-11-23T05:59:59Z", true),
            (.init(hours: .init(from: 1200, to: 360)), "2026-11-23T06:00:00Z", false),
            (.init(hours: .init(from: 0, to: 1440)), "2026-11-23T23:59:59Z", true),
            (.init(weekdays: [.monday], hours: .init(from: 600, to: 660)), "2026-11-23T11:00:00Z", false),
        ])
    func time(condition: Condition.TimeCondition, at: String, expected: Bool) throws {
        let moment = try #require(Timestamp(rfc3339: at))
        #expect(try holds(.time(condition, somewhere), input(message("x"), at: moment)) == expected)
    }

    @Test("time is the city's")
    func zone() throws {
        let rome = Zone(name: "Europe/Rome", base: 3600, changes: [])
        let night = Condition.time(.init(weekdays: [.tuesday], hours: .init(from: 0, to: 60)), somewhere)
        let set = try RuleSet(rules: [rule("r", night)], calendars: [:], zone: rome)
        let moment = try #require(Timestamp(rfc3339: "2026-11-23T23:30:00Z"))
        #expect(set.matches(rule: 0, input(message("x"), at: moment)))
    }

    @Test("all, any, not, and none of them")
    func combined() throws {
        #expect(try holds(.all([]), input("x")))
        #expect(try !holds(.any([]), input("x")))
        #expect(try holds(.not(.any([])), input("x")))
        #expect(try holds(.all([text("buca"), .not(text("postale"))]), input("buca")))
        #expect(try !holds(.all([text("buca"), .not(text("postale"))]), input("buca postale")))
        #expect(try holds(.any([text("x"), .channel(placed("pec"))]), input("x")))
    }

    @Test("unknown calendars and unreadable values are refused")
    func refused() {
        let time = Condition.time(.init(calendar: "ufici"), somewhere)
        let field = Condition.field(name: "a", values: placed("?"), somewhere)
        let error = #expect(throws: RuleSetError.self) {
            try RuleSet(rules: [rule("r", .all([time, field]))], calendars: [:], zone: .utc)
        }
        #expect(
            error?.findings.map(\.message) == [
                "there is no calendar named `ufici`; there is none",
                "the value `?` has no letter or digit; write one, or `true` for any value",
            ])
    }
}
