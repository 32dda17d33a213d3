import Foundation
import TestSupport
import Testing

@testable import Settings

/// Files that nobody means well: never a crash, never a hang, always a finding.
@Suite(.timeLimit(.minutes(30))) struct HostileFileTests {
    /// YAML's line breaks are more than Unix's.
    static let lineEnds = ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"]

    private func bomb(_ end: String, _ last: String) -> String {
        let levels = (0..<40).map { level in
            "k\(level):\(end)&y\(level) " + (level == 0 ? "[a,a]" : "[*y\(level - 1) ,*y\(level - 1) ]")
        }
        return "rules: {" + end + (levels + [last]).joined(separator: "," + end) + end + "}" + end
    }

    /// As a key it would be compared, whole, while the file is read.
    @Test(arguments: lineEnds, ["? *y39 : 1", "k: *y39 "]) func aliasesThatWouldFillTheMemory(
        _ end: String, _ last: String
    ) throws {
        let folder = try ConfigurationFolder()
        try folder.write("rules/20-strade.yaml", bomb(end, last))
        #expect(
            folder.findings() == [
                "rules/20-strade.yaml:5:6: error: anchors and aliases (& and *) are not read here: write the value out, "
                    + "or put text in quotes"
            ])
    }

    /// What is learned from takes many times its size while it is learned.
    @Test("precedents have a limit together, and so have the examples that are learned from with them")
    func precedentsThatWouldFillTheMemory() throws {
        let text = String(repeating: "buca ", count: 1900)
        func list(_ count: Int) -> String {
            "[" + (0..<count).map { "\"\($0) \(text)\"" }.joined(separator: ", ") + "]"
        }
        let many = "precedents: [{category: strade.buche, texts: \(list(450))}]\n"
        let one = "precedents: [{category: strade.buche, texts: [una buca]}]\n"
        let rule = "rules: [{name: a, then: {category: strade.buche}, examples: {match: \(list(450))}}]\n"
        let limit = "there are more than 50000 precedents and examples to learn from, or 8 MiB of them"
        for (files, isTooMuch) in [
            (["precedents/a.yaml": many], false), (["precedents/a.yaml": many, "precedents/b.yaml": many], true),
            (["precedents/a.yaml": many, "rules/30-a.yaml": rule], true),
            (["precedents/a.yaml": one, "rules/30-a.yaml": rule], false),
        ] {
            let folder = try ConfigurationFolder()
            for (file, bytes) in files { try folder.write(file, bytes) }
            #expect(folder.findings().filter { $0.contains(limit) }.count == (isTooMuch ? 1 : 0), "\(files.keys)")
        }
    }

    @Test(arguments: [
        "# see &a and *a\nrules: []\n", "rules: [] # &a *a\n",
        "rules:\n  - {name: a, then: {tags: \"x &a *a\"}}\n", "rules:\n  - {name: a, then: {tags: 'x &a: *a'}}\n",
        "rules:\n  - name: a\n    then:\n      tags: |\n        *a &a\n        &a *a\n",
        "rules:\n  - {name: a, then: {tags: x &a *a}}\n", "rules:\n  - &a {name: a, then: {tags: \"*a\"}}\n",
    ]) func starsAndAmpersandsInTextAreNoAliases(_ text: String) throws {
        let file = try YAMLFile(name: "a.yaml", bytes: Data(text.utf8))
        #expect(file.root != nil)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "[{", "!!seq [", "&a ["]) func deepNesting(_ opening: String) throws {
        let folder = try ConfigurationFolder()
        try folder.write("offices.yaml", String(repeating: opening, count: 100_000))
        let findings = folder.load().findings
        #expect(findings.contains { $0.file.hasSuffix("/offices.yaml") && $0.severity == .error })
    }

    /// Threads of a pool have half a megabyte of stack.
    @Test(arguments: [20, 31, 40, 400]) func deepConditionsOnASmallStack(_ depth: Int) throws {
        let folder = try ConfigurationFolder()
        let open = String(repeating: "{all: ", count: depth)
        let close = String(repeating: "}", count: depth)
        try folder.write(
            "rules/20-strade.yaml", "rules: [{name: a, then: {tags: x}, when: \(open){text: a}\(close)}]\n")
        let path = folder.path
        nonisolated(unsafe) var isUsable = false
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            isUsable =
                ConfigurationLoader.load(
                    directory: path, environment: ConfigurationFolder.environment, secrets: .required
                ).configuration != nil
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        #expect(isUsable == (depth < 32))
    }

    /// The decoder goes 512 deep.
    @Test(arguments: [("[", 513), ("{\"a\":", 2561), ("{\"type\":\"FeatureCollection\",\"features\":[", 10_241)])
    func deepJSON(_ opening: String, _ column: Int) throws {
        let folder = try ConfigurationFolder()
        try folder.write("areas/quartieri.geojson", String(repeating: opening, count: 100_000))
        #expect(
            folder.findings() == [
                "areas/quartieri.geojson:1:\(column): error: not GeoJSON: the file cannot be read as JSON"
            ])
    }

    @Test func hugeFilesAreNotRead() throws {
        let folder = try ConfigurationFolder()
        for (file, size) in [
            ("rules/30.yaml", 8 << 20), ("areas/z.geojson", 64 << 20), ("templates/it/z.txt", 1 << 20),
        ] {
            try folder.write(file, "")
            let handle = try FileHandle(forWritingTo: folder.url.appending(path: file))
            try handle.truncate(atOffset: UInt64(size) + 1)
            try handle.close()
        }
        #expect(
            folder.findings() == [
                "areas/z.geojson:1:1: error: the file is larger than 64 MiB: split it, or simplify it",
                "rules/30.yaml:1:1: error: the file is larger than 8 MiB: split it, or simplify it",
                "templates/it/z.txt:1:1: error: the file is larger than 1 MiB: split it, or simplify it",
            ])
    }

    @Test func whatIsNoFileIsNotOpened() throws {
        let folder = try ConfigurationFolder()
        #expect(mkfifo(folder.path + "/rules/30.yaml", 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/rules/31.yaml", withDestinationPath: "/dev/zero")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/rules/32.yaml", withDestinationPath: "32.yaml")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/rules/33.yaml", withIntermediateDirectories: false)
        #expect(
            folder.findings() == [
                "rules/30.yaml:1:1: error: this is not a regular file: remove it",
                "rules/31.yaml:1:1: error: this is not a regular file: remove it",
                "rules/32.yaml:1:1: error: the file is missing",
                "rules/33.yaml:1:1: error: this is not a regular file: remove it",
            ])
    }

    @Test(arguments: [
        "", "\u{0}", "~\n", "null\n", "42\n", "---\n...\n", "%YAML 3.0\n---\na: b\n", "? [a]\n: b\n? [a]\n: c\n",
        "? {a: b}\n: c\n", "<<: {offices: []}\n", "offices: !!binary x\n", "offices: !<tag:x> []\n",
        "offices: [~, , a]\n",
        "offices: *nobody\n", "&a offices: []\n", "\u{FEFF}\u{FEFF}offices: []\n", "offices:\n- ~\n- []\n- {code: }\n",
        "offices: [{code: [], name: {it: {}}, aliases: {}, roles: a}]\n", "\u{2028}\u{2029}offices\n", "-\t-\t-\n",
    ]) func oddities(_ text: String) throws {
        let folder = try ConfigurationFolder()
        try folder.write("offices.yaml", text)
        let loaded = folder.load()
        #expect(loaded.configuration == nil)
        #expect(loaded.findings.contains { $0.severity == .error })
        #expect(loaded.findings.allSatisfy { $0.line >= 1 && $0.column >= 1 })
    }

    /// Deleted, doubled, cut and garbled lines.
    @Test(arguments: 0..<20) func randomDamage(_ seed: UInt64) throws {
        var dice = Dice(seed)
        let folder = try ConfigurationFolder()
        let files = [
            "pasquino.yaml", "channels.yaml", "offices.yaml", "categories.yaml", "calendars.yaml",
            "rules/10-pericoli.yaml", "rules/20-strade.yaml", "areas/quartieri.geojson", "templates/it/opened.txt",
        ]
        for _ in 0..<25 {
            let file = files[Int.random(in: 0..<files.count, using: &dice)]
            let original = try Data(contentsOf: folder.url.appending(path: file))
            try folder.write(file, damaged(original, &dice))
            let loaded = folder.load()
            let hasError = loaded.findings.contains { $0.severity == .error }
            #expect((loaded.configuration == nil) == hasError)
            #expect(loaded.findings.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty })
            try folder.write(file, original)
        }
        #expect(folder.findings().isEmpty)
    }

    private func damaged(_ data: Data, _ dice: inout Dice) -> Data {
        var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
        let marks: [[UInt8]] =
            [
                "[", "]", "{", "}", ": ", "- ", "&a ", "*a", "'", "\"", "|", ">", "#", "\t", "\u{0}", "%", "@", "!!",
                "? ", ",",
                "${env:", "}", "999999999999999999999", "\u{FEFF}", "é", "~",
            ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80]]
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
            let index = Int.random(in: 0..<lines.count, using: &dice)
            let place = Int.random(in: 0...lines[index].count, using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: lines[index] = []
            case 1: lines.insert(lines[index], at: index)
            case 2: lines[index].removeLast(lines[index].count - place)
            case 3: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &dice))
            case 4 where place < lines[index].count: lines[index][place] = UInt8.random(in: 0...255, using: &dice)
            default: lines[index].insert(contentsOf: marks[Int.random(in: 0..<marks.count, using: &dice)], at: place)
            }
        }
        return Data(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
