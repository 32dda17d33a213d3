import Testing

@testable import Rules

@Suite("Stems")
struct StemTests {
    private func rule(_ name: String, _ stem: String, _ patterns: String...) -> RuleDefinition {
        RuleDefinition(
            name: name, place: somewhere, condition: .text(.text, patterns.map { Placed($0, at: somewhere) }),
            actions: Actions(tags: placed(name)), stem: Placed(stem, at: somewhere))
    }

    @Test(
        "a word finds its other forms",
        arguments: [
            ("buca", "Le BUCHE della via"), ("buche", "una buca"), ("lampione", "due lampioni spenti"),
            ("perdita d'acqua", "perdite d'acqua"), ("segnalare", "ve lo segnalano tutti"),
            ("segnalare ~3 lampione", "vorrei segnalare i due lampioni"), ("lampion*", "lampioncino"),
            ("luogo", "i luoghi"),
            ("/buche/", "le buche"),
        ])
    func finds(pattern: String, text: String) throws {
        #expect(try ruleSet(rule("r", "it", pattern)).matches(rule: 0, input(text)))
    }

    @Test("others do not, nor do rules without", arguments: [("buca", "bucaneve"), ("/buca/", "le buche")])
    func doesNotFind(pattern: String, text: String) throws {
        #expect(try !ruleSet(rule("r", "it", pattern)).matches(rule: 0, input(text)))
        #expect(try !occurs("buca", in: "le buche"))
    }

    @Test("both kinds of rules stand side by side, and each pattern is one of its kind")
    func sideBySide() throws {
        let plain = RulesTests.rule("plain", text("buca"), Actions(tags: placed("plain")))
        let set = try RuleSet(rules: [plain, rule("stems", "it", "buca")], calendars: [:], zone: .utc)
        #expect(set.decide(input("le buche")).tags.map(\.value) == ["stems"])
        #expect(set.decide(input("la buca")).tags.map(\.value) == ["plain", "stems"])
        #expect(set.decide(input("x", subject: "buche")).tags.map(\.value) == ["stems"])
    }

    @Test("the explanation says that stems decided, and shows the words as they were written")
    func explanation() throws {
        let set = try ruleSet(rule("r", "it", "buca profonda"))
        let because = try #require(set.explain(input("Due BUCHE profónde, qui")).because.first)
        #expect(because.condition == #"text: "buca profonda" (stems: it)"#)
        #expect(because.matched.map(\.text) == ["BUCHE profónde"])
        #expect(because.matched.map(\.offset) == [4])
    }

    @Test("each mistake is told")
    func mistakes() throws {
        func message(_ rules: RuleDefinition...) -> [String] {
            do throws(RuleSetError) {
                _ = try RuleSet(rules: rules, calendars: [:], zone: .utc)
                return []
            } catch {
                return error.findings.map(\.message)
            }
        }
        #expect(message(rule("r", "xx", "buca")).first?.contains("there are no stems for xx") == true)
        #expect(message(rule("r", "it", "buca"), rule("s", "en", "hole")).first?.contains("one language") == true)
        #expect(message(rule("r", "it", "lampione~")).first?.contains("seeks no misspelt words") == true)
    }

    @Test("stems of odd words, and of many at once")
    func odd() {
        let stemmer = Stemmer(language: "it")
        for word in ["", "a", "è", "\u{10FFFF}", String(repeating: "aiuola", count: 1000)] {
            #expect(stemmer?.stem(Array(word.utf8)) != nil)
        }
        for language in Stemmer.algorithms.keys { #expect(Stemmer(language: language) != nil, "\(language)") }
        let words = FoldedWords.fold(String(repeating: "buche profonde ", count: 10_000))
        defer { words.deallocate() }
        let stems = stemmer?.allocateStems(of: words)
        defer { stems?.deallocate() }
        #expect(
            stems.map { String(decoding: $0.bytes, as: UTF8.self) } == " "
                + String(repeating: "buc profond ", count: 10_000))
        #expect(stems.map { Array($0.starts.prefix(3)) } == [1, 5, 13])
    }
}
