import Testing

@testable import Rules

@Suite("The matcher and a naive one agree")
struct DifferentialTests {
    private static let letters = ["a", "b", "à", "À", "A", "e", "è", "ç", "1", "a\u{301}"]
    private static let gaps = [" ", " ", " ", ", ", "'", "’", "!", "-", "🕳", " \u{AD}", "\n"]

    private func word(_ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...3, using: &generator))
            .map { _ in DifferentialTests.letters.randomElement(using: &generator) ?? "a" }.joined()
    }

    private func body(_ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...14, using: &generator))
            .map { _ in word(&generator) + (DifferentialTests.gaps.randomElement(using: &generator) ?? " ") }.joined()
    }

    private func pattern(_ generator: inout SeededGenerator) -> String {
        var tokens = [word(&generator)]
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            if Int.random(in: 0..<3, using: &generator) == 0 {
                tokens.append("~\(Int.random(in: 0...4, using: &generator))")
            }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: tokens.append("*")
            case 1: tokens.append(word(&generator) + "*")
            case 2: tokens.append(word(&generator) + "*" + word(&generator))
            case 4: tokens.append("*" + word(&generator))
            case 3: tokens.append(word(&generator) + "'" + word(&generator))
            default: tokens.append(word(&generator))
            }
        }
        return tokens.joined(separator: " ")
    }

    /// 40 times 50 patterns on 50 texts.
    @Test(arguments: 1...40)
    func agree(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 0x9E37_79B9)
        let patterns = (0..<50).map { _ in pattern(&generator) }
        let rules = patterns.indices.map { rule("r", text(patterns[$0]), Actions(tags: placed("\($0)"))) }
        let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
        let naive = patterns.map(NaiveMatcher.init)
        var hits = 0
        for _ in 0..<50 {
            let body = body(&generator)
            let expected = patterns.indices.filter { naive[$0].occurs(in: body) }
            hits += expected.count
            let found = set.decide(input(body)).tags.map(\.rule)
            let wrong = Set(found).symmetricDifference(expected).map { patterns[$0] }
            #expect(wrong == [], "in \(body.debugDescription)")
        }
        #expect(hits > 25)
    }

    @Test("also with long distances, of which each text keeps many half seen")
    func longDistances() throws {
        var generator = SeededGenerator(seed: 99)
        let patterns = (0..<30).map { _ in "\(word(&generator))* ~20 \(word(&generator))* ~20 \(word(&generator))" }
        let set = try RuleSet(
            rules: patterns.indices.map { rule("r", text(patterns[$0]), Actions(tags: placed("\($0)"))) },
            calendars: [:], zone: .utc)
        let naive = patterns.map(NaiveMatcher.init)
        for _ in 0..<60 {
            let text = (0..<4).map { _ in self.body(&generator) }.joined()
            #expect(
                set.decide(input(text)).tags.map(\.rule) == naive.indices.filter { naive[$0].occurs(in: text) })
        }
    }

    @Test("words that may be misspelt, alone and in phrases", arguments: 1...20)
    func fuzzy(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 77)
        func word(_ count: ClosedRange<Int>) -> String {
            (0..<Int.random(in: count, using: &generator))
                .map { _ in ["a", "b", "c"].randomElement(using: &generator) ?? "a" }.joined()
        }
        let patterns = (0..<40).map { number in
            let fuzzy = word(5...8) + "~"
            switch number % 4 {
            case 0: return "\(word(1...2)) \(fuzzy)"
            case 1: return "\(fuzzy) ~2 \(word(5...6))~"
            default: return fuzzy
            }
        }
        let set = try RuleSet(
            rules: patterns.indices.map { rule("r", text(patterns[$0]), Actions(tags: placed("\($0)"))) },
            calendars: [:], zone: .utc)
        let naive = patterns.map(NaiveMatcher.init)
        var hits = 0
        for _ in 0..<50 {
            let text = (0..<8).map { _ in word(1...9) }.joined(separator: " ")
            let expected = naive.indices.filter { naive[$0].occurs(in: text) }
            hits += expected.count
            #expect(set.decide(input(text)).tags.map(\.rule) == expected, "\(text)")
        }
        #expect(hits > 20)
    }

    @Test("literals are found wherever they end, those within others too", arguments: 1...20)
    func literals(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        func letters(_ count: ClosedRange<Int>) -> [UInt8] {
            (0..<Int.random(in: count, using: &generator)).map { _ in UInt8.random(in: 0x61...0x63, using: &generator) }
        }
        let literals = Array(Set((0..<40).map { _ in letters(1...6) }))
        let finder = try LiteralFinder(literals)
        for _ in 0..<50 {
            let text = letters(0...30) + (Bool.random(using: &generator) ? [0xC3, 0xA8] : []) + letters(0...9)
            let found = Marks.with(below: literals.count) { seen in
                text.withUnsafeBufferPointer { finder.search($0, seen: seen) }
                var found: [Int] = []
                seen.forEach { number in
                    found.append(number)
                    return true
                }
                return found
            }
            let expected = literals.indices.filter { number in
                text.indices.contains { text[$0...].starts(with: literals[number]) }
            }
            #expect(found == expected)
        }
    }
}
