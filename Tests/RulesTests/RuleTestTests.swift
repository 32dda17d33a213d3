import Civic
import Testing

@testable import Rules

@Suite("Rule tests")
struct RuleTestTests {
    private func rule(_ condition: Condition, match: [String] = [], noMatch: [String] = []) -> RuleDefinition {
        RuleDefinition(
            name: "r", place: somewhere, condition: condition, actions: Actions(),
            matchExamples: match.map { placed($0) },
            noMatchExamples: noMatch.map { placed($0) })
    }

    @Test("examples pass and fail with a reason")
    func examples() throws {
        let condition = Condition.all([text("buca", "voragine"), .not(text("buca postale"))])
        let set = try ruleSet(
            rule(
                condition, match: ["una buca", "un lampione", "la buca postale"],
                noMatch: ["la buca postale", "una Voragine"]))
        let test = RuleTest(set)
        #expect(test.passed == 2)
        #expect(
            test.failures.map(\.message) == [
                "should match, but this does not hold: text: buca, voragine",
                "should match, but this does not hold: not: text: \"buca postale\"",
                "should not match, but this holds: text: voragine (matched `Voragine`)",
            ])
        #expect(test.failures.first?.place == somewhere)
        #expect(test.failures.first?.example == "un lampione")
    }

    @Test("an example is only a text: other conditions are taken as the rule needs them")
    func context() throws {
        let condition = Condition.all([
            text("buca"), .channel(placed("pec")), .not(.area(placed("outside"))), text("oggetto", in: .subject),
        ])
        let set = try ruleSet(rule(condition, match: ["oggetto: buca"], noMatch: ["buca", "oggetto"]))
        #expect(RuleTest(set).failures == [])
        #expect(RuleTest(set).passed == 3)
        let bare = try ruleSet(rule(.channel(placed("pec")), noMatch: ["buca"]))
        #expect(RuleTest(bare).failures.map(\.message).first?.contains("no condition on the text") == true)
    }

    @Test("coverage names the rules and patterns that no example exercises")
    func coverage() throws {
        let condition = Condition.all([text("buca", "voragine"), .not(text("postale", "lettere"))])
        let set = try ruleSet(rule(condition, match: ["una buca"], noMatch: ["buca postale"]), rule(text("altro")))
        let coverage = RuleTest(set).coverage
        #expect(coverage.rules == 2)
        #expect(coverage.rulesWithExamples == 1)
        #expect(coverage.patterns == 5)
        #expect(coverage.patternsExercised == 2)
        #expect(coverage.missing.map(\.text) == ["voragine", "not: lettere", "no example", "altro"])
        #expect(coverage.percent == 42)
    }

    @Test("coverage is rounded down")
    func rounding() {
        func percent(_ exercised: Int, of patterns: Int) -> Int {
            Coverage(rules: 0, rulesWithExamples: 0, patterns: patterns, patternsExercised: exercised, missing: [])
                .percent
        }
        #expect(percent(99_999, of: 100_000) == 99)
        #expect(percent(100_000, of: 100_000) == 100)
        #expect(percent(0, of: 0) == 100)
    }
}
