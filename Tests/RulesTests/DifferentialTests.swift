import Synchronization
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
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: tokens.append("*")
            case 1: tokens.append(word(&generator) + "*")
            case 2: tokens.append(word(&generator) + "*" + word(&generator))
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

    @Test("also with an automaton that must drop its states again and again")
    func droppedStates() throws {
        var generator = SeededGenerator(seed: 99)
        let patterns = (0..<30).map { _ in "\(word(&generator))* ~20 \(word(&generator))* ~20 \(word(&generator))" }
        let sources = try patterns.map { try Pattern($0).source }
        let naive = patterns.map(NaiveMatcher.init)
        // The smallest memory in which the set compiles.
        var smallest: PatternSet?
        for step in 1...1000 where smallest?.isAutomaton != true {
            smallest = try PatternSet(sources, kind: .words, memory: Int64(step) << 14)
        }
        let set = try #require(smallest)
        #expect(set.isAutomaton)
        try compare(set, naive, &generator)
    }

    @Test("also with a memory so small that patterns are tried one by one")
    func smallMemory() throws {
        var generator = SeededGenerator(seed: 77)
        let patterns = (0..<30).map { _ in "\(word(&generator))* ~20 \(word(&generator))* ~20 \(word(&generator))" }
        let sources = try patterns.map { try Pattern($0).source }
        let naive = patterns.map(NaiveMatcher.init)
        let set = try PatternSet(sources, kind: .words, memory: 4096)
        #expect(!set.isAutomaton)
        try compare(set, naive, &generator)
        #expect(set.slowSearches.load(ordering: .relaxed) == 60)
    }

    private func compare(_ set: PatternSet, _ naive: [NaiveMatcher], _ generator: inout SeededGenerator) throws {
        for _ in 0..<60 {
            let text = (0..<4).map { _ in self.body(&generator) }.joined()
            var found: Set<Int> = []
            let failure = FoldedText.withFolded(text, .words) { set.forEachMatch(in: $0) { found.insert($0) } }
            #expect(failure?.message == nil)
            #expect(found == Set(naive.indices.filter { naive[$0].occurs(in: text) }))
        }
    }
}
