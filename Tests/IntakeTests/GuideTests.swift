import Foundation
import Rules
import Settings
import TestSupport
import Testing

@testable import Intake

/// What the operator's guide shows works as it stands.
@Suite("Config/README.md") struct GuideTests {
    static let guide =
        (try? String(contentsOf: Repository.root.appending(path: "Config/README.md"), encoding: .utf8)) ?? ""
    /// The blocks between ```yaml and ```.
    static let blocks = guide.components(separatedBy: "\n```yaml\n").dropFirst().compactMap {
        $0.components(separatedBy: "\n```\n").first
    }

    /// A copy of Rome with one more file of rules.
    private func rome(with file: String) throws -> OtherRome {
        let rome = try OtherRome(rules: "rules: []\n")
        let rules = rome.url.appending(path: "rules")
        try FileManager.default.removeItem(at: rules)
        try FileManager.default.copyItem(at: Repository.root.appending(path: "Config/roma/rules"), to: rules)
        try rome.write("rules/11-luce.yaml", file)
        return rome
    }

    /// A copy of Rome with one block in it: a whole file of rules beside the others, rules alone, a file of precedents, entries of another file
    /// at its end, sections of `pasquino.yaml` instead of those that are there.
    private func city(with block: String) throws -> OtherRome {
        if block.hasPrefix("    work:") {
            // Keys of an office: the last one's.
            let rome = try OtherRome(rules: "rules: []\n")
            let offices = rome.url.appending(path: "offices.yaml")
            try rome.write("offices.yaml", try String(contentsOf: offices, encoding: .utf8) + block + "\n")
            return rome
        }
        let key = try #require(block.firstMatch(of: /(?m)^([a-z_]+):/)).output.1
        if block.hasPrefix("# yaml-language-server: ") { return try rome(with: block) }
        if key == "rules" { return try OtherRome(rules: block) }
        let rome = try OtherRome(rules: "rules: []\n")
        if key == "precedents" {
            try rome.write("precedents/guide.yaml", block + "\n")
            return rome
        }
        let entries = block.components(separatedBy: "\n").filter { !$0.hasPrefix("\(key):") && !$0.hasPrefix("#") }
            .joined(separator: "\n")
        let own = "\(key == "areas" ? "categories" : key).yaml"
        let file = FileManager.default.fileExists(atPath: rome.url.appending(path: own).path) ? own : "pasquino.yaml"
        let text = try String(contentsOf: rome.url.appending(path: file), encoding: .utf8)
        if file == own {
            try rome.write(file, text + entries + "\n")
        } else {
            var rest = text
            for key in block.matches(of: /(?m)^([a-z_]+):/).map(\.output.1) {
                rest = rest.replacing(try Regex("(?m)^\(key):.*\n(?:[ #].*\n|\n)*"), with: "")
            }
            try rome.write(file, rest + block + "\n")
        }
        return rome
    }

    @Test("Every YAML block is read without a mistake, and its examples hold", arguments: blocks)
    func block(_ block: String) throws {
        let configuration = try city(with: block).configuration()
        let test = Classifier(configuration: configuration).test()
        #expect(test.failures.map(\.message) == [])
        if block.contains("examples:") { #expect(test.passed > 0) }
    }

    @Test("There are blocks") func thereAreBlocks() { #expect(GuideTests.blocks.count >= 3) }

    @Test("The ten minutes: the message goes astray as the guide shows, and right with the guide's rule among Rome's")
    func lamp() throws {
        let message = try #require(GuideTests.guide.firstMatch(of: /echo "(.+)" \| pasquino explain -/)).output.1
        let json = #"{"text":"\#(message)"}"#
        let before = try Rome.decide(json)
        #expect(before.category == "mobilita.semaforo" && before.office == "polizia-locale-comando")
        #expect(before.explanation.because.first?.rule == "pericoli.semaforo")
        #expect(
            before.explanation.nearly.contains { $0.rule == "luce.illuminazione" && $0.failed == "not: text: semafor*" }
        )

        let rule = try #require(GuideTests.blocks.first { $0.contains("luce.vicino-al-semaforo") })
        // The example alone, under the rules as they are, fails; the rule mends it and breaks nothing.
        let without = try rome(with: rule.replacing("lampion* ~4 semaforo", with: "lampione inesistente"))
        let failing = Classifier(configuration: try without.configuration()).test()
        #expect(failing.failures.contains { $0.message.hasSuffix("not mobilita.semaforo") })
        let configuration = try rome(with: rule).configuration()
        #expect(Classifier(configuration: configuration).test().failures.isEmpty)
        #expect(try Rome.decide(json, in: configuration).category == "manutenzione.illuminazione")
    }
}
