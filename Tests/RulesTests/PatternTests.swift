import Testing

@testable import Rules

@Suite("Patterns")
struct PatternTests {
    @Test(
        "occur",
        arguments: [
            ("buca", "C'è una BUCA, grande"), ("buca", "buca"), ("bùca", "BUCA!"), ("buca", "bùca"),
            ("buca postale", "la buca-postale"), ("buca postale", "la buca,\n postale"),
            ("c'è", "c’è"), ("dell'acqua", "perdita dell acqua"),
            ("buc*", "buche"), ("buc*", "buc"), ("*buca", "superbuca"), ("b*a", "buca"), ("b*a", "ba"),
            ("manto * rovinato", "manto stradale rovinato"), ("* rovinato", "manto rovinato"),
            ("manto ~3 rovinato", "manto rovinato"), ("manto ~3 rovinato", "manto a b c rovinato"),
            ("manto ~0 rovinato", "manto rovinato"), ("manto ~2 * rovinato", "manto x rovinato"),
            ("strisce~", "sulle STRISCE"), ("strisce~", "strise"), ("strisce~", "striscie"), ("strisce~", "strsice"),
            ("strisce~", "sttrisce"), ("strisce~", "trisce"), ("strisce~", "striscex"), ("strisce~", "strizce"),
            ("sulle strisce~", "sulle striscie"), ("strisce~ pedonali~", "le strise pedonalli"),
            ("strisce~ ~2 ped*", "strise molto pedonali"),
            ("a", "a a"), ("a a", "a a a"), ("10%", "sconto del 10"), ("strasse", "Straße"),
            ("/n[.] ?[0-9]+/", "via Roma N.12"), ("/caffè$/", "un CAFFE"), ("/città/", "CITTÀ"),
            ("/l['’]acqua/", "l’acqua"),
            ("/^\\s*$/", " \n"), ("/\\bbuca\\b/", "la buca."), ("/\\W/", "a b"), ("/(?i:É)/", "e"),
        ])
    func occur(pattern: String, body: String) throws {
        #expect(try occurs(pattern, in: body))
    }

    @Test(
        "do not occur",
        arguments: [
            ("buca", "buche"), ("buca", "sbuca"), ("buca", "bucato"), ("buca", ""),
            ("buca postale", "buca grande postale"),
            ("buc*", "sbuca"), ("b*a", "bu ca b"), ("manto * rovinato", "manto rovinato"),
            ("manto * rovinato", "manto a b rovinato"), ("manto ~3 rovinato", "manto a b c d rovinato"),
            ("manto ~3 rovinato", "rovinato manto"), ("* rovinato", "rovinato"), ("a a", "a"),
            ("strisce~", "strie sriscia"), ("strisce~", "strisciare"),
            ("sulle strisce~", "sulla strisce"), ("strisce~ pedonali~", "pedonali strisce"),
            ("/\\W/", "ab"), ("/^buca/", "la buca"), ("a.b", "axb"),
        ])
    func doNotOccur(pattern: String, body: String) throws {
        #expect(try !occurs(pattern, in: body))
    }

    @Test(
        "are refused with a reason",
        arguments: [
            ("", "has no letter or digit"), ("!?", "has no letter or digit"), ("* *", "has no letter or digit"),
            ("~3 rovinato", "needs a word on both sides"), ("manto ~3", "needs a word on both sides"),
            ("manto ~1 ~2 rovinato", "needs a word on both sides"), ("manto ~ rovinato", "from 0 to 20"),
            ("manto ~21 rovinato", "from 0 to 20"), ("manto ~x rovinato", "from 0 to 20"),
            ("manto ~-1 rovinato", "from 0 to 20"), ("buca~", "may be misspelt"), ("stris*e~", "may be misspelt"),
            ("дорога~", "may be misspelt"), ("/buca", "between two slashes"), ("//", "between two slashes"),
            ("/", "between two slashes"), ("/(/", "missing )"), ("/a{2000}/", "invalid repetition size"),
            ("/((a{100}){100}){100}/", "invalid repetition size"), ("/\\pL{900}/", "pattern too large"),
            ("/(a)\\1/", "invalid escape sequence"), ("/(?=a)/", "cannot be used"),
            (String(repeating: "a", count: 501), "at most 500 characters"),
        ])
    func refused(pattern: String, message: String) throws {
        let error = #expect(throws: RuleSetError.self) { try ruleSet(rule("r", text(pattern))) }
        #expect(error?.findings.count == 1)
        #expect(error?.findings.first?.place == somewhere)
        #expect(error?.findings.first?.message.contains(message) == true, "\(String(describing: error))")
    }

    /// One rule for each pattern, on the line of its number, from 1.
    private func findings(_ patterns: [String]) -> [RuleSetError.Finding] {
        let rules = patterns.enumerated().map { index, pattern in
            let place = SourcePlace(file: "rules/a.yaml", line: index + 1, column: 5)
            return rule("r\(index)", .text(.text, [Placed(pattern, at: place)]))
        }
        do throws(RuleSetError) { _ = try RuleSet(rules: rules, calendars: [:], zone: .utc) } catch {
            return error.findings
        }
        return []
    }

    @Test("regular expressions too large together are refused, at the first one too many; no other is compiled")
    func room() throws {
        // 3634 instructions each, and a few for the number.
        let findings = findings((1000..<3000).map { "/(a{0,30}b{0,30}){0,30}x\($0)/" })
        #expect(findings.count == 1)
        #expect(findings.first?.place.line == 275)
        #expect(findings.first?.message.contains("too large together") == true)
    }

    @Test("regular expressions too large by themselves use up the room too")
    func roomOfRefused() {
        let findings = findings((1000..<4000).map { "/\\pL{900}\($0)/" } + ["/(/", "!"])
        #expect(findings.dropLast(2).allSatisfy { $0.message.contains("pattern too large") })
        #expect(findings.count == 53)
        #expect(findings.dropLast().last?.message.contains("too large together") == true)
        #expect(findings.last?.message.contains("has no letter or digit") == true)
    }

    @Test("many small regular expressions, and a large one that stands in many rules, fit")
    func roomSuffices() {
        let small = (0..<3000).map { "/n[.] ?\($0)/" }
        #expect(findings(small + Array(repeating: "/(a{0,30}b{0,30}){0,30}x/", count: 2000)).isEmpty)
    }

    @Test("all mistakes are found at once")
    func allMistakes() {
        let error = #expect(throws: RuleSetError.self) {
            try ruleSet(rule("r", text("!", "buca", "/(/")), rule("s", text("~")))
        }
        #expect(error?.findings.count == 3)
    }

    @Test("plain words are read without the parser as the parser reads them", arguments: 1...20)
    func plainWords(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 31)
        let signs = ["a", "Z", "9", "mn", " ", "  ", "b", "à", "-", "*"]
        for _ in 0..<50 {
            let written = (0..<Int.random(in: 1...8, using: &generator))
                .map { _ in signs.randomElement(using: &generator) ?? "a" }.joined()
            let words = written.hasSuffix("*") && !written.hasSuffix(" *") ? String(written.dropLast()) : written
            let isPlain = words.allSatisfy { $0.isASCII && $0 != "-" && $0 != "*" } && words.contains { $0 != " " }
            #expect((PlainWords(written) != nil) == isPlain)
            guard isPlain else { continue }
            let pattern = try Pattern(written)
            let parsed = try PhraseParser.read(written, nil)
            #expect(pattern.source == parsed.source && pattern.pieces == parsed.pieces)
            #expect(pattern.isDecidedByPiece == parsed.isDecidedByPiece)
            let items = try PhraseParser.items(of: written).map { item in
                if case .word(let word) = item { word } else { "" }
            }
            for phrase in [try Phrase(written), try Phrase(pattern, written: written)] {
                #expect(phrase.words.map { String(decoding: $0.letters, as: UTF8.self) } == items)
            }
        }
    }
}
