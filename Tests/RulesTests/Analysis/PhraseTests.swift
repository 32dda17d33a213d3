import Testing

@testable import Rules

@Suite("Which patterns imply which")
struct PhraseTests {
    @Test(
        "every text with the first has the second",
        arguments: [
            ("buca", "buc*"), ("buc", "buc*"), ("buca", "*uca"), ("bu*ca", "b*a"), ("buche*", "buc*"), ("buca", "b*c*"),
            ("*sonett*", "*nett*"), ("Perché", "PERCHE"), ("buca postale", "buca"), ("buca postale", "postal*"),
            ("manto del rovinato", "manto * rovinato"), ("manto * rovinato", "manto ~1 rovinato"),
            ("manto ~2 rovinato", "manto ~3 rovinato"), ("manto rovinato", "manto ~3 rovinato"),
            ("manto ~2 rovinato", "rovinato"), ("via del ~2 manto ~1 rotto", "manto ~4 rotto"),
            ("a ~1 b ~1 c", "a ~3 c"), ("buca * via", "buca *"), ("* a", "* *a"), ("l'erba", "l erba"),
        ])
    func implied(_ narrow: String, _ wide: String) throws {
        #expect(try Phrase(narrow).implies(Phrase(wide)))
    }

    @Test(
        "some text with the first lacks the second",
        arguments: [
            ("buc*", "buca"), ("buca", "bucat*"), ("buca", "buca *"), ("buca", "* buca"),
            ("buca postale", "postale buca"),
            ("manto ~1 rovinato", "manto * rovinato"), ("manto ~3 rovinato", "manto ~2 rovinato"),
            ("a b c", "a c"), ("a ~1 b c", "a ~1 c"), ("a ~1 b", "a b"), ("b*a", "bu*ca"), ("*nett*", "*sonett*"),
            ("bu*", "*bu"), ("*", "a"), ("a*", "*a*a"),
        ].filter { $0.0 != "*" })
    func notImplied(_ narrow: String, _ wide: String) throws {
        #expect(try !Phrase(narrow).implies(Phrase(wide)))
    }

    @Test("the index gives every phrase that is implied", arguments: 1...20)
    func index(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 31)
        func pattern() -> String {
            (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                let word = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                    ["a", "b", "*"].randomElement(using: &generator) ?? "a"
                }.joined()
                return word.contains { $0 != "*" } ? word : word + "a"
            }.joined(separator: [" ", " ~1 "].randomElement(using: &generator) ?? " ")
        }
        let phrases = try (0..<80).map { _ in try Phrase(pattern()) }
        let index = PhraseIndex(phrases)
        for phrase in phrases {
            var candidates: Set<Int> = []
            index.forEachCandidate(phrase) { candidates.insert($0) }
            for (number, other) in phrases.enumerated() where phrase.implies(other) {
                #expect(candidates.contains(number), "\(other.sample)")
            }
        }
    }
}
