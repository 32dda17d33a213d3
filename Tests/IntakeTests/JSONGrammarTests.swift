import Foundation
import TestSupport
import Testing

@testable import Intake

@Suite("The grammar of JSON") struct JSONGrammarTests {
    /// Takes any value.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    private func isValid(_ text: String) -> Bool { isValid(Array(text.utf8)) }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        if case .fine = JSONGrammar.verdict(on: bytes) { true } else { false }
    }

    @Test(
        "JSONTestSuite: what must be accepted is, what must be refused is a 400, the rest is either",
        .enabled(if: SharedData.has("adversarial/jsontestsuite.tar.xz"), "../shared/data/adversarial is not there"))
    func suite() throws {
        var counts: [Character: Int] = [:]
        for (path, data) in try SharedData.files(of: "adversarial/jsontestsuite.tar.xz") {
            let name = URL(fileURLWithPath: path).lastPathComponent
            guard path.contains("test_parsing"), name.hasSuffix(".json"), let kind = name.first else { continue }
            counts[kind, default: 0] += 1
            let bytes = Array(data)
            var refusal: Problem?
            do throws(Problem) { _ = try JSONBody.decode(bytes, as: Anything.self) } catch { refusal = error }
            switch kind {
            case "y": #expect(refusal == nil && isValid(bytes), "\(name)")
            case "n": #expect(refusal?.status.code == 400, "\(name)")
            default: #expect([nil, 400, 422].contains(refusal?.status.code), "\(name)")
            }
        }
        #expect(counts["y", default: 0] > 90)
        #expect(counts["n", default: 0] > 180)
        #expect(counts["i", default: 0] > 30)
    }

    @Test(
        "One value, with white space around it",
        arguments: [
            "null", "true", "false", "0", "-0", "10", "-1.5", "0.5", "1e5", "1E+5", "1e-5", "-0.0e0", "\"\"",
            " \t\r\n[ ] \n", "{ }", "[1 , 2]", "{ \"a\" : 1 , \"a\" : 2 }", #""\"\\\/\b\f\n\r\t\u00e9""#,
            "\"\u{7F}\u{2028}é😀\"",
        ])
    func valid(_ text: String) { #expect(isValid(text)) }

    @Test(
        "Anything else is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", ".5", "1.", "1e", "1e+", "0x1",
            "1 2", "1,", "[1,]", "[,1]", "[1 2]", "[", "]", "{", "}", "{,}", "{1:2}", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "['a']", "\"", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"",
            "[1}", "{\"a\":1]", "\u{FEFF}1", "\u{A0}1", "// x\n1", "1/**/", "\u{C}1",
        ])
    func invalid(_ text: String) { #expect(!isValid(text)) }

    @Test("Control characters must be escaped within a string, and are no white space outside")
    func controls() {
        for byte in UInt8(0)..<0x20 {
            #expect(!isValid([0x22, 0x61, byte, 0x22]), "\(byte)")
            if ![0x09, 0x0A, 0x0D].contains(byte) { #expect(!isValid([byte, 0x31]), "\(byte)") }
        }
        #expect(isValid([0x22, 0x7F, 0x22]))
    }

    @Test("No prefix of a document is a document")
    func prefixes() {
        let bytes = Array(#"{"a":[1,-2.5e3,"x\u00e9\n\"",true,false,null,{"b":{}},[]],"c":"d"}"#.utf8)
        #expect(isValid(bytes))
        for length in 0..<bytes.count { #expect(!isValid(Array(bytes[..<length])), "\(length)") }
    }

    @Test("500 levels are read, more are refused, whatever their number", arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(_ open: String, _ close: String) {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        #expect(isValid(nested(500)))
        #expect(!isValid(nested(501)))
        #expect(!isValid(nested(100_000)))
        #expect(!isValid(String(repeating: open, count: 1_000_000)))
    }
}
