import Foundation
import Testing

@testable import Settings

/// Every mistake has a folder in `Fixtures/bad` with the files that differ from the good configuration, and in
/// `expect.txt` exactly what is said of it.
@Suite struct MistakeTests {
    static let bad = ConfigurationFolder.fixtures.appending(path: "bad")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: bad.path)) ?? []).sorted()

    @Test(arguments: names) func mistakeIsSaid(_ name: String) throws {
        let fixture = MistakeTests.bad.appending(path: name)
        let folder = try ConfigurationFolder()
        try folder.overlay(fixture)
        let expected = try String(contentsOf: fixture.appending(path: "expect.txt"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(!expected.isEmpty)
        #expect(folder.findings() == expected)
        let isUsable = folder.load().configuration != nil
        #expect(isUsable == !expected.contains { $0.contains(": error: ") })
    }

    @Test func thereAreFixtures() { #expect(MistakeTests.names.count > 100) }

    @Test func allMistakesAreSaidAtOnceAndInOrder() throws {
        let folder = try ConfigurationFolder()
        for name in ["channel-type", "office-email", "rule-sla", "unknown-key-without-suggestion"] {
            try folder.overlay(MistakeTests.bad.appending(path: name))
        }
        let places = folder.load().findings.map { ($0.file, $0.line, $0.column) }
        #expect(places.count == 4)
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func directoryIsMissing() {
        let findings = ConfigurationLoader.load(directory: "/nonexistent/", environment: [:], secrets: .optional)
            .findings
        #expect(
            findings.map(\.description) == [
                "/nonexistent:1:1: error: there is no such directory: give one with --config or $PASQUINO_CONFIG"
            ])
    }

    @Test func pathsAreAsGiven() throws {
        let folder = try ConfigurationFolder()
        try folder.edit("pasquino.yaml", "prefix: BG", "prefix: bg")
        let found = ConfigurationLoader.load(
            directory: folder.path + "//", environment: ConfigurationFolder.environment, secrets: .required)
        #expect(found.findings.map(\.file) == [folder.path + "/pasquino.yaml"])
    }
}
