import Foundation
import Testing

@testable import Intake

@Suite("A JSON body that cannot be read") struct JSONBodyTests {
    private func refusal(_ bytes: [UInt8]) throws -> Problem {
        try problem { try JSONBody.decode(bytes, as: WebhookBody.self) }
    }

    @Test(
        "No JSON in UTF-8 is a 400 without a pointer",
        arguments: [
            Array("{".utf8), Array("".utf8), Array(#"{"text":"a"}x"#.utf8), Array(#"{"text":tru}"#.utf8),
            // UTF-8 that is none: a lone continuation, an overlong slash, a surrogate.
            [0x22, 0x80, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            // A byte order mark; UTF-16 in both orders, with U+0000 as a byte.
            [0xEF, 0xBB, 0xBF] + Array("{}".utf8), [0x7B, 0, 0x7D, 0], [0, 0x7B, 0, 0x7D],
        ])
    func malformed(_ bytes: [UInt8]) throws {
        let problem = try refusal(bytes)
        #expect(problem.status.code == 400)
        #expect(problem.pointer == nil)
    }

    @Test(
        "A wrong member is a 422 with its pointer and what is expected there",
        arguments: [
            ("{}", "/text", "missing"), ("[]", "", "object"), ("1", "", "object"), ("null", "", ""),
            (#"{"text":1}"#, "/text", "a string"), (#"{"text":null}"#, "/text", "null"),
            (#"{"text":"a","id":7}"#, "/id", "a string"), (#"{"text":"a","from":[]}"#, "/from", "an object"),
            (#"{"text":"a","from":{"email":7}}"#, "/from/email", "a string"),
            (#"{"text":"a","from":{"fiscal_code":{}}}"#, "/from/fiscal_code", "a string"),
            (#"{"text":"a","location":{"lat":"41"}}"#, "/location/lat", "a number"),
            (#"{"text":"a","location":{"lon":true}}"#, "/location/lon", "a number"),
            (#"{"text":"a","location":{"lat":1e999}}"#, "/location/lat", "too large or too small"),
            (#"{"text":"a","location":{"lat":-1E+400}}"#, "/location/lat", "too large or too small"),
            (#"{"text":"a","fields":{"x":[0,1e-400]}}"#, "/fields/x/1", "too large or too small"),
            (#"{"text":"a","fields":{"x":\#(String(repeating: "9", count: 400))}}"#, "/fields/x", "300 digits"),
            (#"{"text":"a","attachments":{}}"#, "/attachments", "an array"),
            (#"{"text":"a","attachments":[{"content":""},{}]}"#, "/attachments/1/content", "missing"),
            (#"{"text":"a","attachments":[7]}"#, "/attachments/0", "an object"),
            (#"{"text":"a","fields":[]}"#, "/fields", "an object"),
            // RFC 6901: ~ and / within a name.
            (#"{"text":"a","fields":{"a/b~c":1e999}}"#, "/fields/a~1b~0c", "too large"),
            (#"{"text":"a","x":[[],{"\u00e9":1e999}]}"#, "/x/1/é", "too large"),
            (#"{"text":"a","fields":{"a":"\ud800"}}"#, "/fields/a", "surrogate"),
            (#"{"text":"a","fields":{"\udc00":1}}"#, "/fields", "surrogate"),
        ])
    func invalid(_ body: String, _ pointer: String, _ words: String) throws {
        let problem = try refusal(Array(body.utf8))
        #expect(problem.status.code == 422)
        #expect(problem.pointer == pointer)
        #expect(problem.detail.contains(words) || words.isEmpty, "\(problem.detail)")
    }

    @Test(
        "A lone surrogate is no character: refused, and never a question mark in its place",
        arguments: [#"\ud800"#, #"\udc00"#, #"a\ud83d"#, #"\ud83dx"#, #"\ude00\ud83d"#, #"\ud800\ud800"#])
    func surrogates(_ text: String) throws {
        let problem = try refusal(Array(#"{"text":"\#(text)"}"#.utf8))
        #expect(problem.status.code == 422)
    }

    @Test("A pair of surrogates is one character")
    func pair() throws {
        let body: WebhookBody = try JSONBody.decode(Array(#"{"text":"\ud83d\ude00"}"#.utf8))
        #expect(body.text == "😀")
    }

    @Test("Of a member that stands twice one value counts, always the same, and unknown members are not looked at")
    func duplicates() throws {
        let bytes = Array(#"{"text":"first","text":"second","unknown":{"text":3}}"#.utf8)
        let texts = try (0..<20).map { _ in try JSONBody.decode(bytes, as: WebhookBody.self).text }
        #expect(Set(texts).count == 1)
        #expect(["first", "second"].contains(texts[0]))
    }

    @Test("A refusal never repeats what the citizen wrote")
    func discreet() throws {
        for body in [#"{"text":["Anna Rossi"]}"#, #"{"text":"a","location":{"lat":"Anna Rossi"}}"#] {
            #expect(try !refusal(Array(body.utf8)).detail.contains("Anna"))
        }
    }

    @Test("What is no JSON is not also told what else is wrong with it")
    func malformedFirst() throws {
        for body in [#"{"text":"\ud800""#, #"{"text":1e999,}"#] {
            #expect(try refusal(Array(body.utf8)).detail == "the body is not JSON")
        }
    }

    private func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
        let value = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        return Array(#"{"text":"a","fields":{"x":\#(value)}}"#.utf8)
    }

    @Test("Fields are at most 16 deep, and the answer says so", arguments: [(#"{"a":"#, "}"), ("[", "]")])
    func nesting(_ open: String, _ close: String) throws {
        let body: WebhookBody = try JSONBody.decode(nested(15, open, close))
        #expect(body.fields?.count == 1)
        for depth in [16, 100, 400] {
            let problem = try refusal(nested(depth, open, close))
            #expect(problem.status.code == 422)
            #expect(problem.pointer?.hasPrefix("/fields/x/") == true)
            #expect(problem.detail.contains("16 deep"))
        }
        let problem = try refusal(nested(600, open, close))
        #expect(problem.status.code == 400)
        #expect(problem.detail.contains("500 levels"))
    }

    @Test(
        "More values than a form has are not decoded, whatever they are", arguments: ["1", "true", "[]", "{}", #""""#])
    func values(_ value: String) throws {
        func body(_ count: Int) -> [UInt8] {
            Array((#"{"text":"a","x":["# + Array(repeating: value, count: count).joined(separator: ",") + "]}").utf8)
        }
        // The object, the text and the list are values too.
        #expect(throws: Never.self) { try JSONBody.decode(body(JSONGrammar.values - 3), as: WebhookBody.self) }
        let problem = try refusal(body(JSONGrammar.values - 2))
        #expect(problem.status.code == 422)
        #expect(problem.detail.contains("more than 10000 values"))
    }

    @Test("A member's name has at most 2000 bytes")
    func names() throws {
        func body(_ length: Int) -> [UInt8] {
            Array(#"{"text":"a","x":{"y":{"\#(String(repeating: "n", count: length))":1}}}"#.utf8)
        }
        #expect(throws: Never.self) { try JSONBody.decode(body(2000), as: WebhookBody.self) }
        let problem = try refusal(body(2001))
        #expect(problem.status.code == 422)
        #expect(problem.pointer == "/x/y")
        #expect(problem.detail.contains("2000 bytes"))
    }

    @Test("A problem is answered as problem+json, with the headers that belong to it")
    func answer() {
        let invalid = Problem.invalid("/text", "the text is empty").response
        #expect(invalid.status.code == 422)
        #expect(invalid.headers[.contentType] == "application/problem+json")
        #expect(Problem.unauthorized.response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        #expect(Problem.unavailable("x", retryAfter: 7).response.headers[.retryAfter] == "7")
        #expect(Problem.unavailable("x").response.status.code == 503)
    }
}
