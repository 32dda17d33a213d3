import Foundation
import TestSupport
import Testing

/// The commands that need no daemon, as an operator types them: what they print, and with which status they end.
@Suite struct CommandAcceptance {
    private static let outlines = SharedData.file("geo/municipi-roma.geojson.gz").path

    /// Rome, where a test may change files; gone with the last reference.
    final class Folder {
        let path = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"

        init() throws { try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: path) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ file: String, _ text: String) throws {
            try text.write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
        }

        func bytes(_ file: String) -> Data? { FileManager.default.contents(atPath: "\(path)/\(file)") }
    }

    private func run(
        _ arguments: [String], config: String = City.root + "/Config/roma"
    ) async throws -> (status: Int32, output: String) {
        try await Program.run(arguments, environment: ["PASQUINO_CONFIG": config])
    }

    private func object(_ text: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    // MARK: Areas

    @Test(
        "areas import: the exact outlines of Rome's municipi take the place of the coarse ones, and check is content",
        .enabled(if: FileManager.default.fileExists(atPath: outlines), "../shared/data/geo is not there"))
    func areas() async throws {
        let folder = try Folder()
        let coarse = try #require(folder.bytes("areas/municipi.geojson"))
        let dry = try await run(["areas", "import", "--dry-run", Self.outlines], config: folder.path)
        #expect(dry.status == 0)
        #expect(dry.output.hasPrefix("15 areas, "))
        #expect(dry.output.hasSuffix("nothing written"))
        #expect(folder.bytes("areas/municipi.geojson") == coarse)

        let (status, output) = try await run(["areas", "import", Self.outlines], config: folder.path)
        #expect(status == 0)
        #expect(output.contains("15 areas, "))
        #expect(output.contains("installed in \(folder.path)/areas/municipi.geojson"))
        let exact = try #require(folder.bytes("areas/municipi.geojson"))
        #expect(exact.count > coarse.count)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/areas") == ["municipi.geojson"])

        let check = try await run(["check", "--config", folder.path])
        #expect(check.status == 0, "\(check.output)")
        #expect(check.output.contains(" 15 areas: "))
        #expect(!check.output.contains(": error: "))
        // Piazza Venezia, Cinecittà and the sea: decided by the new outlines.
        for (latitude, longitude, place) in [
            (41.8958, 12.4823, "municipio-i"), (41.8485, 12.5735, "municipio-vii"), (41.60, 12.10, "outside"),
        ] {
            let message = folder.path + "/message.json"
            try #"{"text":"buca","location":{"lat":\#(latitude),"lon":\#(longitude)}}"#.write(
                toFile: message, atomically: true, encoding: .utf8)
            let explained = try await run(["explain", message, "--json"], config: folder.path)
            let decision = try #require(try object(explained.output)["decision"] as? [String: Any])
            #expect((decision["area"] as? String ?? decision["place"] as? String) == place)
        }
        // By the other name that the features have, and what cannot be told.
        let roman = ["areas", "import", "--property", "numero_romano", Self.outlines]
        #expect(try await run(roman, config: folder.path).status == 0)
        #expect(folder.bytes("areas/municipi.geojson") == exact)
        let unknown = try await run(["areas", "import", "--property", "nome", Self.outlines], config: folder.path)
        #expect(unknown.status == 1)
        #expect(unknown.output.contains("has no property nome"))
    }

    @Test("areas import: what is no GeoJSON, no gzip or not there changes nothing")
    func noAreas() async throws {
        let folder = try Folder()
        let before = folder.bytes("areas/municipi.geojson")
        try folder.write("half.geojson", #"{"type":"FeatureCollection","features":["#)
        try Data([0x1F, 0x8B, 0x08, 0x00, 0xFF]).write(to: URL(fileURLWithPath: folder.path + "/broken.gz"))
        for file in ["half.geojson", "broken.gz", "nowhere.geojson"] {
            let (status, output) = try await run(["areas", "import", "\(folder.path)/\(file)"], config: folder.path)
            #expect(status == 1, "\(file): \(output)")
            #expect(!output.isEmpty)
        }
        #expect(folder.bytes("areas/municipi.geojson") == before)
    }

    // MARK: Rules

    @Test("test: every example of the shipped city passes; coverage is listed, and a threshold fails with 1")
    func examples() async throws {
        let plain = try await run(["test"])
        #expect(plain.status == 0)
        let passed = try #require(plain.output.wholeMatch(of: /([0-9]+) passed, 0 failed/))
        #expect(try #require(Int(passed.output.1)) > 100)
        let covered = try await run(["test", "--coverage"])
        #expect(covered.status == 0)
        let lines = covered.output.split(separator: "\n")
        #expect(lines.last.map(String.init) == plain.output)
        let report = try #require(
            lines.dropLast().last?.wholeMatch(
                of:
                    /coverage ([0-9]+) % \([0-9]+ of [0-9]+ patterns, [0-9]+ of [0-9]+ conditions, [0-9]+ of [0-9]+ rules\)/
            ))
        let percent = try #require(Int(report.output.1))
        for line in lines.dropLast(2) {
            #expect(line.contains(try Regex(#"rules/.*\.yaml:[0-9]+:[0-9]+: not exercised: "#)), "\(line)")
        }
        #expect((percent == 100) == (lines.count == 2))
        #expect(try await run(["test", "--min-coverage", "\(percent)"]).status == 0)
        if percent < 100 {
            let short = try await run(["test", "--min-coverage", "\(percent + 1)"])
            #expect(short.status == 1)
            #expect(short.output.hasSuffix(" passed, 0 failed"))
        }
    }

    @Test("test: what no example exercises is named with its place")
    func coverage() async throws {
        let folder = try Folder()
        try FileManager.default.removeItem(atPath: folder.path + "/rules")
        try FileManager.default.createDirectory(atPath: folder.path + "/rules", withIntermediateDirectories: false)
        try folder.write(
            "rules/10.yaml",
            """
            rules:
              - name: prova.due
                when: {text: [buca, fosso]}
                then: {tags: [x]}
                examples: {match: [una buca]}
              - name: prova.senza
                when: {text: [lampione]}
                then: {tags: [y]}

            """)
        let half = try await run(["test", "--coverage", "--min-coverage", "40"], config: folder.path)
        #expect(half.status == 0, "\(half.output)")
        #expect(half.output.contains("10.yaml:3:25: not exercised: fosso (rule prova.due)"))
        #expect(half.output.contains("10.yaml:6:11: not exercised: no example"))
        #expect(half.output.contains("coverage 40 % (1 of 3 patterns, 0 of 0 conditions, 1 of 2 rules)"))
        #expect(half.output.hasSuffix("1 passed, 0 failed"))
        #expect(try await run(["test", "--min-coverage", "41"], config: folder.path).status == 1)
        let short = try await run(["test", "--min-coverage", "40.01"], config: folder.path)
        #expect(short.status == 1)
        #expect(short.output.contains("coverage is 40.00 %, less than 40.01 %"))
        #expect(try await run(["test", "--min-coverage", "101"], config: folder.path).status == 2)
        let json = try object(try await run(["test", "--coverage", "--json"], config: folder.path).output)
        #expect(json["passed"] as? Int == 1)
        let report = try #require(json["coverage"] as? [String: Any])
        #expect(report["percent"] as? Double == 40)
        let missing = try #require(report["missing"] as? [[String: Any]])
        #expect(missing.map { $0["kind"] as? String } == ["pattern", "rule", "pattern"])
        #expect(missing.first?["line"] as? Int == 3)
    }

    @Test("explain --json: the contract's members; --input: one decision a line, in order")
    func explain() async throws {
        let folder = try Folder()
        try folder.write("one.json", #"{"text":"C'è una buca in via Tuscolana","fields":{"municipio":"7"}}"#)
        let (status, output) = try await run(["explain", "\(folder.path)/one.json", "--json"])
        #expect(status == 0)
        let record = try object(output)
        #expect(Set(record.keys) == ["decision", "because", "nearly", "guesses", "undecided", "config"])
        let decision = try #require(record["decision"] as? [String: Any])
        #expect(
            Set(decision.keys).isSuperset(of: ["category", "office", "priority", "sla", "tags", "reply", "discard"]))
        #expect(decision["category"] as? String == "manutenzione.buche")
        let because = try #require(record["because"] as? [[String: Any]])
        for reason in because { #expect(Set(reason.keys).isSuperset(of: ["field", "rule", "condition", "matched"])) }
        let matched = try #require(because.first?["matched"] as? [[String: Any]])
        #expect(matched.first?["text"] as? String == "buca")
        #expect(matched.first?["offset"] as? Int == 8)
        #expect(matched.first?["length"] as? Int == 4)

        try folder.write(
            "many.jsonl",
            #"{"text":"buca"}"# + "\r\n\n" + #"{"text":"prova"}"# + "\n" + #"{"id":"3","text":"qualcosa"}"# + "\n")
        let many = try await run(["explain", "--input", "\(folder.path)/many.jsonl", "--json"])
        #expect(many.status == 0)
        let lines = try many.output.split(separator: "\n").map { try object($0) }
        #expect(lines.count == 3)
        let decisions = lines.compactMap { $0["decision"] as? [String: Any] }
        #expect(decisions.map { $0["category"] as? String } == ["manutenzione.buche", nil, nil])
        #expect(decisions.map { $0["discard"] as? String } == [nil, "messaggio di prova", nil])
        #expect(lines.map { $0["undecided"] as? Bool } == [false, false, true])
        #expect(Set(lines.compactMap { $0["config"] as? String }).count == 1)

        // A line that is no message is named by its number, and the command fails.
        try folder.write("bad.jsonl", #"{"text":"buca"}"# + "\n\n" + #"{"text":7}"# + "\n")
        let bad = try await run(["explain", "--input", "\(folder.path)/bad.jsonl", "--json"])
        #expect(bad.status == 1)
        #expect(bad.output.contains("bad.jsonl:3: "))
        #expect(bad.output.contains("/text"))
    }

    @Test("explain for people: each field with its rule and words; a file that is no JSON is a text")
    func explainText() async throws {
        let folder = try Folder()
        try folder.write("text.txt", "C'è una buca in via Tuscolana")
        let (status, output) = try await run(["explain", "\(folder.path)/text.txt"])
        #expect(status == 0)
        #expect(output.contains("category   manutenzione.buche"))
        #expect(output.contains("“buca” at 8"))
        #expect(!output.contains("\u{1B}"), "no colour but on a terminal")
        try folder.write("half.json", #"{"text":"#)
        #expect(try await run(["explain", "\(folder.path)/half.json"]).status == 1)
        #expect(try await run(["explain", "\(folder.path)/nowhere.json"]).status == 1)
        #expect(try await run(["explain", "\(folder.path)/text.txt", "--channel", "nowhere"]).status == 2)
    }

    // MARK: Configuration

    @Test("check: the shipped city has no error; a broken one every mistake with its place, and status 78")
    func check() async throws {
        let shipped = try await run(["check"])
        #expect(shipped.status == 0)
        #expect(!shipped.output.contains(": error: "))
        let folder = try Folder()
        try folder.write(
            "rules/00-test.yaml",
            "rules:\n  - name: prova\n    when: {text: [xyzzy]}\n    then: {category: manutenzione.bucche, offize: urp}\n"
        )
        try folder.write("calendars.yaml", "calendars: [")
        let broken = try await run(["check"], config: folder.path)
        #expect(broken.status == 78)
        let lines = broken.output.split(separator: "\n").map(String.init)
        let errors = lines.filter { $0.contains(": error: ") }
        for line in lines {
            #expect(line.contains(try Regex(#"^[^:]+:[0-9]+:[0-9]+: (error|warning): ."#)), "\(line)")
        }
        let category = errors.first { $0.hasPrefix("\(folder.path)/rules/00-test.yaml:4:22: ") }
        #expect(category?.contains("did you mean manutenzione.buche?") == true, "\(errors)")
        #expect(errors.contains { $0.hasPrefix("\(folder.path)/rules/00-test.yaml:4:43: ") }, "\(errors)")
        #expect(errors.contains { $0.hasPrefix("\(folder.path)/calendars.yaml:") }, "\(errors)")

        let json = try await run(["check", "--json"], config: folder.path)
        #expect(json.status == 78)
        let findings = try json.output.split(separator: "\n").map { try object($0) }
        #expect(findings.count == lines.count)
        for finding in findings {
            #expect(Set(finding.keys) == ["file", "line", "column", "severity", "message"])
        }
        // Whatever needs the configuration ends the same way.
        for command in [["test"], ["explain", "-"], ["areas", "import", "x"], ["queue"], ["ticket", "list"]] {
            let (status, output) = try await run(command, config: folder.path)
            #expect(status == 78, "\(command): \(output)")
            #expect(output.contains("calendars.yaml:"), "\(command)")
        }
        #expect(try await run(["check"], config: "/nonexistent").status == 78)
    }

    @Test(
        "A usage error is a 2, with words on what was expected",
        arguments: [
            ["frobnicate"], ["check", "--frobnicate"], ["check", "too", "many"], ["explain"],
            ["explain", "a", "--ticket", "b"],
            ["test", "--min-coverage", "many"], ["test", "--min-coverage", "-1"], ["areas", "import"],
            ["schema", "nowhere.yaml"], ["ticket", "show"], ["check", "--config"],
        ])
    func usage(_ arguments: [String]) async throws {
        let (status, output) = try await run(arguments)
        #expect(status == 2, "\(output)")
        #expect(!output.isEmpty)
    }

    @Test("Help is no error", arguments: [["--help"], ["help"], ["check", "--help"], ["areas", "import", "--help"]])
    func help(_ arguments: [String]) async throws {
        let (status, output) = try await run(arguments)
        #expect(status == 0)
        #expect(output.contains("USAGE: pasquino"))
    }

    @Test("schema: a JSON Schema for each file, together or one by one")
    func schema() async throws {
        let (status, output) = try await run(["schema"])
        #expect(status == 0)
        let all = try object(output)
        #expect(
            Set(all.keys) == [
                "pasquino.yaml", "channels.yaml", "offices.yaml", "categories.yaml", "calendars.yaml", "rules.yaml",
                "precedents.yaml",
            ])
        for (file, schema) in all {
            #expect((schema as? [String: Any])?["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
            let one = try await run(["schema", file])
            #expect(one.status == 0)
            #expect(try NSDictionary(dictionary: object(one.output)) == schema as? NSDictionary)
        }
    }

    @Test("version: the program's, the configuration's and the libraries'")
    func version() async throws {
        let (status, output) = try await run(["version", "--json"])
        #expect(status == 0)
        let versions = try object(output)
        let version = try #require(versions["version"] as? String)
        #expect(version.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+/) != nil)
        #expect((versions["config"] as? String)?.wholeMatch(of: /[0-9a-f]{12}/) != nil)
        #expect((versions["libpq"] as? String)?.isEmpty == false)
        #expect((versions["libcurl"] as? String)?.isEmpty == false)
        #expect(try await run(["--version"]).output == version)
        // Without a configuration there is still a version.
        let bare = try await run(["version"], config: "/nonexistent")
        #expect(bare.status == 0)
        #expect(bare.output.contains(version))
        #expect(bare.output.contains("none at /nonexistent"))
    }
}
