import Civic
import Rules
import Settings
import Testing

@testable import Intake

@Suite("Suggestions: words by which the rules would decide as people did") struct SuggestionTests {
    private static let rules = """
        rules:
          - name: buche
            when:
              text: [buca, fosso]
            then: {category: manutenzione.buche}
            examples:
              match: [Una buca con il lampione vicino, "fosso, vasca"]
          - name: zanzare
            when: {text: [zanzara]}
            then: {category: ambiente.zanzara-tigre}
        """

    private func input(_ number: Int, _ text: String, chosen: String? = nil) -> BacktestInput {
        var input = BacktestInput(
            name: "m\(number)", channel: "portale", receivedAt: Rome.monday,
            raw: JSON.object([("text", .string(text))]).bytes)
        input.chosenCategory = chosen
        return input
    }

    private func inputs(_ moved: [String], _ others: [String]) -> [BacktestInput] {
        let chosen = moved.enumerated().map { input($0, $1, chosen: "ambiente.zanzara-tigre") }
        return chosen + others.enumerated().map { input(100 + $0, $1) }
    }

    /// All three passes.
    private func suggest(_ inputs: [BacktestInput], threads: Int = 2) async throws -> (Suggester, [Proposal]) {
        let suggester = Suggester(try OtherRome(rules: Self.rules).configuration())
        let misfiled = await suggester.misfiled(inputs, threads: threads)
        var background = Suggester.Background()
        await suggester.count(
            inputs, candidates: suggester.candidates(misfiled), except: Set(misfiled.map(\.name)), threads: threads,
            into: &background)
        var proposals = suggester.proposals(misfiled, background)
        await suggester.measure(inputs, &proposals, threads: threads)
        return (suggester, proposals)
    }

    private static let plain = (0..<40).map { "Il bus numero \($0) passa tardi in via Appia" }

    @Test("Words and pairs of neighbours, folded; numbers and single letters are none")
    func words() throws {
        let message = try Rome.message(#"{"subject":"Perché","text":"L'erba è ALTA 12 metri"}"#)
        #expect(Intake.words(of: message) == ["perche", "erba", "alta", "metri"])
        let pair = try Rome.message(#"{"text":"buca profonda di 2020 metri"}"#)
        #expect(Intake.words(of: pair) == ["buca", "profonda", "metri", "buca profonda", "profonda di"])
    }

    @Test("What is frequent in the moved messages and rare elsewhere scores; what is everywhere does not")
    func evidence() {
        func evidence(_ meant: Int, _ others: Int) -> WordEvidence {
            WordEvidence(word: "x", meant: meant, allMeant: 10, others: others, allOthers: 1000)
        }
        #expect(evidence(8, 0).isWorthTrying)
        #expect(evidence(8, 4).isWorthTrying)
        #expect(!evidence(8, 800).isWorthTrying)
        #expect(!evidence(1, 0).isWorthTrying, "one message proves nothing")
        #expect(!evidence(3, 4).isWorthTrying, "more others than meant")
        #expect(evidence(8, 0).score > evidence(8, 4).score)
        #expect(evidence(8, 4).score > evidence(4, 4).score)
        #expect(WordEvidence(word: "x", meant: 3, allMeant: 3, others: 0, allOthers: 0).score.isFinite)
    }

    @Test("The fewest words that cover the messages")
    func covers() {
        let messages: [Set<String>] = [["a", "b"], ["a"], ["c"], ["a", "c"]]
        #expect(cover(["b", "a", "c"], messages, most: 5) == ["a", "c"])
        #expect(cover(["b", "a", "c"], messages, most: 1) == ["a"])
        #expect(cover([], messages, most: 5) == [])
    }

    @Test("Where no rule took them, the category's rule gets the word", arguments: [1, 3])
    func word(threads: Int) async throws {
        let moved = ["un nugolo di moscerini", "moscerini dappertutto", "quanti moscerini stasera"]
        let (suggester, proposals) = try await suggest(inputs(moved, Self.plain), threads: threads)
        let proposal = try #require(proposals.first)
        #expect(proposals.count == 1)
        #expect(proposal.words == ["moscerini"])
        #expect(proposal.edits == [RuleEdit(rule: 1, target: .words, patterns: ["moscerini"])])
        #expect(proposal.taker == nil)
        #expect(proposal.effect == Proposal.Effect(gained: 3, lost: 0, others: 0))
        #expect(suggester.pruned(proposal)?.words == ["moscerini"])
        #expect(
            proposal.sentence(in: suggester.configuration.rules).hasPrefix(
                "ambiente.zanzara-tigre: add `moscerini` to zanzare ("))
    }

    @Test("Where an earlier rule took them, it gets an exception, too")
    func exception() async throws {
        let moved = ["larve nella buca", "buca piena di larve", "larve in una buca sotto casa"]
        let (_, proposals) = try await suggest(inputs(moved, Self.plain + ["una buca", "buca profonda"]))
        let proposal = try #require(proposals.first)
        #expect(proposal.taker == "buche")
        #expect(Set(proposal.edits.map(\.target)) == [.words, .exceptions])
        #expect(Set(proposal.edits.map(\.rule)) == [0, 1])
        #expect(proposal.words == ["larve"])
        #expect(proposal.effect == Proposal.Effect(gained: 3, lost: 0, others: 0))
    }

    @Test("Where a word would change more messages than it mends, nothing is left of the proposal")
    func harm() async throws {
        var proposal = Proposal(
            category: "a", taker: nil, words: ["x", "y"],
            edits: [RuleEdit(rule: 0, target: .words, patterns: ["x", "y"])])
        let suggester = Suggester(try OtherRome(rules: Self.rules).configuration())
        proposal.effect = Proposal.Effect(gained: 3, lost: 0, others: 9)
        proposal.effects = [
            "x": Proposal.Effect(gained: 2, lost: 0, others: 0), "y": Proposal.Effect(gained: 1, lost: 0, others: 9),
        ]
        #expect(suggester.pruned(proposal)?.words == ["x"])
        #expect(suggester.pruned(proposal)?.edits.map(\.patterns) == [["x"]])
        proposal.effects["x"]?.lost = 1
        #expect(suggester.pruned(proposal) == nil)
        // A word that others use as often is not even tried.
        let moved = ["bus in ritardo", "bus pieno"]
        let (_, proposals) = try await suggest(inputs(moved, Self.plain))
        #expect(proposals.allSatisfy { !$0.words.contains("bus") })
    }

    @Test("A word that an example speaks against is not proposed")
    func examples() async throws {
        let moved = ["lampione nella buca", "buca e lampione", "lampione caduto in una buca"]
        let (_, proposals) = try await suggest(inputs(moved, Self.plain))
        #expect(proposals.allSatisfy { !$0.words.contains("lampione") })
    }

    @Test("A ticket that the rules decide as the person did teaches nothing")
    func agreed() async throws {
        let (_, proposals) = try await suggest(inputs(["una zanzara", "la zanzara tigre"], Self.plain))
        #expect(proposals.isEmpty)
    }
}
