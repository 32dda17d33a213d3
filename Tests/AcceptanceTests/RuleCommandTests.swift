import Foundation
import Testing

/// What the commands about rules tell: colours, a stream of messages.
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
}
