import Civic
import Foundation
import TestSupport
import Testing

@Suite struct FiscalCodeTests {
    @Test(arguments: [
        ("RSSMRA45C12F205C", FiscalCode.Kind.person), ("MRSMSR81D60Z611H", .person), ("CCCFBAURD03L219Y", .person),
        ("02438750586", .numeric), ("ccc fba 85 d03 l219 p", .person), ("024-387-505-86", .numeric),
    ])
    func accepts(_ text: String, _ kind: FiscalCode.Kind) throws {
        let code = try FiscalCode(checking: text)
        #expect(code.kind == kind)
        #expect(code.isPerson == (kind == .person))
        #expect(code.text == FiscalCode.normalise(text))
        #expect(!code.isPlaceholder)
    }

    @Test(arguments: [
        ("", FiscalCode.Rejection.length), ("RCCMNL83S18D969", .length), ("CCCFBA85D03L219PP", .length),
        (String(repeating: "A", count: 100_000), .length), ("CSTNGL22I10D086I", .format), ("CCCFBA85D0OL219P", .format),
        ("1234567890123456", .format), ("FOXDRA26C24H872A", .checkCharacter), ("RSSMRA85M32H501Y", .date),
        ("RSSMRA85B30H501C", .date), ("RSSMRA85M00H501R", .date), ("RSSMRA85M40H501V", .date),
        ("12345678901", .checkCharacter), ("1234567890A", .format), ("rssmra45c12f205ı", .length),
        ("RSSMRA45C12F20\u{0665}C", .length), ("👩‍👩‍👧‍👦", .length),
    ])
    func refuses(_ text: String, _ reason: FiscalCode.Rejection) {
        #expect(throws: reason) { try FiscalCode(checking: text) }
        #expect(FiscalCode(text) == nil)
    }

    @Test func placeholdersAreKnownAsSuch() throws {
        let code = try FiscalCode(checking: "aaaaaa00a00a000a")
        #expect(code.isPlaceholder)
        #expect(code.isPerson)
        #expect(throws: FiscalCode.Rejection.self) { try FiscalCode(checking: "AAAAAA00A00A000A", placeholders: false) }
    }

    @Test func leapDaysOfAnyCentury() {
        // 2000 was a leap year, 1900 was not: the code tells no century.
        #expect(FiscalCode.matchesPattern("RSSMRA00B29H501X"))
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".filter { FiscalCode("RSSMRA00B29H501\($0)") != nil }
        #expect(digits.count == 1)
        let ordinary = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".filter { FiscalCode("RSSMRA01B29H501\($0)") != nil }
        #expect(ordinary.isEmpty)
    }

    @Test(arguments: ["RSSMRA45C12F205C", "AAAAAA00A00A000A"])
    func pattern(_ text: String) {
        #expect(FiscalCode.matchesPattern(text))
        for wrong in [text + "A", String(text.dropLast()), text.lowercased(), " " + text, "", "02438750586"] {
            #expect(!FiscalCode.matchesPattern(wrong))
        }
    }
}

/// Vectors collected from public sources.
@Suite(
    .enabled(if: SharedData.has("identifiers/cf-vectors.json"), "../shared/data/identifiers is not there"))
struct FiscalCodeVectorTests {
    static func vectors(_ name: String) throws -> [[String: Any]] {
        let root = try JSONSerialization.jsonObject(with: SharedData.read("identifiers/cf-vectors.json"))
        return try #require((root as? [String: Any])?[name] as? [[String: Any]])
    }

    @Test func valid() throws {
        for vector in try Self.vectors("valid") {
            let text = try #require(vector["cf"] as? String)
            #expect(FiscalCode(text)?.isPerson == true, "\(text)")
        }
    }

    @Test func invalid() throws {
        for vector in try Self.vectors("invalid") {
            let text = try #require(vector["cf"] as? String)
            let expected: FiscalCode.Rejection =
                switch vector["why"] as? String {
                case "length": .length
                case "date": .date
                case "checksum": .checkCharacter
                default: .format
                }
            #expect(throws: expected, "\(text)") { try FiscalCode(checking: text) }
        }
    }

    @Test func placeholders() throws {
        for vector in try Self.vectors("placeholders") {
            let text = try #require(vector["cf"] as? String)
            #expect(FiscalCode(text)?.isPlaceholder == true, "\(text)")
            #expect(FiscalCode.matchesPattern(text) == (vector["pattern_ok"] as? Bool), "\(text)")
            #expect((try? FiscalCode(checking: text, placeholders: false)) == nil, "\(text)")
        }
    }

    @Test func numeric() throws {
        for vector in try Self.vectors("numeric11") {
            let text = try #require(vector["n"] as? String)
            #expect((FiscalCode(text)?.kind == .numeric) == (vector["valid"] as? Bool), "\(text)")
        }
    }

    @Test func normalise() throws {
        for vector in try Self.vectors("normalise") {
            let text = try #require(vector["input"] as? String)
            #expect(FiscalCode.normalise(text) == vector["output"] as? String)
        }
    }

    @Test func omocodes() throws {
        let root = try JSONSerialization.jsonObject(with: SharedData.read("identifiers/cf-vectors.json"))
        let all = try #require((root as? [String: Any])?["omocodes_of_CCCFBA85D03L219P"] as? [String])
        #expect(all.count == 128)
        for text in all { #expect(FiscalCode(text)?.text == text, "\(text)") }
    }
}
