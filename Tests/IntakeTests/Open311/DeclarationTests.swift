import Civic
import Foundation
import Settings
import Testing

@testable import Intake

@Suite("A category that the sender declared") struct DeclarationTests {
    private static let rules = """
        rules:
          - name: pericolo
            when: {text: pericolo}
            then: {priority: urgent, tags: [pericolo]}
          - name: buche
            when: {text: buca}
            then: {category: manutenzione.buche, office: polizia-locale-comando, sla: 4h}
          - name: ufficio
            when: {text: ufficio}
            then: {office: polizia-locale-comando}
          - name: nulla
            when: {text: nulla}
            then: {abstain: it says nothing}
          - name: prova
            when: {text: prova}
            then: {discard: a test}

        """

    private func decide(_ text: String, declared: String?) throws -> (Verdict, [[String: Any]]) {
        let rome = try OtherRome(rules: DeclarationTests.rules)
        let message = Message(
            id: .timeOrdered(at: Rome.monday), channel: "portale", externalID: "e", receivedAt: Rome.monday, text: text,
            declaredCategory: declared)
        let verdict = Classifier(configuration: try rome.configuration()).decide(message)
        let json = try JSONSerialization.jsonObject(with: Data(verdict.json.bytes)) as? [String: Any]
        return (verdict, try #require(json?["because"] as? [[String: Any]]))
    }

    private func reason(_ field: String, _ because: [[String: Any]]) -> [String] {
        because.filter { $0["field"] as? String == field }.map {
            ($0["rule"] as? String).map { "rule \($0)" } ?? $0["condition"] as? String ?? ""
        }
    }

    @Test("wins over the rules', which still say how pressing it is")
    func wins() throws {
        let (verdict, because) = try decide("pericolo, una buca", declared: "manutenzione.veicolo-abbandonato")
        #expect(verdict.category == "manutenzione.veicolo-abbandonato")
        #expect(verdict.priority == .urgent)
        #expect(verdict.tags == ["pericolo"])
        #expect(verdict.office != "polizia-locale-comando")
        #expect(reason("category", because) == ["declared by the sender; the rule buche would have named another"])
        #expect(!reason("office", because).contains("rule buche"))
        #expect(reason("priority", because) == ["rule pericolo"])
        #expect(verdict.decidingRule == nil)
    }

    @Test("leaves the office to a rule that names the same category, or none")
    func office() throws {
        let (same, because) = try decide("una buca", declared: "manutenzione.buche")
        #expect(same.office == "polizia-locale-comando")
        #expect(reason("category", because) == ["declared by the sender"])
        #expect(reason("office", because) == ["rule buche"])
        let (none, _) = try decide("ufficio", declared: "manutenzione.veicolo-abbandonato")
        #expect(none.office == "polizia-locale-comando")
        #expect(none.category == "manutenzione.veicolo-abbandonato")
    }

    @Test("is enough where the rules would ask a person; a rule may still discard")
    func abstention() throws {
        let (verdict, because) = try decide("nulla", declared: "manutenzione.buche")
        #expect(verdict.abstained == nil)
        #expect(!verdict.undecided)
        #expect(verdict.category == "manutenzione.buche")
        #expect(reason("abstain", because).isEmpty)
        let (discarded, _) = try decide("prova", declared: "manutenzione.buche")
        #expect(discarded.discard == "a test")
    }

    @Test("that the catalogue does not have is none")
    func unknown() throws {
        let (verdict, because) = try decide("una buca", declared: "manutenzione.nulla")
        #expect(verdict.category == "manutenzione.buche")
        #expect(reason("category", because) == ["rule buche"])
    }
}
