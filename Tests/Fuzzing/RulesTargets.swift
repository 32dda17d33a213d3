import Civic
import Foundation

@testable import Rules
@testable import Settings

// Patterns that operators write, and citizens' texts that they are sought in.
extension FuzzTarget {
    static let rules = [pattern, editing]

    /// Patterns, a line each; an empty line; the text.
    private static let pattern = FuzzTarget(
        "patterns", "patterns of rules, and a text that they are sought in", length: 2048
    ) {
        bytes in
        let (head, tail) = bytes.split
        let place = SourcePlace(file: "rules/a.yaml", line: 1, column: 1)
        let patterns = head.split(separator: "\n").prefix(5).map { Placed(String($0), at: place) }
        guard !patterns.isEmpty else { return }
        let rules = [Condition.TextPart.text, .subject, .body].map { part in
            RuleDefinition(
                name: "\(part)", place: place, condition: .text(part, patterns),
                actions: Actions(tags: [Placed("\(part)", at: place)]))
        }
        guard let set = try? RuleSet(rules: rules, calendars: [:], zone: .utc) else { return }
        let message = Message(
            id: Identifier(high: 0, low: 0), channel: "portale", externalID: "1", receivedAt: FuzzCity.now,
            subject: String(tail.prefix(40)), text: tail)
        let input = RuleInput(message: message, language: "it", area: .unknown, at: FuzzCity.now)
        let outcome = set.decide(input)
        try must(outcome.failed.isEmpty, "a rule that fails")
        try must(set.explain(input).outcome == outcome, "what is explained is not what was decided")
        // In either part is in the text.
        if set.matches(rule: 1, input) || set.matches(rule: 2, input) {
            try must(set.matches(rule: 0, input), "in a part and not in the whole")
        }
    }

    private static let editing = FuzzTarget("rules-text", "a rules file that patterns are added to") { bytes in
        let text = bytes.text
        try must(RulesFileText(text).text == text, "a file that nobody changed is another")
    }
}

extension [UInt8] {
    /// Before and behind the first empty line.
    fileprivate var split: (String, String) {
        let text = self.text
        guard let gap = text.range(of: "\n\n") else { return (text, text) }
        return (String(text[..<gap.lowerBound]), String(text[gap.upperBound...]))
    }
}
