import Civic
import Rules
import Settings
import Testing

@testable import Intake

@Suite("Examples with a context and an outcome, decided as messages are") struct ExampleTests {
    private func run(_ rules: String) throws -> RuleTest {
        Classifier(configuration: try OtherRome(rules: rules).configuration()).test()
    }

    /// The failures of one rule with these examples; they match unless they say otherwise.
    private func failures(when: String, then: String, match: String = "[]", noMatch: String = "[]") throws -> [String] {
        try run(
            """
            rules:
              - {name: primo, when: {text: albero}, then: {category: sicurezza.caduta-alberi}}
              - name: regola
                when: \(when)
                then: \(then)
                examples: {match: \(match), no match: \(noMatch)}
            """
        ).failures.map(\.message)
    }

    @Test(
        "Every condition sees what the example says",
        arguments: [
            ("{channel: portale}", "channel: portale"), ("{language: en}", "language: en"),
            ("{language: en}", "at: 2026-05-04T10:00, language: en"),
            ("{from: example.org}", "from: anna@example.org"),
            ("{from: example.org}", "from: {email: anna@sub.example.org}"),
            ("{has: [phone]}", "from: {phone: +39 06 12345678}"), ("{has: [fiscal_code]}", "has: fiscal_code"),
            ("{area: municipio-vii}", "area: \"7\""), ("{area: municipio-vii}", "area: Municipio VII"),
            ("{area: municipio-vii}", "fields: {municipio: VII}"), ("{area: outside}", "area: outside"),
            ("{area: boundary}", "area: boundary"), ("{area: unknown}", "subject: ciao"),
            ("{has: [photo]}", "has: photo"), ("{has: [attachment]}", "has: photo"),
            ("{has: [location, name]}", "has: location, from: {name: Anna}"),
            ("{citizen: authenticated}", "citizen: authenticated"), ("{citizen: anonymous}", "channel: portale"),
            ("{citizen: authenticated}", "channel: sportello, from: anna@example.org"),
            ("{time: {weekday: sunday, hours: \"09:00-10:00\"}}", "at: 2026-05-03T09:59"),
            ("{time: {weekday: sunday, hours: \"09:00-10:00\"}}", "at: \"2026-05-03T07:30:00Z\""),
            ("{time: {calendar: uffici}}", "subject: un giorno qualunque"),
            ("{field: {tipo: [strada]}}", "fields: {tipo: Strada}"), ("{field: {si: true}}", "fields: {si: 1}"),
            ("{field: {tipo: \"a b\"}}", "fields: {tipo: [a, b]}"), ("{subject: buca}", "subject: una buca"),
        ])
    func context(_ condition: String, _ said: String) throws {
        let citizen = condition.contains("anonymous") ? "authenticated" : "anonymous"
        let other = "area: municipio-i, channel: callcenter, at: 2026-05-04T23:00, language: it, citizen: \(citizen)"
        let found = try failures(
            when: condition, then: "{tags: x}", match: "[{text: aiuto, \(said)}]", noMatch: "[{text: aiuto, \(other)}]")
        #expect(found == [], "\(condition) \(said)")
    }

    @Test("The whole rule set decides, defaults included; a role is whoever plays it there")
    func outcomes() throws {
        let found = try failures(
            when: "{text: buca}",
            then: "{category: manutenzione.buche, office: municipio, tags: [a, b], notify: polizia-locale-comando}",
            match: """
                [{text: una buca, category: manutenzione.buche, office: municipio, area: III, priority: normal},
                 {text: una buca, office: municipio-iii, area: III, tags: a, notify: polizia-locale-comando},
                 {text: una buca, area: III, discard: false, abstain: false, undecided: false, sla: 10wd}]
                """)
        #expect(found == [])
    }

    @Test(
        "What came out otherwise is said",
        arguments: [
            (
                "una buca e un albero", "category: manutenzione.buche",
                "category manutenzione.buche, not sicurezza.caduta-alberi"
            ),
            ("una buca", "priority: urgent", "priority urgent, not normal"),
            ("una buca", "office: municipio-i, area: III", "office municipio-i, not municipio-iii"),
            ("una buca", "office: municipio, area: III, tags: [a, c]", "tags c, not a, b"),
            ("una buca", "discard: true", "discard for some reason, not none"),
            ("una buca", "abstain: troppo vago", "abstain troppo vago, not none"),
            ("una buca", "reply: opened", "reply opened, not none"),
            ("una buca", "area: III, undecided: true", "undecided true, not false"),
            ("una buca", "sla: 1d", "sla 1d, not 10wd"),
        ])
    func differences(_ text: String, _ expected: String, _ said: String) throws {
        let found = try failures(
            when: "{text: buca}", then: "{category: manutenzione.buche, office: municipio, tags: [a, b]}",
            match: "[{text: \(text), \(expected)}]")
        #expect(found == ["should become " + said])
    }

    @Test("Why: the rule, the condition and the words that decided, and what came near")
    func why() throws {
        let test = try run(
            """
            rules:
              - name: primo
                when: {text: albero}
                then: {category: sicurezza.caduta-alberi}
              - name: secondo
                when: {text: buca, not: {text: postale}}
                then: {category: manutenzione.buche}
                examples:
                  match: [{text: una buca sotto l'albero, category: manutenzione.buche}]
                  no match: [{text: la buca postale, undecided: false}]
            """)
        #expect(test.passed == 0)
        let why = test.failures.map(\.why)
        #expect(why.first?.first?.hasPrefix("category sicurezza.caduta-alberi: rule primo (") == true)
        #expect(why.first?.first?.hasSuffix(":2:11)  text: albero  “albero”") == true)
        #expect(
            why.last?.contains { $0.contains("nearly secondo") && $0.hasSuffix("failed not: text: postale") } == true)
        #expect(why.last?.first == "office: from last resort")
    }

    @Test("An example that holds passes at any time, and exercises what it says")
    func coverage() throws {
        let test = try run(
            """
            rules:
              - name: notte
                when: {text: buca, any: [{channel: portale}, {time: {calendar: uffici, open: false}}]}
                then: {category: manutenzione.buche}
                examples:
                  match: [{text: buca, channel: portale}, {text: buca, at: 2026-05-03T10:00}]
                  no match: [{text: buca}]
            """)
        #expect(test.failures.isEmpty)
        #expect(test.coverage.percent == 100)
        #expect(test.coverage.conditions == Coverage.Count(all: 2, exercised: 2))
    }
}
