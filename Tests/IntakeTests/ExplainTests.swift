import Civic
import Foundation
import Testing

@testable import Intake

@Suite("The JSON of explain, and of a stored decision") struct ExplainTests {
    private typealias Members = [String: Any]

    private func explain(_ json: String) throws -> Members {
        let text = try Rome.decide(json).json.text
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Members)
    }

    private func list(_ value: Any?) throws -> [Members] { try #require(value as? [Members]) }

    @Test(
        "The contract's members and those that were added, and no others, whatever the message",
        arguments: [
            #"{"text":"C'è una buca in via Tuscolana, mi sono fatta male","fields":{"municipio":7}}"#,
            #"{"text":"Dove trovo una buca delle lettere?"}"#, #"{"text":"test"}"#, #"{"text":"..."}"#,
        ])
    func members(_ json: String) throws {
        let record = try explain(json)
        #expect(Set(record.keys) == ["decision", "because", "nearly", "guesses", "undecided", "config"])
        let decision = try #require(record["decision"] as? Members)
        #expect(
            Set(decision.keys) == [
                "category", "office", "priority", "sla", "tags", "reply", "notify", "discard", "area", "place",
                "language", "written_in", "due_at", "forward_to", "abstain",
            ])
        #expect(decision["tags"] is [String])
        #expect(decision["office"] is String)
        for reason in try list(record["because"]) {
            let mandatory: Set = ["field", "rule", "condition", "matched"]
            #expect(Set(reason.keys) == (reason["rule"] is NSNull ? mandatory : mandatory.union(["at"])))
            for match in try list(reason["matched"]) {
                #expect(Set(match.keys) == ["text", "offset", "length", "in"])
            }
        }
        for rule in try list(record["nearly"]) { #expect(Set(rule.keys) == ["rule", "failed"]) }
        #expect(record["undecided"] is Bool)
        #expect(record["config"] as? String == (try Rome.configuration().hash))
    }

    @Test("Every field of the decision that has a value has a reason")
    func reasons() throws {
        let record = try explain(#"{"text":"C'è una buca, mi sono fatta male","fields":{"municipio":7}}"#)
        let reasons = Set(try list(record["because"]).compactMap { $0["field"] as? String })
        #expect(reasons.isSuperset(of: ["category", "office", "priority", "sla", "tags", "notify"]))
        let fields = try list(record["because"]).compactMap { $0["field"] as? String }
        for field in ["category", "office", "priority", "sla"] {
            #expect(fields.filter { $0 == field }.count == 1, "\(field)")
        }
    }

    @Test(
        "The words are found where they are said to be, counted in Unicode scalars",
        arguments: ["😀 È vero, c'è 'na BUCA!", "buca", "e\u{301} e\u{301} la bùca", "👩‍👩‍👧‍👦\r\nbuche e buca"])
    func places(_ text: String) throws {
        let body = try String(decoding: JSONEncoder().encode(["text": text]), as: UTF8.self)
        let record = try explain(body)
        let reason = try #require(try list(record["because"]).first { $0["field"] as? String == "category" })
        let matched = try list(reason["matched"])
        #expect(!matched.isEmpty)
        let scalars = Array(text.unicodeScalars)
        for match in matched {
            let (offset, length) = (try #require(match["offset"] as? Int), try #require(match["length"] as? Int))
            try #require(offset >= 0 && length > 0 && offset + length <= scalars.count)
            let found = String(String.UnicodeScalarView(scalars[offset..<offset + length]))
            #expect(found == match["text"] as? String)
            #expect(match["in"] as? String == "text")
        }
    }

    @Test("A rule that nearly matched is told with the condition that failed")
    func nearly() throws {
        let nearly = try list(try explain(#"{"text":"Dove trovo una buca delle lettere?"}"#)["nearly"])
        #expect(nearly.contains { ($0["failed"] as? String)?.hasPrefix("not: text: ") == true }, "\(nearly)")
    }

    @Test("The same message is decided the same, to the letter")
    func stable() throws {
        let json = #"{"text":"Buca e rifiuti, mi sono fatta male","fields":{"municipio":7}}"#
        let first = try Rome.decide(json).json.text
        for _ in 0..<5 { #expect(try Rome.decide(json).json.text == first) }
    }
}
