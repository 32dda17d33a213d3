import Foundation
import Rules
import TestSupport
import Testing

@testable import Settings

/// A finding leads to its mistake, and to nothing that is nobody's business.
@Suite(.timeLimit(.minutes(30))) struct FindingPlaceTests {
    /// Lines that are gone, doubled, moved or cut.
    @Test(arguments: 0..<4) func damageIsFoundWithinTheFileAndNoSecretShows(_ seed: UInt64) throws {
        var dice = Dice(1000 + seed)
        let environment = ConfigurationFolder.environment.mapValues { $0.hasPrefix("/") ? $0 : "geheim-" + $0 }
        let folder = try ConfigurationFolder()
        let files = [
            "pasquino.yaml", "channels.yaml", "offices.yaml", "rules/20-strade.yaml", "areas/quartieri.geojson",
        ]
        for _ in 0..<40 {
            let file = files[Int.random(in: 0..<files.count, using: &dice)]
            let original = try folder.read(file)
            var lines = original.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let index = Int.random(in: 0..<lines.count, using: &dice)
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: index)
            case 2: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &dice))
            case 3: lines[index] = "  " + lines[index]
            default: lines = Array(lines.prefix(index)) + [String(lines[index].dropLast(3))]
            }
            try folder.write(file, lines.joined(separator: "\n"))
            let findings = folder.load(environment).findings
            #expect(!findings.contains { $0.message.contains("geheim") || $0.message.contains("mail-password") })
            // The line after the last is where a file ends too soon.
            #expect(findings.allSatisfy { !$0.file.hasSuffix(file) || $0.line <= lines.count + 1 }, "\(findings)")
            try folder.write(file, original)
        }
    }

    @Test(arguments: [
        ("{\"a\": 1}", 1, 7), ("\n\n  {\"a\": {\"b\": 2}}", 3, 9), ("{\"è\": 0,\n\"a\":\n\t[1]}", 3, 2),
        ("{\"b\": 1}", 1, 1), ("[\"a\"]", 1, 1), ("\u{FEFF}{\"x\": \"\\\"a\\\":\", \"a\": -1.5e3}", 1, 22),
    ]) func placeOfAKey(_ text: String, _ line: Int, _ column: Int) {
        let places = JSONPlaces(file: "a", bytes: Data(text.utf8)).places(of: [[.key("a")]])
        #expect(places[[.key("a")]] == SourcePlace(file: "a", line: line, column: column))
    }

    @Test(arguments: [
        ("{\"a\": }", 1, 7), ("[1,\n 2,]", 2, 4), ("{\"a\" 1}", 1, 6), ("[\"a", 1, 4), ("", 1, 1), ("[] []", 1, 4),
        ("[tru]", 1, 2), ("[1e999]", 1, 2), ("{a: 1}", 1, 2), ("[\"a\\", 1, 5), ("[\"a\n\"]", 1, 4),
    ]) func placeOfAMistake(_ text: String, _ line: Int, _ column: Int) {
        let mistake = JSONPlaces(file: "a", bytes: Data(text.utf8)).mistake
        #expect(mistake == SourcePlace(file: "a", line: line, column: column))
    }

    @Test func everyByteOfEveryFileCounts() throws {
        let folder = try ConfigurationFolder()
        let hash = try #require(folder.load().configuration?.hash)
        let good = ConfigurationFolder.fixtures.appending(path: "good")
        var count = 0
        for case let file as String in FileManager.default.enumerator(atPath: good.path) ?? .init() {
            guard let text = try? folder.read(file) else { continue }
            try folder.write(file, text + "\n")
            #expect(folder.load().configuration.map { $0.hash != hash } == true, "\(file)")
            try folder.write(file, text)
            count += 1
        }
        #expect(count > 40)
        #expect(folder.load([:], secrets: .optional).configuration?.hash == hash)
    }

    @Test(arguments: [
        ("strade.bucche", "strade.buche"), ("strade.buceh", "strade.buche"), ("STRADE.BUCHE", nil), ("", nil),
        ("verde", nil), ("verde.alber", "verde.alberi"),
    ]) func suggestions(_ written: String, _ expected: String?) {
        #expect(nearest(written, among: ["strade.buche", "strade.altro", "verde.alberi"]) == expected)
    }
}
