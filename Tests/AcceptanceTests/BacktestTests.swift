import Foundation
import Testing

@testable import Bench

/// `backtest` and `rules` as an operator types them, over a file and over what a real daemon stored.
@Suite(.serialized) struct BacktestAcceptance {
    private static let rome = City.root + "/Config/roma"

    /// Rome with other rules; gone with the last reference.
    private final class Other {
        let path = "/tmp/pasquino-other-\(UUID().uuidString.prefix(8))"

        init(_ file: String, replacing old: String, with new: String) throws {
            try FileManager.default.copyItem(atPath: rome, toPath: path)
            let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
            try #require(text.contains(old))
            try text.replacing(old, with: new).write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ file: String, _ text: String) throws -> String {
            try text.write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
            return "\(path)/\(file)"
        }
    }

    private func object(_ text: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func lines(_ text: String) throws -> [[String: Any]] { try text.split(separator: "\n").map(object) }

    @Test("backtest --input: what moves, with the words and the line; the threshold; the same changes nothing")
    func file() async throws {
        let other = try Other(
            "rules/66-strade.yaml", replacing: "category: manutenzione.buche",
            with: "category: manutenzione.marciapiedi-radici")
        let input = try other.write(
            "many.jsonl",
            #"{"text":"buca enorme"}"# + "\r\n\n" + #"{"text":"lampione spento"}"# + "\n" + #"{"text":7}"#)
        func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
            try await Program.run(["backtest"] + arguments, environment: ["PASQUINO_CONFIG": Self.rome])
        }
        let (status, output) = try await run(["--against", other.path, "--input", input, "--json"])
        #expect(status == 0)
        let report = try object(output)
        #expect(report["messages"] as? Int == 3)
        #expect(report["changed"] as? Int == 1)
        #expect(report["newly_undecided"] as? Int == 0)
        let moves = try #require(report["moves"] as? [[String: Any]])
        let move = try #require(moves.first)
        #expect(move["field"] as? String == "category")
        #expect(move["from"] as? String == "manutenzione.buche")
        #expect(move["to"] as? String == "manutenzione.marciapiedi-radici")
        #expect(move["count"] as? Int == 1)
        let example = try #require((move["examples"] as? [[String: Any]])?.first)
        #expect(example["message"] as? String == "line 1")
        for side in ["before", "after"] {
            let reason = try #require(example[side] as? [String: Any])
            #expect(reason["rule"] as? String == "strade.buche")
            #expect(reason["words"] as? [String] == ["buca"])
        }
        let unreadable = try #require((report["unreadable"] as? [String: Any])?["running"] as? [String: Any])
        #expect(unreadable["count"] as? Int == 1)

        let table = try await run(["--against", other.path, "--input", input])
        #expect(table.output.contains("3 messages, 1 change (33.33 %), 0 newly undecided, 0 newly decided"))
        #expect(table.output.contains("line 4  /text: expected a string"))
        #expect(table.output.contains("“buca”"))
        #expect(!table.output.contains("\u{1B}"), "no colour and no bar but on a terminal")

        #expect(try await run(["--against", other.path, "--input", input, "--fail-above", "40"]).status == 0)
        let above = try await run(["--against", other.path, "--input", input, "--fail-above", "30"])
        #expect(above.status == 1)
        #expect(above.output.contains("33.33 % of the messages would change, more than 30.0 %"))
        let same = try await run(["--against", Self.rome, "--input", input, "--fail-above", "0", "--json"])
        #expect(same.status == 0)
        #expect(try object(same.output)["changed"] as? Int == 0)

        #expect(try await run(["--against", other.path + "/areas", "--input", input]).status == 78)
        #expect(try await run(["--against", other.path, "--input", "/nowhere"]).status == 1)
        for usage in [
            ["--input", input], ["--against", other.path, "--input", input, "--since", "3d"],
            ["--against", other.path, "--since", "soon"], ["--against", other.path, "--fail-above", "101"],
            ["--against", other.path, "--input", input, "--channel", "nowhere"],
        ] {
            #expect(try await run(usage).status == 2, "\(usage)")
        }
    }

    @Test("backtest --shadow: the shadow's rules against the live ones")
    func shadow() async throws {
        let other = try Other("pasquino.yaml", replacing: "city:\n", with: "rules: {shadow: next}\ncity:\n")
        try FileManager.default.createDirectory(atPath: other.path + "/next", withIntermediateDirectories: false)
        _ = try other.write(
            "next/10.yaml", "rules: [{name: a, when: {text: buca}, then: {category: altro.richiesta}}]\n")
        let input = try other.write("two.jsonl", #"{"text":"buca enorme"}"# + "\n" + #"{"text":"xyz"}"# + "\n")
        func run(_ arguments: [String], _ city: String) async throws -> (status: Int32, output: String) {
            try await Program.run(["backtest"] + arguments, environment: ["PASQUINO_CONFIG": city])
        }
        let report = try object(try await run(["--shadow", "--input", input, "--json"], other.path).output)
        let move = try #require((report["moves"] as? [[String: Any]])?.first { $0["field"] as? String == "category" })
        #expect(move["from"] as? String == "manutenzione.buche")
        #expect(move["to"] as? String == "altro.richiesta")
        #expect(report["changed"] as? Int == 1)
        #expect(try await run(["--shadow", "--input", input], Self.rome).status == 2)
        #expect(try await run(["--shadow", "--against", Self.rome, "--input", input], other.path).status == 2)
    }

    /// Texts that nobody on the project wrote, if they are at hand; else a few.
    private func texts() throws -> [String] {
        let data = RealInput.data
        guard RealInput.isThere else { return ["buca in strada", "lampione spento", "qualcosa d'altro"] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            gzip -dc \(data)/citizen-text/*.jsonl.gz | head -n 700
            gzip -dc \(data)/roma-sus-2020/*.csv.gz | iconv -f ISO-8859-1 -t UTF-8 | cut -d ';' -f 9 | sort | uniq | head -n 700
            """,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(whereSeparator: \.isNewline).map { String($0.prefix(20_000)) }
    }

    @Test("What is decided live, by explain and by backtest is the same, for every stored message; rules counts it")
    func agreement() async throws {
        var bodies: [Data] = []
        for (index, text) in try texts().enumerated() {
            let body: [String: Any] = ["id": "b-\(index)", "text": text, "fields": ["municipio": "\(index % 17)"]]
            bodies.append(try JSONSerialization.data(withJSONObject: body))
        }
        let city = try await City()
        let running = try await city.start()
        let input = city.state + "-messages.jsonl"
        defer { try? FileManager.default.removeItem(atPath: input) }
        try Data(bodies.joined(separator: [0x0A])).write(to: URL(fileURLWithPath: input))
        var codes: [String?] = []
        for body in bodies {
            let answer = try await HTTP.post(running.messages, body: body, token: City.token)
            try #require(answer.status == 201, "\(answer.text)")
            codes.append(try object(answer.text)["ticket"] as? String)
        }

        let same = try await city.run(["backtest", "--against", Self.rome, "--json", "--fail-above", "0"])
        #expect(same.status == 0, "\(same.output)")
        let report = try object(same.output)
        #expect(report["messages"] as? Int == bodies.count)
        #expect(report["changed"] as? Int == 0)
        let recorded = try #require(report["recorded"] as? [String: Any])
        #expect(recorded["messages"] as? Int == bodies.count)
        let otherwise = try #require(recorded["decided_otherwise_now"] as? [String: Any])
        #expect(otherwise["count"] as? Int == 0, "\(otherwise)")

        let stored = try lines(try await city.run(["ticket", "list", "--json", "--limit", "100000"]).output)
        let tickets = Dictionary(uniqueKeysWithValues: stored.map { ($0["code"] as? String, $0) })
        let explained = try lines(
            try await city.run(["explain", "--input", input, "--channel", "portale", "--json"]).output)
        try #require(explained.count == bodies.count)
        var rules: [String: Set<String>] = [:]
        for (code, record) in zip(codes, explained) {
            let decision = try #require(record["decision"] as? [String: Any])
            guard let code else {
                #expect(decision["discard"] is String)
                continue
            }
            let ticket = try #require(tickets[code])
            for field in ["category", "office", "priority"] {
                #expect(ticket[field] as? String == decision[field] as? String, "\(code) \(field)")
            }
            for reason in try #require(record["because"] as? [[String: Any]]) {
                if let rule = reason["rule"] as? String { rules[rule, default: []].insert(code) }
            }
        }

        let listed = try lines(try await city.run(["rules", "--json"]).output)
        var counted: [String: Int] = [:]
        for line in listed where line["last_hit"] is String {
            counted[try #require(line["rule"] as? String)] = line["hits"] as? Int
        }
        for (rule, codes) in rules { #expect(counted[rule] == codes.count, "\(rule)") }
        #expect(counted.keys.allSatisfy { rules[$0] != nil || $0.hasPrefix("prove.") })
        let never = try lines(try await city.run(["rules", "--never", "--json"]).output)
        #expect(never.count == listed.count - counted.count)
        #expect(never.allSatisfy { $0["never"] as? Bool == true })
        let table = try await city.run(["rules", "--never"]).output
        #expect(table.contains("never fired"))
        #expect(table.contains(try Regex(#"rules/[^ ]+\.yaml:[0-9]+:[0-9]+"#)))
        await city.end(running)
    }

    @Test("suggest: what people moved becomes a patch that applies, loads and makes the rules agree with them")
    func suggest() async throws {
        let other = try Other("rules/72-quiete.yaml", replacing: "rules:", with: "# Of the peace.\nrules:")
        // By words alone: precedents would have an opinion on unknown words, too.
        for file in ["00-precedenti", "97-precedenti-infine"] {
            try FileManager.default.removeItem(atPath: "\(other.path)/rules/\(file).yaml")
        }
        let city = try await City(configuration: other.path)
        let running = try await city.start()
        let none = try await city.run(["suggest"])
        #expect(none.status == 0)
        #expect(none.output.hasPrefix("nothing to propose"))
        for (index, text) in [
            "trabiccolo in via Merulana", "ancora quel trabiccolo sotto casa", "un trabiccolo legato al palo",
            "qualcosa d'altro", "una cosa in via Cavour",
        ].enumerated() {
            let answer = try await running.post(#"{"id":"s-\#(index)","text":"\#(text)"}"#)
            let code = try #require(try object(answer.text)["ticket"] as? String)
            guard index < 3 else { continue }
            let move = ["ticket", "move", code, "--category", "manutenzione.veicolo-abbandonato"]
            #expect(try await city.run(move).status == 0)
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: other.path + "/rules/22-sosta-luoghi.yaml"))
        let answer = try await city.run(["suggest", "--json"])
        let json = try object(answer.output.split(separator: "\n").first { $0.hasPrefix("{") } ?? "")
        let proposal = try #require((json["proposals"] as? [[String: Any]])?.first, "\(answer.output)")
        #expect(proposal["category"] as? String == "manutenzione.veicolo-abbandonato")
        #expect(proposal["words"] as? [String] == ["trabiccolo"])
        #expect(proposal["gained"] as? Int == 3)
        #expect(proposal["others"] as? Int == 0)
        let hands = try #require((json["backtest"] as? [String: Any])?["moved_by_hand"] as? [String: Any])
        let agreement = try #require(hands["category"] as? [String: Any])
        #expect(agreement["agree_running"] as? Int == 0)
        #expect(agreement["agree_against"] as? Int == 3)
        let same = try Data(contentsOf: URL(fileURLWithPath: other.path + "/rules/22-sosta-luoghi.yaml"))
        #expect(same == before, "nothing is applied by itself")

        // From the configuration directory, as the patch names the files.
        let apply = try Program(
            [
                "-c",
                #"cd "$PASQUINO_CONFIG" && "$0" suggest 2>/dev/null >p.patch && patch -p0 <p.patch && rm p.patch && "$0" check"#,
                Program.path,
            ], environment: city.environment, executable: "/bin/sh")
        #expect(await apply.wait() == 0, "\(apply.output)")
        let after = try String(contentsOfFile: other.path + "/rules/22-sosta-luoghi.yaml", encoding: .utf8)
        #expect(after.contains("trabiccolo"))
        let now = try await city.run(["suggest"])
        #expect(now.output.hasPrefix("nothing to propose: the rules agree"), "\(now.output)")
        await city.end(running)
    }
}
