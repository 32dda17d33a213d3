import Civic
import Testing

@testable import Rules

@Suite("Explanations")
struct ExplanationTests {
    private let potholes = rule(
        "strade.buche", .all([text("buca", "manto ~2 rovinato"), .not(text("buca postale"))]),
        Actions(category: placed("strade.buche"), tags: placed("strada")))

    @Test("tell the rule, the condition and the words in their place")
    func because() throws {
        let set = try ruleSet(potholes)
        let explanation = set.explain(input("È pieno: una BÙCA enorme", subject: "Buca!"))
        let category = try #require(explanation.because.first)
        #expect(category.field == .category)
        #expect(category.value == "strade.buche")
        #expect(category.rule == "strade.buche")
        #expect(category.condition == "text: buca")
        #expect(
            category.matched == [
                .init(text: "Buca", offset: 0, length: 4, part: .subject),
                .init(text: "BÙCA", offset: 13, length: 4, part: .text),
            ])
        #expect(explanation.because.map(\.field) == [.category, .tags])
        #expect(explanation.nearly.isEmpty)
    }

    @Test("tell the rules that nearly matched and what failed")
    func nearly() throws {
        let place = rule("centro", .all([text("buca"), .area(placed("municipio-i"))]))
        let other = rule("luce", text("lampione"))
        let either = rule("o", .all([text("buca"), .any([text("x"), .channel(placed("pec"))])]))
        let explanation = try ruleSet(potholes, place, other, either).explain(input("la buca postale"))
        #expect(explanation.outcome.isUndecided)
        #expect(explanation.nearly.map(\.rule) == ["strade.buche", "centro", "o"])
        #expect(
            explanation.nearly.map(\.failed) == [
                "not: text: \"buca postale\"", "area: municipio-i", "any: (text: x; channel: pec)",
            ])
    }

    @Test("name at most five, and none behind a stop")
    func bounded() throws {
        let nearly = (0..<20).map { rule("n\($0)", .all([text("buca"), text("x\($0)")])) }
        let set = try RuleSet(rules: nearly, calendars: [:], zone: .utc)
        #expect(set.explain(input("buca")).nearly.map(\.rule) == (0..<5).map { "n\($0)" })
        let stop = rule("stop", text("buca"), Actions(stop: true))
        let stopped = try RuleSet(rules: [nearly[0], stop, nearly[1]], calendars: [:], zone: .utc)
        #expect(stopped.explain(input("buca")).nearly.map(\.rule) == ["n0"])
    }

    @Test(
        "conditions that are no text are told too",
        arguments: [
            (Condition.all([]), "always"), (.channel(placed("portale")), "channel: portale"),
            (.not(.channel(placed("pec"))), "not: channel: pec"),
            (.all([text("buca"), .channel(placed("portale"))]), "text: buca and channel: portale"),
            (.any([text("altro"), text("buca")]), "text: buca"),
            (.authenticated(false, somewhere), "citizen: anonymous"),
            (.time(.init(hours: .init(from: 0, to: 1440)), somewhere), "time: 00:00-24:00"),
        ])
    func conditions(condition: Condition, expected: String) throws {
        let explanation = try ruleSet(rule("r", condition)).explain(input("una buca"))
        #expect(explanation.because.map(\.condition) == [expected])
    }

    @Test(
        "the words are a slice of what the citizen wrote",
        arguments: [
            ("buca", "la buca", "buca"), ("buca", "🕳️🕳️ una bu\u{301}ca\u{301}!", "bu\u{301}ca\u{301}"),
            ("buc*", "le BUCHE,", "BUCHE"),
            ("manto ~3 rovinato", "Manto   stradale — rovinato", "Manto   stradale — rovinato"),
            ("strasse", "Die Straße", "Straße"), ("/stra/", "Straße", "Stra"), ("/s/", "ß", "ß"),
            ("/l'a/", "l’Àpe", "l’À"),
            ("/$/", "abc", ""), ("buca", "bu\u{AD}ca", "bu\u{AD}ca"), ("日本", "(日本)", "日本"), ("filo", "ﬁlo", "ﬁlo"),
            ("x", "\u{1F469}\u{200D}\u{1F467} x", "x"),
        ])
    func slices(pattern: String, body: String, expected: String) throws {
        let explanation = try ruleSet(rule("r", text(pattern))).explain(input(body))
        let match = try #require(explanation.because.first?.matched.first)
        #expect(match.text.unicodeScalars.elementsEqual(expected.unicodeScalars))
        let scalars = Array(body.unicodeScalars)
        #expect(scalars[match.offset..<match.offset + match.length].elementsEqual(expected.unicodeScalars))
    }

    @Test("neighbouring words are each found, and not more than ten of them")
    func neighbours() throws {
        let set = try ruleSet(rule("r", text("a", "/a/")))
        let matched = set.explain(input("a a a b")).because.first?.matched
        #expect(matched?.map(\.offset) == [0, 2, 4])
        let many = set.explain(input(String(repeating: "a ", count: 50_000))).because.first?.matched
        #expect(many?.count == 10)
        // An expression is told with its first place, and only where it was needed.
        let expression = try ruleSet(rule("r", text("/a/"))).explain(input("a a a b")).because.first?.matched
        #expect(expression?.map(\.offset) == [0])
    }
}
