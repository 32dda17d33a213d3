import Civic
import Settings
import Testing

@testable import Intake
@testable import Rules

@Suite("A verdict has a value for every field, and a reason for every value") struct VerdictTests {
    private static let rules = """
        rules:
          - name: prova.categoria
            when: {text: [cassonetto]}
            then: {category: manutenzione.rifiuti-abbandonati}
          - name: prova.tutto
            when: {text: [completo]}
            then:
              category: manutenzione.rifiuti-abbandonati
              office: simu
              priority: low
              sla: 2d
              tags: [uno, due]
              reply: acknowledged
              notify: [polizia-locale-comando, urp]
          - name: prova.ruolo
            when: {text: [soltanto]}
            then: {office: municipio}
          - name: prova.ruolo-e-categoria
            when: {text: [entrambi]}
            then: {category: sicurezza.voragine, office: municipio}
          - name: prova.telefono
            when: {text: [etichetta]}
            then: {tags: [prima, telefono]}
          - name: prova.scarto
            when: {text: [scarto]}
            then: {discard: non serve, stop: true}
          - name: prova.altri
            when: {text: [bollo]}
            then: {abstain: lo tratta la Regione}
          - name: prova.eccetto
            when: {text: [lampada], not: {text: [tavolo]}}
            then: {category: manutenzione.illuminazione}
          - name: prova.insieme
            when: {all: [{text: [tavolo, bollo]}, {text: [gioco]}]}
            then: {category: manutenzione.parchi-giochi}
          - name: prova.dopo
            when: {text: [secchio]}
            then: {category: manutenzione.rifiuti-abbandonati, office: simu, notify: [urp]}
        """

    private func configuration() throws -> Configuration { try OtherRome(rules: Self.rules).configuration() }

    /// In which nobody is `municipio` where the place is not known.
    private func strict() throws -> Configuration {
        let city = try OtherRome(rules: Self.rules)
        try city.edit("offices.yaml", "    roles: [{role: municipio}]\n", "")
        return try city.configuration()
    }

    private func decide(_ json: String, channel: String = "portale") throws -> Verdict {
        try Rome.decide(json, channel: channel, in: configuration())
    }

    /// The sources of a field's default.
    private func sources(_ field: String, in verdict: Verdict) -> [String] {
        verdict.defaults.filter { $0.field == field }.map(\.source)
    }

    @Test("What a rule sets needs no default")
    func rule() throws {
        let verdict = try decide(#"{"text":"completo","fields":{"municipio":7}}"#)
        #expect(verdict.category == "manutenzione.rifiuti-abbandonati")
        #expect(verdict.office == "simu")
        #expect(verdict.priority == .low)
        #expect(verdict.target == .days(2))
        #expect(verdict.tags == ["uno", "due"])
        #expect(verdict.reply == "acknowledged")
        #expect(verdict.notify == ["polizia-locale-comando", "urp"])
        #expect(verdict.discard == nil)
        #expect(!verdict.undecided)
        #expect(verdict.defaults.isEmpty)
        #expect(verdict.config == (try configuration().hash))
    }

    @Test("The category gives office, priority and target; the office's role is played where it happened")
    func category() throws {
        for (number, office) in [("1", "municipio-i"), ("7", "municipio-vii"), ("15", "municipio-xv")] {
            let verdict = try decide(#"{"text":"cassonetto","fields":{"municipio":"\#(number)"}}"#)
            #expect(verdict.office == office)
            #expect(verdict.priority == .normal)
            #expect(verdict.target == .workingDays(3))
            #expect(!verdict.undecided)
            for field in ["office", "priority", "sla"] {
                #expect(sources(field, in: verdict) == ["category manutenzione.rifiuti-abbandonati"], "\(field)")
            }
        }
    }

    private static let noCertainPlace = [
        "", #","location":{"lat":41.87,"lon":12.502}"#, #","location":{"lat":45.46,"lon":9.19}"#,
    ]

    @Test("Without a certain place a role is whoever plays it there, and it is said", arguments: noCertainPlace)
    func roleAnywhere(place: String) throws {
        let verdict = try decide(#"{"text":"cassonetto"\#(place)}"#)
        #expect(verdict.office == "municipi")
        #expect(verdict.category == "manutenzione.rifiuti-abbandonati")
        #expect(!verdict.undecided)
        let source = try #require(sources("office", in: verdict).first)
        #expect(source == "category manutenzione.rifiuti-abbandonati; the place is \(verdict.place.word)")
        #expect(verdict.place.word != "certain")
    }

    @Test("The catalogue may name another office for some areas")
    func elsewhere() throws {
        for (number, office) in [("7", "polizia-locale-tuscolano"), ("13", "municipio-xiii")] {
            let verdict = try Rome.decide(#"{"text":"C'è una buca","fields":{"municipio":"\#(number)"}}"#)
            #expect(verdict.category == "manutenzione.buche")
            #expect(verdict.office == office)
        }
    }

    @Test("A role that nobody plays without a certain place goes to the last resort, and why")
    func roleWithoutPlace() throws {
        let strict = try strict()
        for place in Self.noCertainPlace {
            let verdict = try Rome.decide(#"{"text":"cassonetto"\#(place)}"#, in: strict)
            #expect(verdict.office == "urp")
            #expect(verdict.category == "manutenzione.rifiuti-abbandonati")
            #expect(verdict.undecided)
            #expect(sources("office", in: verdict) == ["last resort: municipio needs a place"])
        }
    }

    @Test("An office without a category is undecided: a person says what it is")
    func officeOnly() throws {
        let verdict = try decide(#"{"text":"soltanto","fields":{"municipio":7}}"#)
        #expect(verdict.office == "municipio-vii")
        #expect(verdict.category == nil)
        #expect(verdict.undecided)
        #expect(sources("priority", in: verdict) == ["city"])
        #expect(sources("sla", in: verdict) == ["city"])
    }

    @Test("What no rule decided goes to the last resort with the city's target")
    func nothing() throws {
        let verdict = try decide(#"{"text":"qualcosa","fields":{"municipio":7}}"#)
        #expect(verdict.office == "urp")
        #expect(verdict.category == nil)
        #expect(verdict.priority == .normal)
        #expect(verdict.target == .days(30))
        #expect(verdict.undecided)
        #expect(sources("office", in: verdict) == ["last resort"])
    }

    @Test("What the rules leave to a person goes to the last resort with the reason, and at most three guesses")
    func abstained() throws {
        let verdict = try decide(#"{"text":"Il bollo, e un secchio","fields":{"municipio":7}}"#)
        #expect(verdict.abstained == "lo tratta la Regione")
        #expect(verdict.category == nil)
        #expect(verdict.office == "urp")
        #expect(verdict.notify.isEmpty)
        #expect(verdict.undecided)
        #expect(sources("office", in: verdict) == ["last resort: lo tratta la Regione"])
        // The rule that held stands before the one of which some words occurred.
        #expect(
            verdict.guesses == [
                Guess(category: "manutenzione.rifiuti-abbandonati", rule: "prova.dopo"),
                Guess(category: "manutenzione.parchi-giochi", rule: "prova.insieme"),
            ])
        // One that failed by its exception only stands before one of which only some words occurred.
        let near = try decide(#"{"text":"lampada da tavolo"}"#)
        #expect(near.guesses.map(\.rule) == ["prova.eccetto", "prova.insieme"])
        #expect(try decide(#"{"text":"cassonetto e tavolo","fields":{"municipio":7}}"#).guesses.isEmpty)
    }

    @Test("The office that a rule names is not replaced by the category's when it cannot be resolved")
    func unresolved() throws {
        let verdict = try Rome.decide(#"{"text":"entrambi"}"#, in: strict())
        #expect(verdict.category == "sicurezza.voragine")
        #expect(verdict.office == "urp")
        #expect(verdict.undecided)
        #expect(sources("office", in: verdict) == ["last resort: municipio needs a place"])
        let placed = try decide(#"{"text":"entrambi","fields":{"municipio":7}}"#)
        #expect(placed.office == "municipio-vii")
        #expect(placed.priority == .urgent)
    }

    @Test("An office that is not valid on the day gets nothing")
    func validity() throws {
        let city = try OtherRome(rules: Self.rules)
        try city.edit("offices.yaml", "  - code: simu\n", "  - code: simu\n    valid: {until: 2026-11-23}\n")
        let configuration = try city.configuration()
        #expect(try Rome.decide(#"{"text":"completo"}"#, in: configuration).office == "simu")
        // The day ends by the city's clocks: 23:00 UTC is the next day in Rome.
        let after = try Rome.decide(#"{"text":"completo"}"#, in: configuration, at: moment("2026-11-23T23:00:00Z"))
        #expect(after.office == "urp")
        #expect(after.undecided)
        #expect(sources("office", in: after) == ["last resort: office simu is not valid on 2026-11-24"])
    }

    @Test("A channel's category counts where no rule names one, its tags always and once")
    func channel() throws {
        var configuration = try configuration()
        configuration.channels["portale"]?.defaultCategory = "sicurezza.voragine"
        let standing = try Rome.decide(#"{"text":"qualcosa"}"#, in: configuration)
        #expect(standing.category == "sicurezza.voragine")
        #expect(standing.office == "polizia-locale-comando")
        #expect(standing.priority == .urgent)
        #expect(standing.target == .hours(4))
        #expect(!standing.undecided)
        #expect(sources("category", in: standing) == ["channel portale"])
        #expect(try Rome.decide(#"{"text":"bollo"}"#, in: configuration).category == nil)
        let ruled = try Rome.decide(#"{"text":"cassonetto","fields":{"municipio":7}}"#, in: configuration)
        #expect(ruled.category == "manutenzione.rifiuti-abbandonati")
        #expect(sources("category", in: ruled).isEmpty)
        #expect(try decide(#"{"text":"etichetta"}"#, channel: "callcenter").tags == ["prima", "telefono"])
        #expect(try decide(#"{"text":"qualcosa"}"#, channel: "callcenter").tags == ["telefono"])
    }

    @Test("What is discarded is decided")
    func discard() throws {
        let verdict = try decide(#"{"text":"scarto"}"#)
        #expect(verdict.discard == "non serve")
        #expect(!verdict.undecided)
        #expect(try Rome.decide(#"{"text":"test!"}"#).discard == "messaggio di prova")
        #expect(try Rome.decide(#"{"text":"test!","subject":"buca"}"#).discard == nil)
    }

    @Test("Rules that fail send the message to the last resort with the error, whatever the channel's category")
    func failure() throws {
        var configuration = try configuration()
        configuration.channels["portale"]?.defaultCategory = "sicurezza.voragine"
        var outcome = RuleOutcome()
        outcome.failed = [RuleFailure(message: "out of memory")]
        let verdict = Verdict(
            message: try Rome.message(#"{"text":"cassonetto"}"#), language: "it", place: .unknown,
            explanation: Explanation(outcome: outcome, because: [], guesses: [], nearly: []), in: configuration)
        #expect(verdict.office == "urp")
        #expect(verdict.undecided)
        #expect(sources("office", in: verdict) == ["last resort: the rules failed: out of memory"])
        #expect(verdict.json.text.contains("out of memory"))
    }

    @Test(
        "Due by the calendar of the office that answers",
        arguments: [
            // Three working days; the first does not count; the afternoon's hours of a Thursday.
            (#"{"text":"cassonetto","fields":{"municipio":7}}"#, "2026-11-23T09:00:00Z", "2026-11-26T15:30:00Z"),
            // Over the Immaculate Conception, 8 December.
            (#"{"text":"cassonetto","fields":{"municipio":7}}"#, "2026-12-04T09:00:00Z", "2026-12-10T15:30:00Z"),
            // On a Sunday night, and a Monday that ends at half past one.
            (#"{"text":"cassonetto","fields":{"municipio":7}}"#, "2026-11-25T23:30:00Z", "2026-12-01T15:30:00Z"),
            // Two days to the hour, also when the clocks change in between.
            (#"{"text":"completo"}"#, "2026-10-24T09:00:00Z", "2026-10-26T10:00:00Z"),
            // The city's thirty days.
            (#"{"text":"qualcosa"}"#, "2026-11-23T09:00:00Z", "2026-12-23T09:00:00Z"),
        ])
    func due(_ json: String, _ from: String, _ due: String) throws {
        let verdict = try Rome.decide(json, in: configuration(), at: moment(from))
        #expect(verdict.dueAt == (try moment(due)))
    }

    @Test("An office without a calendar follows the city's, and a city without one counts every hour")
    func dueWithoutCalendar() throws {
        var configuration = try configuration()
        let office = Office(code: "nuovo", names: [:])
        configuration.directory = OfficeDirectory(offices: [office], lastResort: "nuovo")
        let hours = TargetTime.workingHours(2)
        // From ten in the morning in Rome, on a Monday.
        #expect(configuration.due(target: hours, office: "nuovo", from: Rome.monday) == Rome.monday + .seconds(7200))
        let evening = try moment("2026-11-23T18:00:00Z")
        #expect(
            configuration.due(target: hours, office: "nuovo", from: evening) == (try moment("2026-11-24T09:30:00Z")))
        configuration.city.calendar = nil
        #expect(configuration.due(target: hours, office: "nuovo", from: evening) == evening + .seconds(7200))
        #expect(
            configuration.due(category: "unknown", office: "unknown", from: evening) == evening + .seconds(2_592_000))
    }
}
