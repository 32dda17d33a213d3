import Bench
import Civic
import Foundation
import Settings

/// A dead destination with very many notifications, and what that costs the others: `pasquino bench --outage N`.
struct OutageBench {
    let directory: String
    let waiting: Int
    let messages: Int
    let connections: Int
    let bodies: [Data]
    let progress: (String) -> Void

    struct Result {
        var waiting = 0
        var messages = 0
        /// Acknowledged and told, a second: without what waits, with it.
        var rates = (without: Rates(), with: Rates())
        var residentBytes = (without: 0, with: 0, after: 0)
        var recovery = OutageLoad.Recovery()
    }

    struct Rates {
        var acknowledged = 0.0
        var told = 0.0
    }

    func run() async throws -> Result {
        let scratch = "/tmp/pasquino-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }  // a leftover in /tmp harms nobody
        let token = UUID().uuidString
        let world = try Child.sandbox(log: "\(scratch)/sandbox.log")
        defer { world.child.stop() }
        // A port that was free a moment ago: nobody listens there until App IO returns.
        let other = try Child.sandbox(log: "\(scratch)/other.log")
        other.child.stop()
        let daemon = try Child(
            [
                "bench-daemon", "--config", directory, "--state", "\(scratch)/state", "--sandbox-http",
                "\(other.http)", "--sandbox-smtp", "\(world.smtp)", "--token", token, "--app-io-calls", "10000",
            ], log: "\(scratch)/daemon.log")
        defer { daemon.stop() }
        let port = try daemon.port(log: "\(scratch)/daemon.log")
        let load = try OutageLoad(EmbeddedServer(directory: "\(scratch)/state"))
        var result = Result()
        (result.waiting, result.messages) = (waiting, messages)
        progress("warming up")
        _ = try await tell("warm", max(1000, messages / 10), port, token, load)
        progress("\(messages) messages, nothing else waits")
        result.rates.without = try await tell("without", messages, port, token, load)
        result.residentBytes.without = resident(daemon)
        progress("\(waiting) notifications to a dead destination")
        try await load.insert(waiting)
        try await load.held()
        progress("\(messages) messages beside them")
        result.rates.with = try await tell("with", messages, port, token, load)
        result.residentBytes.with = resident(daemon)

        progress("the dead destination returns")
        let back = try Child.sandbox(httpPort: other.http, log: "\(scratch)/back.log")
        defer { back.child.stop() }
        try await unlimit(back.http)
        let wanted = min(waiting, 30_000)
        while try await load.count("app_io", "delivered", "uncertain", "refused") < wanted {
            try await Task.sleep(for: .milliseconds(200))
        }
        result.recovery = try await load.recovery()
        result.residentBytes.after = resident(daemon)
        await load.close()
        return result
    }

    /// Posts messages, each of which owes a mail, and waits until the last is told.
    private func tell(
        _ run: String, _ count: Int, _ port: Int, _ token: String, _ load: OutageLoad
    ) async throws -> Rates {
        let messages = try BenchMessages.each(of: bodies, channel: RomeMix.channelNames[0], token: token, run: run)
        let start = ContinuousClock.now
        let report = await LoadClient(port: port, plan: LoadClient.Plan(count: count)) { messages.request($0) }
            .run(connections: connections)
        guard report.failures == 0, report.statuses[201] == count else {
            throw Outcome.failed("not every message was acknowledged: \(report.statuses), \(report.failures) failures")
        }
        let told = try await load.settled("email", since: start)
        return Rates(acknowledged: Double(count) / report.seconds, told: Double(count) / told)
    }

    private func resident(_ daemon: Child) -> Int { ProcessUsage(pid: daemon.pid, children: false).residentBytes }

    /// The sandbox counts calls as App IO does, unless told otherwise.
    private func unlimit(_ port: Int) async throws {
        let body = #"{"io":{"rate_limit":null}}"#
        let request = "POST /control HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let report = await LoadClient(port: port, requests: [Array(request.utf8)]).run(connections: 1)
        guard report.statuses[200] == 1 else {
            throw Outcome.failed("the sandbox does not listen to reason")
        }
    }
}

extension OutageBench.Result {
    private func rounded(_ number: Double) -> JSON { .double((number * 10).rounded() / 10) }
    private func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }

    var json: JSON {
        func rates(_ rates: OutageBench.Rates) -> JSON {
            .object([
                ("acknowledged_per_second", rounded(rates.acknowledged)), ("told_per_second", rounded(rates.told)),
            ])
        }
        return .object([
            ("waiting", .int(Int64(waiting))), ("messages", .int(Int64(messages))),
            ("without", rates(self.rates.without)), ("with", rates(self.rates.with)),
            ("ratio", .double((self.rates.with.told / self.rates.without.told * 1000).rounded() / 1000)),
            (
                "rss_mb",
                .object([
                    ("without", rounded(megabytes(residentBytes.without))),
                    ("with", rounded(megabytes(residentBytes.with))),
                    ("after", rounded(megabytes(residentBytes.after))),
                ])
            ),
            (
                "recovery",
                .object([
                    ("delivered", .int(Int64(recovery.delivered))), ("per_second", rounded(recovery.perSecond)),
                    ("last_urgent_at", .int(Int64(recovery.lastUrgent))),
                    ("displacement", .int(Int64(recovery.displacement))),
                ])
            ),
        ])
    }

    var text: String {
        func short(_ number: Double) -> String { String(format: "%.0f", number) }
        let ratio = String(format: "%.2f", rates.with.told / rates.without.told)
        return """
            without   \(short(rates.without.acknowledged)) messages acknowledged, \(short(rates.without.told)) told a second
            with      \(short(rates.with.acknowledged)) acknowledged, \(short(rates.with.told)) told a second beside \(waiting) that wait for a dead destination
            ratio     \(Terminal.bold(ratio))
            memory    daemon \(short(megabytes(residentBytes.without))) MB before, \(short(megabytes(residentBytes.with))) MB with them, \(short(megabytes(residentBytes.after))) MB after
            recovery  the first \(recovery.delivered) at \(short(recovery.perSecond)) a second; the last urgent one came as number \(recovery.lastUrgent); none came more than \(recovery.displacement) places from its own
            """
    }
}
