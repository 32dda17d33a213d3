import Civic
import Settings
import Synchronization
import Testing

@testable import Daemon

@Suite("A configuration comes in whole or not at all") struct ReloaderTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private final class World: Sendable {
        struct State {
            var configuration: Configuration?
            var findings: [Finding] = []
            var failure: (any Error)?
            var applied: [String] = []
            var now = start
        }
        let state = Mutex(State())

        func reloader(running: Configuration) -> Reloader {
            Reloader(
                running: running, now: { self.state.withLock { $0.now } },
                examine: { self.state.withLock { ($0.configuration, $0.findings) } },
                apply: { configuration in
                    try self.state.withLock { state in
                        if let failure = state.failure { throw failure }
                        state.applied.append(configuration.hash)
                    }
                    return ["a note"]
                })
        }
    }

    private struct Broken: Error, CustomStringConvertible {
        let description = "no template"
    }

    private func load(_ borgo: Borgo) throws -> Configuration {
        let (configuration, findings) = ConfigurationGate.examine(
            directory: borgo.path, environment: Borgo.environment, secrets: .optional)
        return try #require(configuration, "\(findings)")
    }

    private static func error(_ line: Int) -> Finding {
        Finding(file: "offices.yaml", line: line, column: 1, severity: .error, message: "there is no office")
    }
    private static let warning = Finding(
        file: "areas.yaml", line: 1, column: 1, severity: .warning, message: "this file is not read")

    @Test("An accepted one is applied once, and its hash and time are told")
    func accepted() async throws {
        let (old, new) = (try load(Borgo(category: "strade.buche")), try load(Borgo(category: "strade.altro")))
        let world = World()
        let reloader = world.reloader(running: old)
        world.state.withLock {
            $0.configuration = new
            $0.findings = [Self.warning]
            $0.now = Self.start + .seconds(5)
        }
        let report = await reloader.reload()
        #expect(report.accepted)
        #expect(report.config == new.hash)
        #expect(report.findings == [Self.warning.description])
        #expect(report.notes == ["a note"])
        #expect(world.state.withLock { $0.applied } == [new.hash])
        #expect(reloader.loadedAt == Self.start + .seconds(5))
        #expect(try ReloadReport(json: report.json.text) == report)
        #expect(
            reloader.json.text
                == #"{"config":"\#(new.hash)","shadow":null,"loaded_at":"2027-01-15T08:00:05Z","reloads_accepted":1,"#
                + #""reloads_refused":0,"last_refused":null}"#)
    }

    @Test("With an error nothing is applied, and the refusal stays known after a later success")
    func refused() async throws {
        let old = try load(Borgo(category: "strade.buche"))
        let world = World()
        let reloader = world.reloader(running: old)
        world.state.withLock { $0.findings = [Self.warning, Self.error(3), Self.error(4)] }
        let report = await reloader.reload()
        #expect(!report.accepted)
        #expect(report.config == old.hash)
        #expect(report.findings.count == 3)
        #expect(world.state.withLock { $0.applied }.isEmpty)
        #expect(reloader.loadedAt == Self.start)
        world.state.withLock {
            $0.configuration = old
            $0.findings = []
        }
        #expect(await reloader.reload().accepted)
        #expect(reloader.json.text.contains(#""reloads_accepted":1,"reloads_refused":1"#))
        #expect(
            reloader.json.text.contains(
                #""last_refused":{"at":"2027-01-15T08:00:00Z","reason":"offices.yaml:3:1: error: there is no office (and 1 more)"}"#
            ))
    }

    @Test("What fails while it is applied is a refusal, too")
    func failing() async throws {
        let old = try load(Borgo(category: "strade.buche"))
        let world = World()
        world.state.withLock {
            $0.configuration = old
            $0.failure = Broken()
        }
        let report = await world.reloader(running: old).reload()
        #expect(!report.accepted)
        #expect(report.findings == ["error: no template"])
    }

    @Test("Of a thousand findings as many are told as anybody reads")
    func many() async throws {
        let world = World()
        world.state.withLock { $0.findings = (1...1200).map(Self.error) }
        let report = await world.reloader(running: try load(Borgo(category: "strade.buche"))).reload()
        #expect(report.findings.count == 500)
        #expect(report.notes == ["700 more findings: see `pasquino check`"])
    }

    @Test("A shadow passes the same gate; left out, it keeps nothing from working")
    func gate() throws {
        let borgo = try Borgo(category: "strade.buche")
        try borgo.addShadow(category: "strade.altro", example: "niente")
        func examine(withShadow: Bool) -> (configuration: Configuration?, findings: [Finding]) {
            ConfigurationGate.examine(
                directory: borgo.path, environment: Borgo.environment, secrets: .optional, withShadow: withShadow)
        }
        let refused = examine(withShadow: true)
        #expect(refused.configuration == nil)
        let errors = refused.findings.filter { $0.severity == .error }.map(\.description)
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("\(borgo.path)/next/10.yaml:6:15: error: buche: should match") == true)
        #expect(examine(withShadow: false).configuration?.shadowRules == nil)
        #expect(examine(withShadow: false).configuration != nil)
    }

    @Test("Promoted, the directories change places at one stroke, and change back")
    func promotion() throws {
        let borgo = try Borgo(category: "strade.buche")
        #expect(ShadowPromotion(try load(borgo), directory: borgo.path) == nil)
        try borgo.addShadow(category: "strade.altro")
        let before = try load(borgo)
        let promotion = try #require(ShadowPromotion(before, directory: borgo.path))
        try promotion.exchange()
        let after = try load(borgo)
        #expect(after.hash == before.shadowRules?.hash)
        #expect(after.shadowRules?.hash == before.hash)
        #expect(after.rules.first?.actions.category?.value == "strade.altro")
        try promotion.exchange()
        #expect(try load(borgo).hash == before.hash)
        let nowhere = try #require(ShadowPromotion(before, directory: borgo.path + "/nowhere"))
        let failure = #expect(throws: ShadowPromotion.Failure.self) { try nowhere.exchange() }
        #expect(failure?.description.contains("No such file or directory") == true)
    }
}
