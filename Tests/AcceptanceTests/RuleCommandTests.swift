import Foundation
import Testing

/// What the commands about rules tell: outcomes of examples, colours, a stream of messages, schemas for editors.
@Suite struct RuleCommandAcceptance {
    private typealias Folder = CommandAcceptance.Folder

    private func run(
        _ arguments: [String], config: String = City.root + "/Config/roma"
    ) async throws -> (status: Int32, output: String) {
        try await Program.run(arguments, environment: ["PASQUINO_CONFIG": config])
    }

    private func object(_ text: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("test: an example with an outcome says what came out instead, and why")
    func outcomes() async throws {
        let folder = try Folder()
        try FileManager.default.removeItem(atPath: folder.path + "/rules")
        try FileManager.default.createDirectory(atPath: folder.path + "/rules", withIntermediateDirectories: false)
        try folder.write(
            "rules/10.yaml",
            """
            rules:
              - name: prova.alberi
                when: {text: albero}
                then: {category: sicurezza.caduta-alberi}
              - name: prova.buche
                when: {text: buca, channel: portale}
                then: {category: manutenzione.buche, office: municipio}
                examples:
                  match:
                    - {text: una buca, channel: portale, area: VII, category: manutenzione.buche, office: municipio}
                    - {text: una buca sotto l'albero, channel: portale, category: manutenzione.buche}

            """)
        let (status, output) = try await run(["test"], config: folder.path)
        #expect(status == 1)
        #expect(
            output.contains(
                "10.yaml:11:11: error: prova.buche: should become category manutenzione.buche, not sicurezza.caduta-alberi"
            ))
        #expect(output.contains("“una buca sotto l'albero”"))
        #expect(output.contains("10.yaml:2:11)  text: albero  “albero”"))
        #expect(output.hasSuffix("1 passed, 1 failed"))
        let json = try object(try await run(["test", "--json"], config: folder.path).output)
        let failure = try #require((json["failures"] as? [[String: Any]])?.first)
        #expect(failure["line"] as? Int == 11)
        #expect((failure["why"] as? [String])?.isEmpty == false)
    }

    @Test(
        "explain is coloured on a terminal, unless NO_COLOR says otherwise",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "script(1) is not here"),
        arguments: [("", true), ("1", false)])
    func colour(_ noColour: String, _ isColoured: Bool) async throws {
        let folder = try Folder()
        try folder.write("text.txt", "C'è una buca in via Tuscolana")
        let environment = [
            "PASQUINO_CONFIG": City.root + "/Config/roma", "TERM": "xterm", "PROGRAM": Program.path,
            "FILE": "\(folder.path)/text.txt", "NO_COLOR": noColour,
        ]
        let terminal = try Program(
            ["-qec", #""$PROGRAM" explain "$FILE""#, "/dev/null"], environment: environment,
            executable: "/usr/bin/script")
        #expect(await terminal.wait() == 0)
        #expect(terminal.output.contains("\u{1B}[32mmanutenzione.buche\u{1B}[0m") == isColoured)
        #expect(terminal.output.contains("manutenzione.buche"))
    }

    @Test("explain --input -: each answer comes before the next line is written")
    func explainPipe() async throws {
        let folder = try Folder()
        let script = #"""
            mkfifo "$1/answered"
            (echo '{"text":"buca"}'; read go <"$1/answered"; echo '{"text":"prova"}') |
                timeout 120 "$0" explain --input - |
                (read -r first; echo go >"$1/answered"; printf '%s\n' "$first"; cat)
            """#
        let program = try Program(
            ["-c", script, Program.path, folder.path], environment: ["PASQUINO_CONFIG": City.root + "/Config/roma"],
            executable: "/bin/sh")
        #expect(await program.wait() == 0)
        let lines = try program.output.split(separator: "\n").map { try object($0) }
        let decisions = lines.compactMap { $0["decision"] as? [String: Any] }
        #expect(decisions.map { $0["category"] as? String } == ["manutenzione.buche", nil])
        // A directory is no input, and is not taken for an empty one.
        #expect(try await run(["explain", "--input", folder.path]).status == 1)
    }

    @Test("schema --write: the schemas of all files, where the first line of each file looks for them")
    func schemas() async throws {
        let folder = try Folder()
        try FileManager.default.removeItem(atPath: folder.path + "/schema")
        let (status, output) = try await run(["schema", "--write"], config: folder.path)
        #expect(status == 0)
        #expect(output.split(separator: "\n").count == 7)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/schema").sorted() == [
                "calendars.json", "categories.json", "channels.json", "offices.json", "pasquino.json",
                "precedents.json", "rules.json",
            ])
        #expect(
            folder.bytes("schema/rules.json")
                == FileManager.default.contents(atPath: City.root + "/Config/roma/schema/rules.json"))
        #expect(try await run(["schema", "--write"], config: folder.path + "/rules").status == 1)
        #expect(try await run(["schema", "--write", "offices.yaml"], config: folder.path).status == 2)
    }
}
