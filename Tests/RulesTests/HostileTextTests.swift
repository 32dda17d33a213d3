import Civic
import Foundation
import TestSupport
import Testing

@testable import Rules

@Suite("Hostile texts")
struct HostileTextTests {
    private func rules() throws -> RuleSet {
        try ruleSet(
            rule("words", text("buca", "a* ~20 b* ~20 c*", "*a*a*a*b", "aaa* * * *")),
            rule("expressions", text("/(a*)*b/", "/(a|aa)+$/", "/.*.*.*=.*/", "/\\p{L}+\\d/")))
    }

    private static let texts: [String] = [
        String(repeating: "a", count: 1 << 20), String(repeating: "a ", count: 50_000),
        "e" + String(repeating: "\u{301}", count: 30_000), String(repeating: "🏴󠁧󠁢󠁥󠁮󠁧󠁿", count: 2000),
        String(repeating: "\u{202E}שלום\u{202C} مرحبا ", count: 2000), String(repeating: "\u{0}", count: 30_000),
        String(repeating: "İ", count: 30_000), String(repeating: "ﬃ", count: 30_000),
        String(repeating: "\u{200B}", count: 30_000), String(repeating: "aabbcc ", count: 15_000),
        String(repeating: "\u{10FFFF}\u{FFFE}", count: 50_000), String(repeating: "देवनागरी ", count: 10_000),
    ]

    @Test("are decided and explained", arguments: texts.indices)
    func survive(index: Int) throws {
        let set = try rules()
        let input = input(HostileTextTests.texts[index], subject: HostileTextTests.texts[index])
        let outcome = set.decide(input)
        #expect(outcome.failed.isEmpty)
        #expect(set.explain(input).outcome == outcome)
    }

    @Test("the word behind much noise is found")
    func behind() throws {
        let set = try rules()
        #expect(set.matches(rule: 0, input(String(repeating: "\u{301}x🕳", count: 30_000) + " Bu\u{301}ca")))
    }

    @Test(
        "naughty strings, as texts and as patterns",
        .enabled(if: !SharedData.naughtyStrings.isEmpty, "the naughty strings are not here"))
    func naughtyStrings() throws {
        #expect(SharedData.naughtyStrings.count > 400)
        let set = try rules()
        for string in SharedData.naughtyStrings {
            let input = input(string, subject: string)
            #expect(set.explain(input).outcome == set.decide(input))
            // As a pattern it is refused with a reason, or its own words are found in it.
            guard let own = try? ruleSet(rule("own", text(string))), !string.hasPrefix("/") else { continue }
            if !string.contains("*"), !string.contains("~") {
                #expect(own.matches(rule: 0, input), "\(string.debugDescription)")
            }
        }
    }
}
