import Civic
import Testing

@testable import Rules

@Suite("Coverage of rules by their examples")
struct CoverageTests {
    private func rule(
        _ condition: Condition, match: [RuleExample] = [], noMatch: [RuleExample] = []
    ) -> RuleDefinition {
        RuleDefinition(
            name: "r", place: somewhere, condition: condition, actions: Actions(), matchExamples: match,
            noMatchExamples: noMatch)
    }

    private func only(_ text: String) -> RuleExample { RuleExample(text, at: somewhere) }

    private func whole(
        _ text: String, channel: String? = nil, area: String? = nil, at: Timestamp? = nil,
        fields: [String: String] = [:]
    ) -> RuleExample {
        RuleExample(
            text, at: somewhere,
            context: RuleExample.Context(
                channel: channel.map { placed($0) }, area: area.map { placed($0) }, at: at, fields: fields))
    }

    private func missing(_ rules: RuleDefinition...) throws -> [String] {
        tested(try RuleSet(rules: rules, calendars: [:], zone: .utc)).coverage.missing.map(\.text)
    }

    @Test("it names the rules and patterns that no example exercises")
    func patterns() throws {
        let condition = Condition.all([text("buca", "voragine"), .not(text("postale", "lettere"))])
        let set = try ruleSet(
            rule(condition, match: [only("una buca")], noMatch: [only("buca postale")]),
            rule(text("altro")))
        let coverage = tested(set).coverage
        #expect(coverage.rules == Coverage.Count(all: 2, exercised: 1))
        #expect(coverage.patterns == Coverage.Count(all: 5, exercised: 2))
        // The exception as a whole, in the example where it does not apply.
        #expect(coverage.conditions == Coverage.Count(all: 1, exercised: 1))
        #expect(coverage.missing.map(\.text) == ["voragine", "not: lettere", "no example", "altro"])
        #expect(coverage.missing.map(\.kind) == [.pattern, .pattern, .rule, .pattern])
        #expect(coverage.percent == 50)
    }

    @Test("every value of every condition counts, and a text alone exercises only patterns")
    func values() throws {
        let condition = Condition.all([
            text("buca"), .channel(placed("web", "pec")), .area(placed("nord", "sud")),
            .field(name: "tipo", values: placed("strada", "piazza"), somewhere),
            .time(Condition.TimeCondition(weekdays: [.thursday]), somewhere),
        ])
        #expect(
            try missing(rule(condition, match: [only("buca")])) == [
                "channel: web", "channel: pec", "area: nord", "area: sud", "field tipo: strada", "field tipo: piazza",
                "time: thursday",
            ])
        // 1970-01-01, which the examples have, was a Thursday.
        let nearly = whole("buca", channel: "web", area: "sud", fields: ["tipo": "Piazza"])
        #expect(
            try missing(rule(condition, match: [nearly])) == ["channel: pec", "area: nord", "field tipo: strada"])
        let other = whole("buca", channel: "pec", area: "nord", fields: ["tipo": "strada"])
        #expect(try missing(rule(condition, match: [nearly, other])) == [])
    }

    @Test("what an exception excludes is exercised where it applies, the exception itself where it does not")
    func exceptions() throws {
        let condition = Condition.all([text("buca"), .not(.channel(placed("web", "pec")))])
        #expect(
            try missing(rule(condition, match: [only("buca")])) == [
                "without channel: web, pec", "not: channel: web", "not: channel: pec",
            ])
        let match = whole("buca", channel: "sms")
        let noMatch = whole("buca", channel: "web")
        #expect(try missing(rule(condition, match: [match], noMatch: [noMatch])) == ["not: channel: pec"])
    }

    @Test("conditions that stand together in a branch or an exception count together, too")
    func branches() throws {
        let branch = Condition.all([text("buca"), .channel(placed("web"))])
        let condition = Condition.any([branch, text("fosso")])
        // Each part holds in some example, the branch in none.
        #expect(
            try missing(rule(condition, match: [only("buca e fosso"), whole("fosso", channel: "web")])) == [
                "text: buca and channel: web"
            ])
        #expect(
            try missing(rule(condition, match: [only("fosso"), whole("buca", channel: "web")])) == [])
        let except = Condition.all([
            text("buca"), .not(.all([text("lettere"), text("posta")])),
        ])
        let halves = [only("buca lettere"), only("buca posta")]
        #expect(
            try missing(rule(except, match: [only("buca")], noMatch: halves)) == [
                "not: text: lettere and text: posta"
            ])
    }

    @Test("percentages are rounded down, and a threshold is not")
    func rounding() {
        func coverage(_ exercised: Int, of patterns: Int) -> Coverage {
            Coverage(
                rules: Coverage.Count(), patterns: Coverage.Count(all: patterns, exercised: exercised),
                conditions: Coverage.Count(), missing: [])
        }
        #expect(coverage(99_999, of: 100_000).percent == 99)
        #expect(coverage(99_999, of: 100_000).hundredths == 9_999)
        #expect(coverage(99_999, of: 100_000).reaches(100) == false)
        #expect(coverage(99_999, of: 100_000).reaches(99.999))
        #expect(coverage(100_000, of: 100_000).percent == 100)
        #expect(coverage(100_000, of: 100_000).reaches(100))
        #expect(coverage(0, of: 0).percent == 100)
        #expect(coverage(0, of: 0).reaches(100))
    }
}
