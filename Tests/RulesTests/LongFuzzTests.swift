import Civic
import Foundation
import Testing

@testable import Rules

private let fuzzSeconds = ProcessInfo.processInfo.environment["PASQUINO_FUZZ_SECONDS"].flatMap { Double($0) }

/// Whole rule sets of random conditions against a plain evaluation, for as long as PASQUINO_FUZZ_SECONDS says.
@Suite("Long fuzz", .enabled(if: fuzzSeconds != nil, "PASQUINO_FUZZ_SECONDS is not set"))
struct LongFuzzTests {
    @Test("decisions are those of a plain evaluation")
    func agree() throws {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(fuzzSeconds ?? 0))
        var sets: UInt64 = 0
        var decisions = 0
        var held = 0
        // Other sets than last time; what fails names its seed, which PASQUINO_FUZZ_SEED repeats.
        let first =
            ProcessInfo.processInfo.environment["PASQUINO_FUZZ_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(
                in: 1...1 << 40)
        repeat {
            let seed = first + sets
            var generator = FuzzGenerator(seed: seed)
            let rules = (0..<Int.random(in: 1...40, using: &generator.random)).map { generator.rule($0) }
            let set = try RuleSet(rules: rules.map(\.definition), calendars: [:], zone: .utc)
            for _ in 0..<30 {
                let input = generator.input()
                let expected = PlainOutcome(rules, input)
                let found = set.decide(input)
                decisions += 1
                held += expected.tags.count
                #expect(found.tags.map(\.rule) == expected.tags, "seed \(seed): \(input.message)")
                #expect(found.category?.rule == expected.category, "seed \(seed): \(input.message)")
                #expect(found.stoppedBy == expected.stop, "seed \(seed): \(input.message)")
                for (index, rule) in rules.enumerated().prefix(5) {
                    #expect(set.matches(rule: index, input) == rule.condition.holds(input), "seed \(seed)")
                }
            }
            sets += 1
        } while clock.now < end
        print("\(sets) sets of rules from seed \(first), \(decisions) decisions, \(held) times a rule held")
        #expect(held > decisions / 4)
    }
}

/// What the rules conclude, rule by rule.
private struct PlainOutcome {
    var tags: [Int] = []
    var category: Int?
    var stop: Int?

    init(_ rules: [FuzzRule], _ input: RuleInput) {
        for (index, rule) in rules.enumerated() where rule.condition.holds(input) {
            tags.append(index)
            if rule.definition.actions.category != nil { category = category ?? index }
            if rule.definition.actions.stop {
                stop = index
                return
            }
        }
    }
}

private struct FuzzRule {
    let definition: RuleDefinition
    let condition: PlainCondition
}

/// A condition that evaluates itself.
private indirect enum PlainCondition {
    case all([PlainCondition])
    case any([PlainCondition])
    case not(PlainCondition)
    case text(Condition.TextPart, [PlainPattern])
    case channel([String])
    case area([String])
    case hasSubject
    case field([String])

    func holds(_ input: RuleInput) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.holds(input) }
        case .any(let parts): return parts.contains { $0.holds(input) }
        case .not(let part): return !part.holds(input)
        case .text(let part, let patterns):
            let subject = input.message.subject ?? ""
            let texts: [String] =
                switch part {
                case .text: [input.message.text] + (subject.isEmpty ? [] : [subject])
                case .body: [input.message.text]
                case .subject: subject.isEmpty ? [] : [subject]
                }
            return patterns.contains { pattern in texts.contains { pattern.occurs(in: $0) } }
        case .channel(let names): return names.contains(input.message.channel)
        case .area(let codes):
            if case .certain(let code) = input.area { return codes.contains(code) } else { return false }
        case .hasSubject: return !(input.message.subject ?? "").allSatisfy(\.isWhitespace)
        case .field(let values): return input.message.fields["f"].map(values.contains) ?? false
        }
    }

    var condition: Condition {
        switch self {
        case .all(let parts): .all(parts.map(\.condition))
        case .any(let parts): .any(parts.map(\.condition))
        case .not(let part): .not(part.condition)
        case .text(let part, let patterns): .text(part, patterns.map { placed($0.written) })
        case .channel(let names): .channel(names.map { placed($0) })
        case .area(let codes): .area(codes.map { placed($0) })
        case .hasSubject: .has([placed(.subject)])
        case .field(let values): .field(name: "f", values: values.map { placed($0) }, somewhere)
        }
    }
}

private enum PlainPattern {
    case words(String, NaiveMatcher)
    case expression(NaiveExpression)

    var written: String {
        switch self {
        case .words(let written, _): written
        case .expression(let expression): "/\(expression.written)/"
        }
    }

    func occurs(in text: String) -> Bool {
        switch self {
        case .words(_, let matcher): matcher.occurs(in: text)
        case .expression(let expression): expression.occurs(in: NaiveExpression.light(text))
        }
    }
}

/// Makes rules and messages of few letters, so that much of them meets.
private struct FuzzGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15) }

    private static let letters = ["a", "b", "à", "À", "A", "e", "è", "ç", "1", "a\u{301}"]
    private static let gaps = [" ", " ", " ", ", ", "'", "’", "!", "-", "🕳", " \u{AD}", "\n"]

    private mutating func pick<Value>(_ values: [Value], or other: Value) -> Value {
        values.randomElement(using: &random) ?? other
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func word(_ length: ClosedRange<Int> = 1...3) -> String {
        (0..<number(length)).map { _ in pick(FuzzGenerator.letters, or: "a") }.joined()
    }

    private mutating func text(_ words: ClosedRange<Int>) -> String {
        (0..<number(words)).map { _ in word(number(0...4) == 0 ? 5...7 : 1...3) + pick(FuzzGenerator.gaps, or: " ") }
            .joined()
    }

    mutating func input() -> RuleInput {
        var message = message(text(0...20), subject: number(0...2) == 0 ? text(0...4) : nil)
        message.channel = pick(["portale", "mail"], or: "mail")
        if number(0...1) == 0 { message.fields["f"] = pick(["1", "a", "b"], or: "a") }
        return RulesTests.input(message, area: number(0...2) == 0 ? .unknown : .certain(pick(["n", "s"], or: "n")))
    }

    private func message(_ text: String, subject: String?) -> Message { RulesTests.message(text, subject: subject) }

    mutating func rule(_ number: Int) -> FuzzRule {
        let condition = condition(depth: 3)
        var actions = Actions(tags: [placed("t\(number)")], stop: self.number(0...30) == 0)
        if self.number(0...1) == 0 { actions.category = placed("c\(number % 4)") }
        return FuzzRule(definition: RulesTests.rule("r\(number)", condition.condition, actions), condition: condition)
    }

    private mutating func condition(depth: Int) -> PlainCondition {
        switch number(0...(depth > 0 ? 13 : 8)) {
        case 0...4:
            let part = pick([Condition.TextPart.text, .text, .body, .subject], or: .text)
            return .text(part, (0..<number(1...5)).map { _ in pattern() })
        case 5: return .channel([pick(["portale", "mail", "sms"], or: "mail")])
        case 6: return .area((0..<number(1...2)).map { _ in pick(["n", "s"], or: "n") })
        case 7: return .hasSubject
        case 8: return .field([pick(["1", "a", "c"], or: "a")])
        case 9, 10: return .all((0..<number(0...3)).map { _ in condition(depth: depth - 1) })
        case 11, 12: return .any((0..<number(0...3)).map { _ in condition(depth: depth - 1) })
        default: return .not(condition(depth: depth - 1))
        }
    }

    private mutating func pattern() -> PlainPattern {
        if number(0...4) == 0 {
            // One letter at least: `//` is no expression.
            return .expression(.sequence([.letter("a"), NaiveExpression.random(depth: 3, &random)]))
        }
        var tokens = [token()]
        for _ in 0..<number(0...3) {
            if number(0...2) == 0 { tokens.append("~\(number(0...20))") }
            tokens.append(token())
        }
        if tokens.allSatisfy({ $0 == "*" || $0.hasPrefix("~") }) { tokens = [word()] }
        let written = tokens.joined(separator: " ")
        return .words(written, NaiveMatcher(written))
    }

    private mutating func token() -> String {
        switch number(0...9) {
        case 0: return "*"
        case 1: return word() + "*"
        case 2: return word() + "*" + word()
        case 3: return "*" + word()
        case 4: return (0..<number(5...7)).map { _ in pick(["a", "b", "e"], or: "a") }.joined() + "~"
        case 5: return word() + "'" + word()
        default: return word()
        }
    }
}
