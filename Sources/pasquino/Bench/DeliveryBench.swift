import Bench
import Civic
import Foundation
import Settings

/// How fast the daemon tells: notifications as intake leaves them, worked off by its usual delivery on a private
/// PostgreSQL of its own.
struct DeliveryBench {
    let directory: String
    let configuration: Configuration
    /// How many of each medium.
    let count: Int
    let media: [String]
    /// Where somebody takes mails and App IO's calls; nil for a sandbox of our own.
    let ports: (smtp: Int, http: Int)?

    /// What the limit is measured with, too.
    static let mailConnections = 8
    /// More than any machine makes: the account's rate is not what is measured.
    private static let calls = 1_000_000.0

    struct Figures {
        let medium: String
        let outcome: OwedNotifications.Outcome
        let count: Int
        /// Microseconds a notification.
        let cpu: [(name: String, time: Double)]
        let residentBytes: Int
        var perSecond: Double { Double(count) / max(outcome.seconds, 0.001) }
    }

    func run(scratch: String, progress: (String) -> Void) async throws -> [Figures] {
        let sandbox = try ports == nil ? Child.sandbox(log: "\(scratch)/sandbox.log") : nil
        defer { sandbox?.child.stop() }
        let (smtp, http) = ports ?? (sandbox?.smtp ?? 0, sandbox?.http ?? 0)
        let daemon = try Child(
            [
                "bench-daemon", "--config", directory, "--state", "\(scratch)/state", "--sandbox-http", "\(http)",
                "--sandbox-smtp", "\(smtp)", "--token", UUID().uuidString,
                "--mail-connections", "\(Self.mailConnections)", "--app-io-calls", "\(Self.calls)",
            ], log: "\(scratch)/daemon.log")
        defer { daemon.stop() }
        _ = try daemon.port(log: "\(scratch)/daemon.log")

        let server = EmbeddedServer(directory: "\(scratch)/state")
        let owed = OwedNotifications(connectionString: server.connectionString, material: material)
        var figures: [Figures] = []
        for medium in media {
            progress("warming up")
            try await owed.fill(medium, count: min(5000, count))
            _ = try await owed.outcome(of: medium)
            try await owed.clear()
            progress("\(count) notifications by \(medium)")
            let before = usage(daemon, server)
            try await owed.fill(medium, count: count)
            let filled = usage(daemon, server)
            let outcome = try await owed.outcome(of: medium)
            let after = usage(daemon, server)
            // PostgreSQL's time from the filling's end; the daemon's from its beginning, for it may be quick to begin.
            let cpu = [
                ("daemon", after[0].cpu - before[0].cpu), ("postgresql", after[1].cpu - filled[1].cpu),
            ].map { ($0.0, $0.1 / Double(count)) }
            figures.append(
                Figures(
                    medium: medium, outcome: outcome, count: count, cpu: cpu, residentBytes: after[0].residentBytes))
            try await owed.clear()
        }
        return figures
    }

    private var material: OwedNotifications.Material {
        let own = configuration.city.language
        let others = configuration.templates.keys.filter { $0 != own }.sorted()
        return OwedNotifications.Material(
            prefix: configuration.city.prefix, categories: configuration.categories.keys.sorted(),
            offices: configuration.directory.offices.keys.sorted(),
            languages: Array(repeating: own, count: 7 * max(1, others.count)) + others + others)
    }

    private func usage(_ daemon: Child, _ server: EmbeddedServer) -> [ProcessUsage] {
        [ProcessUsage(pid: daemon.pid, children: false), server.usage]
    }
}

extension DeliveryBench.Figures {
    var json: JSON {
        func rounded(_ number: Double, _ digits: Double = 10) -> JSON { .double((number * digits).rounded() / digits) }
        return .object([
            ("medium", .string(medium)), ("notifications", .int(Int64(count))),
            ("seconds", rounded(outcome.seconds, 1000)), ("per_second", rounded(perSecond)),
            ("attempts", .int(Int64(outcome.attempts))),
            (
                "outcomes",
                .object(outcome.statuses.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })
            ),
            ("cpu_us_per_notification", .object(cpu.map { ($0.name, rounded($0.time)) })),
            ("rss_mb", rounded(Double(residentBytes) / 1_048_576)),
        ])
    }

    var text: String {
        func short(_ number: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", number) }
        let became = outcome.statuses.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return """
            \(medium): \(count) notifications in \(short(outcome.seconds, 2)) s: \
            \(Terminal.bold(short(perSecond, 0))) a second; \(became.joined(separator: ", ")), \
            \(outcome.attempts) attempts
            CPU       \(cpu.map { "\($0.name) \(short($0.time)) µs" }.joined(separator: ", ")) a notification
            memory    daemon \(short(Double(residentBytes) / 1_048_576)) MB
            """
    }
}

extension Child {
    /// The sandbox, on free ports.
    /// - Parameter httpPort: one that is wanted; 0 for any.
    static func sandbox(httpPort: Int = 0, log: String) throws -> (child: Child, http: Int, smtp: Int) {
        let sandbox = try Child(
            ["sandbox", "--with-parent", "--http-port", "\(httpPort)", "--smtp-port", "0"], log: log)
        let numbers = sandbox.firstLine().split { !$0.isNumber }.compactMap { Int($0) }.filter { $0 > 1024 }
        guard numbers.count >= 2 else {
            sandbox.stop()
            throw Outcome.failed("the sandbox did not start")
        }
        return (sandbox, numbers[0], numbers[1])
    }

    /// Where a daemon listens, once it does.
    func port(log: String) throws -> Int {
        guard let port = Int(firstLine().drop { !$0.isNumber }) else {
            let log = FileManager.default.contents(atPath: log) ?? Data()
            throw Outcome.failed("the daemon did not start:\n" + String(decoding: log.suffix(4000), as: UTF8.self))
        }
        return port
    }
}
