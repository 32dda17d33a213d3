import Foundation
import Rules
import Testing

@testable import Settings

@Suite("Words put into the rules' own text, and the patch of it") struct RulesPatchTests {
    /// Edits a file with one rule, and gives its lines; the edited file must load, with the patterns in it.
    private func edited(
        _ text: String, _ patterns: [String], to target: RuleEdit.Target
    ) throws -> (text: String, failures: [String]) {
        let folder = try ConfigurationFolder()
        try folder.remove("rules")
        try folder.write("rules/10.yaml", text)
        let rules = try #require(folder.load().configuration).rules
        let edit = RuleEdit(rule: 0, target: target, patterns: patterns)
        let (files, failures) = RulesPatch.files([edit], of: rules) { try? String(contentsOfFile: $0, encoding: .utf8) }
        guard let file = files.first else { return (text, failures.map(\.description)) }
        try folder.write("rules/10.yaml", file.after)
        let again = try #require(folder.load().configuration, "\(folder.load().findings)").rules
        // The text says what the edited rule says.
        let expected = try #require(rules[0].adding(patterns, to: target)).rule.condition
        #expect(again[0].condition.short == expected.short)
        #expect(again[0].condition.short != rules[0].condition.short || expected.short.hasSuffix("…"))
        return (file.after, failures.map(\.description))
    }

    private func rule(_ when: String) -> String {
        "rules:\n  # Kept.\n  - name: prova\n\(when)\n    then: {tags: [x]}  # Kept, too.\n"
    }

    @Test(
        "Lists in every style are continued in it",
        arguments: [
            ("    when:\n      text: [buca, buche]", "    when:\n      text: [buca, buche, fosso, \"due parole\"]"),
            (
                "    when:\n      text: [buca, \"a, b\", 'c''d']  # why",
                "    when:\n      text: [buca, \"a, b\", 'c''d', fosso, \"due parole\"]  # why"
            ),
            (
                "    when:\n      text: [\n        buca, buche\n      ]",
                "    when:\n      text: [\n        buca, buche, fosso, \"due parole\"\n      ]"
            ),
            (
                "    when:\n      text:\n        - buca\n        - 'b c'  # why",
                "    when:\n      text:\n        - buca\n        - 'b c'  # why\n        - fosso\n        - \"due parole\""
            ),
            ("    when: {text: buca}", "    when: {text: [buca, fosso, \"due parole\"]}"),
            ("    when:\n      text: buca, grande", "    when:\n      text: [\"buca, grande\", fosso, \"due parole\"]"),
            (
                "    when:\n      any:\n        - channel: portale\n        - text: [buca]\n      not: {text: [lettere]}",
                "    when:\n      any:\n        - channel: portale\n        - text: [buca, fosso, \"due parole\"]\n      not: {text: [lettere]}"
            ),
        ])
    func lists(_ before: String, _ after: String) throws {
        let (text, failures) = try edited(rule(before), ["fosso", "due parole"], to: .words)
        #expect(failures == [])
        #expect(text == rule(after))
    }

    @Test(
        "Exceptions join those that are there, or get a place of their own",
        arguments: [
            (
                "    when:\n      text: [buca]\n      not:\n        text: [lettere]",
                "    when:\n      text: [buca]\n      not:\n        text: [lettere, golf]"
            ),
            (
                "    when:\n      text: [buca]\n      not:\n        any:\n          - text: [lettere]\n          - channel: portale",
                "    when:\n      text: [buca]\n      not:\n        any:\n          - text: [lettere, golf]\n          - channel: portale"
            ),
            (
                "    when:\n      # Why.\n      text: [\n        buca\n      ]\n",
                "    when:\n      # Why.\n      text: [\n        buca\n      ]\n      not:\n        text: [golf]\n"
            ),
            (
                "    when:\n      channel: portale\n      text:\n        - buca",
                "    when:\n      channel: portale\n      text:\n        - buca\n      not:\n        text: [golf]"
            ),
        ])
    func exceptions(_ before: String, _ after: String) throws {
        let (text, failures) = try edited(rule(before), ["golf"], to: .exceptions)
        #expect(failures == [])
        #expect(text == rule(after))
    }

    @Test("What cannot be edited is told with its place, and nothing is written")
    func refused() throws {
        let line = "rules:\n  - {name: prova, when: {text: [buca]}, then: {tags: [x]}}\n"
        let (text, failures) = try edited(line, ["golf"], to: .exceptions)
        #expect(text == line)
        #expect(failures.count == 1)
        #expect(failures.first?.contains("rules/10.yaml:2:12: the rule is written in one line") == true)
        let (other, reasons) = try edited(rule("    when: {text: [buca]}"), ["golf"], to: .exceptions)
        #expect(other == rule("    when: {text: [buca]}"))
        #expect(reasons.count == 1)
    }

    @Test("A line ends at column 120, and files of Windows stay so")
    func wrapping() throws {
        let letters = Array("abcdefghij")
        let words = letters.flatMap { first in letters.prefix(6).map { "parola\(first)\($0)" } }
        for when in ["    when:\n      text: [buca]", "    when:\n      text: [\n        buca\n      ]"] {
            let (text, failures) = try edited(rule(when), words, to: .words)
            #expect(failures == [])
            #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 120 })
            #expect(text.split(separator: "\n").count > 8)
        }
        let windows = rule("    when:\n      text: [buca]\n      not:\n        text:\n          - lettere")
            .replacing("\n", with: "\r\n")
        let (text, _) = try edited(windows, ["golf"], to: .exceptions)
        #expect(text == windows.replacing("- lettere\r\n", with: "- lettere\r\n          - golf\r\n"))
    }

    @Test(
        "Words that YAML reads as something else are written between quotes",
        arguments: [
            ("no", "\"no\""), ("via 12", "\"via 12\""), ("buca", "buca"), ("è", "\"è\""), ("a\"b", "\"a\\\"b\""),
        ])
    func quoting(_ pattern: String, _ written: String) {
        #expect(String(String.UnicodeScalarView(RulesFileText.written(pattern))) == written)
    }

    @Test(
        "Every rule of the shipped cities takes words and exceptions, or says why not", arguments: ["roma", "fidenza"])
    func shipped(city: String) throws {
        let directory = ConfigurationFolder.fixtures.appending(path: "../../../Config/\(city)").standardizedFileURL.path
        let loaded = ConfigurationLoader.load(directory: directory, environment: [:], secrets: .optional)
        let rules = try #require(loaded.configuration).rules
        let folder = FileManager.default.temporaryDirectory.appending(path: "patched-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(atPath: directory, toPath: folder.path)
        let edits = rules.indices.flatMap { rule in
            [RuleEdit.Target.words, .exceptions].map { target in
                RuleEdit(rule: rule, target: target, patterns: ["qwertyuiop", "zxcvb nm"])
            }
        }.filter { rules[$0.rule].adding($0.patterns, to: $0.target) != nil }
        #expect(edits.count > rules.count)
        let (files, failures) = RulesPatch.files(edits, of: rules) { try? String(contentsOfFile: $0, encoding: .utf8) }
        #expect(failures.isEmpty, "\(failures)")
        for file in files {
            let name = String(file.name.dropFirst(directory.count + 1))
            try Data(file.after.utf8).write(to: folder.appending(path: name))
        }
        let again = ConfigurationLoader.load(directory: folder.path, environment: [:], secrets: .optional)
        let patched = try #require(again.configuration, "\(again.findings)").rules
        var expected = rules
        for edit in edits {
            expected[edit.rule] = try #require(expected[edit.rule].adding(edit.patterns, to: edit.target)).rule
        }
        for (rule, wanted) in zip(patched, expected) {
            #expect(rule.condition.words == wanted.condition.words, "\(wanted.name)")
        }
    }

    // MARK: The diff

    @Test("The same text has no difference")
    func same() { #expect(UnifiedDiff.between("a\nb\n", "a\nb\n", path: "x") == "") }

    @Test("Three lines of context, near changes together, far ones apart, ends of files without line feed")
    func diff() {
        let old = (1...20).map { "\($0)\n" }.joined()
        let new = old.replacing("\n5\n", with: "\nfive\nand\n").replacing("\n19\n", with: "\n")
        #expect(
            UnifiedDiff.between(old, new, path: "d/x") == """
                --- ./d/x
                +++ ./d/x
                @@ -2,7 +2,8 @@
                 2
                 3
                 4
                -5
                +five
                +and
                 6
                 7
                 8
                @@ -16,5 +17,4 @@
                 16
                 17
                 18
                -19
                 20

                """)
        #expect(
            UnifiedDiff.between("a", "a\nb\n", path: "x")
                == "--- ./x\n+++ ./x\n@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n")
        #expect(UnifiedDiff.between("", "a\n", path: "x").contains("@@ -0,0 +1,1 @@\n+a\n"))
    }
}

extension Condition {
    /// All patterns in it, in their order.
    fileprivate var words: [String] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.words)
        case .not(let part): ["not"] + part.words
        case .text(_, let patterns): patterns.map(\.value)
        default: []
        }
    }
}
