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
            ("manto ~-1 rovinato", "from 0 to 20"), ("/buca", "between two slashes"), ("//", "between two slashes"),
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

    @Test("patterns that do not fit into the memory together are refused")
    func memory() {
        let rules = [rule("r", text("manto ~20 rovinato", "buca ~20 via", "asfalto ~20 rotto"))]
        let error = #expect(throws: RuleSetError.self) {
            try RuleSet(rules: rules, calendars: [:], zone: .utc, memory: 4096)
        }
        #expect(error?.findings.first?.message.contains("need more than") == true)
    }

    @Test("all mistakes are found at once")
    func allMistakes() {
        let error = #expect(throws: RuleSetError.self) {
            try ruleSet(rule("r", text("!", "buca", "/(/")), rule("s", text("~")))
        }
        #expect(error?.findings.count == 3)
    }
}
