import Foundation
import Testing

/// What `check` says of rules that cannot do what they were written for, by the real program.
@Suite struct CheckAcceptance {
    private func check(_ rules: String) async throws -> (status: Int32, lines: [String]) {
        let path = "/tmp/pasquino-check-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/fidenza", toPath: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "rules:\n\(rules)".write(toFile: path + "/rules/00-prova.yaml", atomically: true, encoding: .utf8)
        let (status, output) = try await Program.run(["check", "--config", path])
        let lines = output.split(separator: "\n").map { String($0).replacing(path + "/", with: "") }
        return (status, lines.filter { $0.hasPrefix("rules/00-prova.yaml") })
    }

    @Test("a word that another rule takes is a warning, with a message that shows it")
    func warning() async throws {
        let (status, lines) = try await check(
            """
              - {name: uno, when: {text: [xyzzy*]}, then: {category: uffici.residenza}}
              - {name: due, when: {text: [plugh, xyzzys]}, then: {category: uffici.certificati}}

            """)
        #expect(status == 0)
        #expect(
            lines == [
                "rules/00-prova.yaml:3:38: warning: `xyzzys` never decides anything here: uno (rules/00-prova.yaml:2:12) always takes it; put this rule before, or remove the word; for example “xyzzys”"
            ])
    }

    @Test("a rule that can never do anything is an error, and status 78")
    func error() async throws {
        let (status, lines) = try await check(
            """
              - {name: uno, when: {all: [{channel: portale}, {channel: sportello}]}, then: {category: uffici.residenza}}

            """)
        #expect(status == 78)
        #expect(
            lines == [
                "rules/00-prova.yaml:2:40: error: no message fulfils the condition of uno: `channel portale` and `channel sportello` exclude each other (2:40, 2:60); change or remove one of them"
            ])
    }

    @Test("the shipped cities have no error", arguments: ["roma", "fidenza"])
    func shipped(_ city: String) async throws {
        let (status, output) = try await Program.run(["check", "--config", City.root + "/Config/" + city])
        #expect(status == 0)
        #expect(!output.contains(": error: "))
    }
}
