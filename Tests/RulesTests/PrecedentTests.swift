import Testing

@testable import Rules

@Suite("Precedents")
struct PrecedentTests {
    private static let known: [Precedent] =
        [
            ("strade.buche", "la strada è piena di buche e la macchina salta"),
            ("strade.buche", "una buca profonda nell'asfalto davanti a casa"),
            ("strade.buche", "asfalto rotto, buche ovunque, ho bucato una gomma"),
            ("luci.lampioni", "il lampione è spento da una settimana, la via è al buio"),
            ("luci.lampioni", "lampioni rotti, di notte non si vede niente"),
            ("luci.lampioni", "siamo al buio, nessun lampione acceso"),
            ("verde.caduti", "un albero è caduto sulla strada, passate subito"),
            ("verde.caduti", "ramo caduto dall'albero davanti alla scuola"),
            ("verde.caduti", "è caduto un grosso ramo sulle macchine"),
            (nil, "grazie di cuore per il vostro lavoro"), (nil, "grazie, siete stati gentili"),
            (nil, "complimenti e grazie a tutti"),
        ].map { Precedent(text: $0.1, category: $0.0) }

    private let precedents = Precedents(known, urgent: ["verde.caduti"])

    private func rules(_ rules: RuleDefinition...) throws -> RuleSet {
        try RuleSet(rules: rules, calendars: [:], zone: .utc, precedents: precedents)
    }

    private func use(_ ahead: Double, urgentWithin: Double? = nil) -> Actions {
        Actions(precedents: placed(PrecedentUse(ahead: ahead, urgentWithin: urgentWithin)))
    }

    @Test(
        "texts never seen are judged by what they are most like, misspelt ones too",
        arguments: [
            ("c'è una buca enorme, l'asfalto si è rotto", "strade.buche"), ("asfatlo rottto e bucche", "strade.buche"),
            ("quel lampione non si accende", "luci.lampioni"), ("LAMPIONI SPENTI", "luci.lampioni"),
            ("un ramo caduto sul marciapiede", "verde.caduti"), ("grazie mille", nil),
        ])
    func judge(text: String, category: String?) throws {
        let set = try rules(rule("like", .all([]), use(0)))
        let outcome = set.decide(input(text))
        #expect(outcome.category?.value == category)
        #expect((outcome.abstain != nil) == (category == nil))
    }

    @Test("the subject counts as the body does")
    func subject() throws {
        let set = try rules(rule("like", .all([]), use(0)))
        #expect(set.decide(input("vedi oggetto", subject: "lampione spento")).category?.value == "luci.lampioni")
    }

    @Test("what was never seen at all decides nothing")
    func unseen() throws {
        let set = try rules(rule("like", .all([]), use(0)))
        for text in ["", "123", "Ωμέγα", "xyz"] { #expect(set.decide(input(text)).isUndecided, "\(text)") }
    }

    @Test("earlier rules decide first, later ones what precedents are not sure of")
    func order() throws {
        let before = rule("before", text("gomma"), Actions(category: placed("auto.gomme")))
        let after = rule("after", .all([]), Actions(category: placed("altro")))
        let set = try rules(before, rule("like", .all([]), use(0.5)), after)
        #expect(set.decide(input("una gomma nella buca dell'asfalto")).category?.value == "auto.gomme")
        #expect(set.decide(input("una buca nell'asfalto della strada")).category?.value == "strade.buche")
        #expect(set.decide(input("una cosa qualunque della strada")).category?.value == "altro")
    }

    @Test("where nobody is sure, the likeliest are guesses")
    func guesses() throws {
        let set = try rules(rule("like", .all([]), use(100)))
        let outcome = set.decide(input("lampione spento"))
        #expect(outcome.isUndecided)
        #expect(outcome.guesses.first?.value == "luci.lampioni")
    }

    @Test("an urgent category that is not far behind makes it urgent, without naming the category")
    func urgent() throws {
        let text = "il lampione è caduto sulla strada davanti alla scuola"
        func priority(_ within: Double?) throws -> RuleOutcome {
            try rules(rule("like", .all([]), use(0, urgentWithin: within))).decide(input(text))
        }
        #expect(try priority(nil).priority == nil)
        #expect(try priority(3).priority?.value == .urgent)
        let calm = try rules(rule("like", .all([]), use(0, urgentWithin: 0.1))).decide(
            input("lampione spento, siamo al buio"))
        #expect(calm.priority == nil)
    }

    @Test("the explanation names both candidates and the words that spoke")
    func explanation() throws {
        let set = try rules(rule("like", .all([]), use(0, urgentWithin: 5)))
        let explanation = set.explain(input("Buonasera, quel LAMPIONE è spento"))
        let category = try #require(explanation.because.first { $0.field == .category })
        #expect(category.condition.hasPrefix("precedents: like luci.lampioni, "))
        #expect(category.condition.contains("% ahead of "))
        #expect(category.matched.map(\.text).contains("LAMPIONE"))
        #expect(category.rule == "like")
        let priority = try #require(explanation.because.first { $0.field == .priority })
        #expect(priority.condition.hasPrefix("precedents: like verde.caduti"))
        #expect(explanation.outcome == set.decide(input("Buonasera, quel LAMPIONE è spento")))
    }

    @Test("a word that speaks is shown once, as it was written and where it first stands, in characters")
    func words() throws {
        let set = try rules(rule("like", .all([]), use(0)))
        let text = "🌧️ È buio: il LAMPIÒNE è spento, e un lampione è un lampione"
        let category = try #require(set.explain(input(text)).because.first { $0.field == .category })
        let lamps = category.matched.filter { $0.text.lowercased().hasPrefix("lamp") }
        #expect(lamps.map(\.text) == ["LAMPIÒNE"])
        let offset = text.unicodeScalars.count - "LAMPIÒNE è spento, e un lampione è un lampione".unicodeScalars.count
        #expect(lamps.map(\.offset) == [offset])
        #expect(lamps.map(\.length) == ["LAMPIÒNE".unicodeScalars.count])
    }

    @Test("the same precedents always make the same model")
    func deterministic() {
        let first = PrecedentModel(PrecedentTests.known, urgent: [])
        let second = PrecedentModel(PrecedentTests.known, urgent: [])
        for text in ["buche e lampioni", "un albero", "grazie per l'asfalto"] {
            func scores(_ model: PrecedentModel) -> [Float] {
                FoldedText.withFolded(text, .words) { model.judge([$0])?.candidates.map(\.score) ?? [] }
            }
            #expect(!scores(first).isEmpty)
            #expect(scores(first) == scores(second))
        }
    }

    @Test("the order of the precedents does not matter, nor one that is written twice; another one changes little")
    func stable() throws {
        func scores(_ known: [Precedent]) -> [Float] {
            let model = PrecedentModel(known, urgent: [])
            return ["buche e lampioni", "un albero caduto"].compactMap { text in
                FoldedText.withFolded(text, .words) { model.judge([$0])?.lead }
            }
        }
        let known = PrecedentTests.known
        #expect(scores(known) == scores(known.reversed() + known))
        let more = scores(known + [Precedent(text: "zzzzqqq xxyy", category: "altro.cosa")])
        for (one, other) in zip(scores(known), more) { #expect(abs(one - other) < 0.1) }
    }

    @Test("a rule that goes by precedents where there are none is refused")
    func none() {
        let error = #expect(throws: RuleSetError.self) { try ruleSet(rule("like", .all([]), use(0))) }
        #expect(error?.findings.map(\.place) == [somewhere])
    }

    @Test(
        "grams are of four letters within a word and its spaces",
        arguments: [
            (" buca ", [" buc", "buca", "uca "]), (" a ", [" a "]), (" la via ", [" la ", " via", "via "]), (" ", []),
            ("", []),
        ])
    func grams(folded: String, expected: [String]) {
        var found: [String] = []
        Array(folded.utf8).withUnsafeBufferPointer { bytes in
            Grams.forEach(in: bytes) { gram in
                let letters = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: gram >> $0) }.filter { $0 != 0 }
                found.append(String(decoding: letters, as: UTF8.self))
            }
        }
        #expect(found == expected)
    }

    @Test("a long text of many kinds of words costs no more than its length")
    func hostile() throws {
        let set = try rules(rule("like", .all([]), use(0)))
        let text = (0..<20_000).map { "buca\($0 % 977) lampio" }.joined(separator: " ")
        #expect(set.decide(input(text)).category != nil)
    }
}
