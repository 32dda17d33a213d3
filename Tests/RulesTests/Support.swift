import Civic

@testable import Rules

/// A small generator whose sequence is fixed by its seed (xorshift64*).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed | 1 }
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

let somewhere = SourcePlace(file: "rules/a.yaml", line: 3, column: 5)

func placed<Value>(_ values: Value...) -> [Placed<Value>] { values.map { Placed($0, at: somewhere) } }

func placed<Value>(_ value: Value) -> Placed<Value> { Placed(value, at: somewhere) }

func text(_ patterns: String..., in part: Condition.TextPart = .text) -> Condition {
    .text(part, patterns.map { Placed($0, at: somewhere) })
}

func rule(_ name: String, _ condition: Condition, _ actions: Actions = Actions(tags: placed("held"))) -> RuleDefinition
{
    RuleDefinition(name: name, place: somewhere, condition: condition, actions: actions)
}

func message(_ text: String, subject: String? = nil) -> Message {
    Message(
        id: Identifier(high: 0, low: 0), channel: "portale", externalID: "1", receivedAt: Timestamp(seconds: 0),
        subject: subject, text: text)
}

func input(
    _ message: Message, language: String = "it", area: AreaPlace = .unknown, at: Timestamp = Timestamp(seconds: 0)
) -> RuleInput {
    RuleInput(message: message, language: language, area: area, at: at)
}

func input(_ text: String, subject: String? = nil) -> RuleInput { input(message(text, subject: subject)) }

func ruleSet(_ rules: RuleDefinition...) throws -> RuleSet {
    try RuleSet(rules: rules, calendars: [:], zone: .utc)
}

/// Whether one pattern occurs in a text.
func occurs(_ pattern: String, in body: String) throws -> Bool {
    try ruleSet(rule("r", text(pattern))).matches(rule: 0, input(body))
}
