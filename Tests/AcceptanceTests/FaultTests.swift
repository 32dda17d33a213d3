import Foundation
import Testing

/// The real daemon between citizens and an outside world that misbehaves in every way, killed amid it: afterwards what it
/// recorded and what arrived are held side by side (`History`).
@Suite(.serialized, .timeLimit(.minutes(30))) struct FaultAcceptance {
    /// One way to misbehave, and by what it is known that it was met: a member of the sandbox's counts.
    private struct Phase {
        let control: String
        let shown: [String]
        init(_ control: String, _ shown: String...) {
            self.control = control
            self.shown = shown
        }
    }

    /// Rates are one a second: on the busiest machine two still come within one. Only a message whose answer is lost is
    /// uncertain: whether a citizen has the app is asked again.
    private static let phases = [
        Phase(#"{"smtp":{"mode":"busy"},"io":{"mode":"broken"}}"#, "smtp_busy", "io_broken"),
        Phase(#"{"smtp":{"mode":"reset"},"io":{"mode":"reset"}}"#, "smtp_reset", "io_reset"),
        Phase(#"{"smtp":{"mode":"half_answer"},"io":{"mode":"half_answer"}}"#, "smtp_half_answer", "io_half_answer"),
        Phase(#"{"smtp":{"fail_next":3,"status":452},"io":{"rate_limit":1}}"#, "smtp_452", "io_rate_limit"),
        Phase(
            #"{"smtp":{"mode":"slow","delay_ms":1500},"io":{"mode":"slow","delay_ms":1500}}"#, "smtp_slow", "io_slow"),
        Phase(
            #"{"smtp":{"mode":"drop_after_data"},"io":{"mode":"silent","only_messages":true}}"#, "smtp_drop_after_data",
            "io_silent"),
        Phase(#"{"smtp":{"rate_limit":1},"io":{"fail_next":2,"status":503}}"#, "smtp_rate_limit", "io_503"),
        Phase(#"{"smtp":{"fail_next":2,"status":421},"io":{"mode":"throttle"}}"#, "smtp_421", "io_throttle"),
        Phase(#"{"smtp":{"mode":"refuse_recipient"},"io":{"fail_next":2,"status":400}}"#, "smtp_550", "io_400"),
    ]
    /// The rate moves from phase to phase.
    private static let normal =
        #"{"smtp":{"mode":"normal","fail_next":0,"rate_limit":null},"io":{"mode":"normal","only_messages":false,"fail_next":0,"rate_limit":40}}"#

    /// Rome without quiet hours and bundling, whatever it ships with.
    private func configuration() throws -> String {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        let path = folder + "/pasquino.yaml"
        var lines: [Substring] = []
        var isOurs = false
        for line in try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if !line.hasPrefix(" ") { isOurs = line.hasPrefix("notifications:") }
            if !isOurs { lines.append(line) }
        }
        let text = lines.joined(separator: "\n") + "\nnotifications: {expire: 72h, attempts: 100}\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return folder
    }

    private func control(_ city: City, _ body: String) async throws {
        let answer = try await HTTP.post("http://127.0.0.1:\(city.sandboxPort)/control", body: Data(body.utf8))
        #expect(answer.status == 200, "\(answer.text)")
    }

    private func shown(_ city: City) async throws -> [String: Int] {
        let answer = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/counts")
        struct Counts: Decodable {
            let shown: [String: Int]
            let refused: [String: Int]
        }
        let counts = try JSONDecoder().decode(Counts.self, from: answer.body)
        return counts.shown.merging(counts.refused) { $1 }
    }

    @Test("none lost, none doubled beyond the promise, each ticket's in order, each outcome on record")
    func history() async throws {
        let folder = try configuration()
        let city = try await City(configuration: folder)
        var running = try await city.start()
        let people = Crowd(base: running.base)
        var crashes: [Double] = []

        for (number, phase) in Self.phases.enumerated() {
            let before = try await shown(city)
            try await control(city, phase.control)
            let telling = Task { try await people.tell(number) }
            if number == 4 {
                // Amid requests that are under way.
                while try await shown(city)["smtp_slow", default: 0] == 0 {}
                running.program.signal(SIGKILL)
                _ = await running.program.wait()
                crashes.append(City.moment)
                running = try await city.start()
                people.move(to: running.base)
            }
            while true {
                let now = try await shown(city)
                if phase.shown.allSatisfy({ now[$0, default: 0] > before[$0, default: 0] }) { break }
            }
            try await telling.value
            try await control(city, Self.normal)
        }
        try await city.quiet()

        let history = try await city.history(of: people, crashes: crashes)
        for fault in history.faults { Issue.record("\(fault)") }
        // Sometimes: a run that met nothing proves nothing.
        let statuses = Set(history.told.map(\.status))
        #expect(statuses.isSuperset(of: ["delivered", "refused", "uncertain"]))
        #expect(history.expected.count == Self.phases.count * 6)
        #expect(history.told.contains { $0.tries.contains { $0.outcome == "waiting" } }, "nothing was tried again")
        #expect(history.told.contains { $0.insteadOf != nil }, "nothing took another's place")
        let mails = history.arrivals.filter { if case .mail = $0.key { true } else { false } }
        #expect(Set(mails.map(\.key)).count < mails.count, "no mail came twice, though answers were lost")
        #expect(running.program.output.contains("nothing goes to"), "no line was ever held")
        await city.end(running)
        try FileManager.default.removeItem(atPath: folder)
    }
}

extension Crowd {
    /// Six at a time: three by e-mail, three on App IO.
    fileprivate func tell(_ batch: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<6 {
                group.addTask { _ = try await self.pursue(batch * 6 + place, by: place < 3 ? .email : .appIO) }
            }
            try await group.waitForAll()
        }
    }
}
