import Civic
import Testing

@testable import Rules

@Suite("Rule tests")
struct RuleTestTests {
    private func rule(_ condition: Condition, match: [String] = [], noMatch: [String] = []) -> RuleDefinition {
        RuleDefinition(
            name: "r", place: somewhere, condition: condition, actions: Actions(),
            matchExamples: match.map { RuleExample($0, at: somewhere) },
            noMatchExamples: noMatch.map { RuleExample($0, at: somewhere) })
    }

    @Test("examples pass and fail with a reason")
    func examples() throws {
        let condition = Condition.all([text("buca", "voragine"), .not(text("buca postale"))])
        let set = try ruleSet(
            rule(
                condition, match: ["una buca", "un lampione", "la buca postale"],
                noMatch: ["la buca postale", "una Voragine"]))
        let test = tested(set)
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
        #expect(tested(set).failures == [])
        #expect(tested(set).passed == 3)
        let bare = try ruleSet(rule(.channel(placed("pec")), noMatch: ["buca"]))
        #expect(tested(bare).failures.map(\.message).first?.contains("no condition on the text") == true)
    }

    @Test("an example with a context is a whole message: what it does not say is not there")
    func wholeMessages() throws {
        let condition = Condition.all([text("buca"), .channel(placed("pec"))])
        var definition = rule(condition)
        func example(_ channel: String?) -> RuleExample {
            RuleExample(
                "buca", at: somewhere, context: RuleExample.Context(channel: channel.map { placed($0) }))
        }
        definition.matchExamples = [example("pec"), example(nil)]
        definition.noMatchExamples = [example("portale"), example("pec")]
        let test = tested(try ruleSet(definition))
        #expect(test.passed == 2)
        #expect(
            test.failures.map(\.message) == [
                "should match, but this does not hold: channel: pec",
                "should not match, but this holds: text: buca and channel: pec (matched `buca`)",
            ])
    }

    @Test("fields that came out otherwise fail an example, with the reasons; both failures are told")
    func differences() throws {
        var definition = rule(text("buca"))
        definition.matchExamples = ["buca", "fosso"].map {
            RuleExample($0, at: somewhere, context: RuleExample.Context())
        }
        let test = RuleTest(try ruleSet(definition)) { example, _ in
            RuleTest.Trial(input: input(example.text), differences: ["office a, not b"], why: ["office b: from c"])
        }
        #expect(test.passed == 0)
        #expect(
            test.failures.map(\.message) == [
                "should become office a, not b",
                "should match, but this does not hold: text: buca; and it should become office a, not b",
            ])
        #expect(test.failures.map(\.why) == [["office b: from c"], ["office b: from c"]])
    }
}

/// Examples with a context, as messages that say nothing but their channel.
func tested(_ rules: RuleSet) -> RuleTest {
    RuleTest(rules) { example, context in
        var message = message(example.text)
        message.channel = context.channel?.value ?? ""
        message.fields = context.fields
        let area = context.area.map { AreaPlace.certain($0.value) } ?? .unknown
        return RuleTest.Trial(
            input: input(message, area: area, at: context.at ?? Timestamp(seconds: 0)), differences: [], why: [])
    }
}
