import ArgumentParser
import Bench
import Civic
import Daemon
import Foundation
import Settings

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Load on this machine's own PostgreSQL.",
        discussion: """
            Starts a daemon with the configuration's rules on a private PostgreSQL (fsync on), with a sandbox that takes \
            its mail, and posts messages over HTTP from this process; all share the machine. Without --input the messages \
            are the examples of the rules. --limit also measures, on the same PostgreSQL in the same run, what pgbench \
            does with the same inserts, one message a transaction, from 64 clients: half before, half after.

            --delivery measures the other half: so many notifications of each medium, as intake leaves them, worked off \
            by the daemon. --outage N measures how many are told while N notifications wait for a dead App IO, and \
            without them; and how these go out when it returns.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Flag(help: "Compare with what PostgreSQL does without the daemon.") var limit = false
    @Option(help: "How many messages are measured.") var messages = 50_000
    @Option(help: "How many notifications wait for a dead destination.") var outage: Int?
    @Option(help: "A file of messages, one JSON object a line.") var input: String?
    @Option(help: "Connections that post at the same time.") var connections = 64
    @Flag(help: "Measure how fast notifications are told, instead of how fast messages are taken in.")
    var delivery = false
    @Option(help: "With --delivery: email or app_io; both if not given.") var medium: [String] = []
    @Option(
        help: "With --delivery: the port of a mail server on this machine that takes them; the sandbox's if not given.")
    var smtpPort: Int?
    @Option(help: "With --delivery: the port of an App IO on this machine; the sandbox's if not given.") var httpPort:
        Int?

    func validate() throws {
        guard (100...5_000_000).contains(messages) else { throw ValidationError("--messages: expected 100 to 5000000") }
        if let outage, !(1...10_000_000).contains(outage) {
            throw ValidationError("--outage: expected 1 to 10000000")
        }
        if outage != nil, delivery { throw ValidationError("give --outage or --delivery, not both") }
        guard (1...1000).contains(connections) else { throw ValidationError("--connections: expected 1 to 1000") }
        guard medium.allSatisfy(["email", "app_io"].contains) else {
            throw ValidationError("--medium: expected email or app_io")
        }
        guard (smtpPort == nil) == (httpPort == nil) else {
            throw ValidationError("--smtp-port and --http-port: expected both or none")
        }
    }

    func run() async throws {
        let configuration = try options.load()
        if let outage {
            let result = try await OutageBench(
                directory: options.directory, waiting: outage, messages: messages, connections: connections,
                bodies: try messageBodies(configuration), progress: progress
            ).run()
            return print(output.json ? result.json.text : result.text)
        }
        let scratch = "/tmp/pasquino-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }  // a leftover in /tmp harms nobody
        if delivery { return try await measureDelivery(configuration, scratch) }
        let token = UUID().uuidString
        let bodies = try messageBodies(configuration)
        let warm = try BenchMessages.requests(
            bodies: bodies, count: max(2000, messages / 10), channel: BenchDaemon.channel, token: token, run: "warm")
        let load = try BenchMessages.requests(
            bodies: bodies, count: messages, channel: BenchDaemon.channel, token: token, run: "load")

        let sandbox = try Child.sandbox(log: "\(scratch)/sandbox.log")
        defer { sandbox.child.stop() }
        let daemon = try Child(
            [
                "bench-daemon", "--config", options.directory, "--state", "\(scratch)/state", "--sandbox-http",
                "\(sandbox.http)", "--sandbox-smtp", "\(sandbox.smtp)", "--token", token,
            ], log: "\(scratch)/daemon.log")
        defer { daemon.stop() }
        let port = try daemon.port(log: "\(scratch)/daemon.log")

        let server = EmbeddedServer(directory: "\(scratch)/state")
        progress("warming up")
        _ = await LoadClient(port: port, requests: warm).run(connections: connections)
        _ = try await server.settled()
        let before = try await baseline(server)
        progress("posting \(messages) messages")
        let usage = usage(daemon, server)
        let report = await LoadClient(port: port, requests: load).run(connections: connections)
        let after = self.usage(daemon, server)
        progress("waiting until every notification is told")
        let telling = try await server.settled()
        let later = try await baseline(server)
        let limits = before.compactMap { shape, rate in later[shape].map { (shape, (rate + $0) / 2) } }

        guard report.failures == 0, report.statuses[201] == messages else {
            throw Outcome.failed("not every message was acknowledged: \(report.statuses), \(report.failures) failures")
        }
        let result = BenchResult(
            messages: messages, seconds: report.seconds, latency: Percentiles(microseconds: report.latencies),
            cpu: zip(after, usage).map { ($0.name, ($0.usage.cpu - $1.usage.cpu) / Double(messages)) },
            residentBytes: after[0].usage.residentBytes,
            telling: telling,
            limits: Dictionary(uniqueKeysWithValues: limits))
        print(output.json ? result.json.text : result.text)
    }

    private func measureDelivery(_ configuration: Configuration, _ scratch: String) async throws {
        var ports: (smtp: Int, http: Int)?
        if let smtpPort, let httpPort { ports = (smtpPort, httpPort) }
        let bench = DeliveryBench(
            directory: options.directory, configuration: configuration, count: messages,
            media: medium.isEmpty ? ["email", "app_io"] : medium, ports: ports)
        for figures in try await bench.run(scratch: scratch, progress: progress) {
            print(output.json ? figures.json.text : figures.text)
        }
    }

    /// All that share the machine while messages come in; the daemon first.
    private func usage(_ daemon: Child, _ server: EmbeddedServer) -> [(name: String, usage: ProcessUsage)] {
        [
            ("daemon", ProcessUsage(pid: daemon.pid, children: false)), ("postgresql", server.usage),
            ("load", ProcessUsage(pid: ProcessInfo.processInfo.processIdentifier, children: false)),
        ]
    }

    private func progress(_ text: String) { if Terminal.isTerminal { Terminal.error(Terminal.dim(text)) } }

    private func baseline(_ server: EmbeddedServer) async throws -> [Baseline.Shape: Double] {
        guard limit else { return [:] }
        var rates: [Baseline.Shape: Double] = [:]
        for shape in Baseline.Shape.allCases { rates[shape] = try await rate(of: shape, server) }
        return rates
    }

    private func rate(of shape: Baseline.Shape, _ server: EmbeddedServer) async throws -> Double {
        progress("pgbench, \(messages / 2) transactions")
        do {
            return try await Baseline.measure(
                shape, connectionString: server.connectionString, pgbench: try server.program("pgbench"),
                transactions: messages / 2)
        } catch {
            throw Outcome.failed("the limit could not be measured: \(error)")
        }
    }

    private func messageBodies(_ configuration: Configuration) throws -> [Data] {
        if let input {
            var bodies: [Data] = []
            try Lines.forEach(in: input) { _, line in bodies.append(Data(line)) }
            guard !bodies.isEmpty else { throw Outcome.failed("\(input) holds no message") }
            return bodies
        }
        let areas = configuration.areas.map(\.code)
        let texts = configuration.rules.flatMap { $0.matchExamples + $0.noMatchExamples }.map(\.text)
        return try (texts.isEmpty ? ["Buca in strada"] : texts).enumerated().map { index, text in
            var message: [String: Any] = ["text": text]
            if !areas.isEmpty { message["fields"] = ["municipio": areas[index % areas.count]] }
            return try JSONSerialization.data(withJSONObject: message)
        }
    }
}

private struct BenchResult {
    let messages: Int
    let seconds: Double
    let latency: Percentiles
    /// Microseconds a message.
    let cpu: [(name: String, time: Double)]
    let residentBytes: Int
    /// From the last acknowledgement to the last notification.
    let telling: Double
    let limits: [Baseline.Shape: Double]

    private static func how(_ shape: Baseline.Shape) -> String {
        "pgbench, \(Baseline.clients) clients, prepared, one transaction a message, \(shape.description), same server, same run"
    }
    private var perSecond: Double { Double(messages) / seconds }

    var json: JSON {
        func rounded(_ number: Double, _ digits: Double = 10) -> JSON { .double((number * digits).rounded() / digits) }
        var members: [(String, JSON)] = [
            ("messages", .int(Int64(messages))), ("seconds", rounded(seconds, 1000)),
            ("per_second", rounded(perSecond)),
            (
                "latency_ms",
                .object([
                    ("p50", rounded(latency.p50, 1000)), ("p95", rounded(latency.p95, 1000)),
                    ("p99", rounded(latency.p99, 1000)), ("max", rounded(latency.max, 1000)),
                ])
            ),
            ("cpu_us_per_message", .object(cpu.map { ($0.name, rounded($0.time)) })),
            ("rss_mb", rounded(Double(residentBytes) / 1_048_576)), ("told_after_seconds", rounded(telling)),
        ]
        func limit(_ shape: Baseline.Shape, _ rate: Double) -> JSON {
            .object([("per_second", rounded(rate)), ("how", .string(Self.how(shape)))])
        }
        if let rate = limits[.inserts] {
            members.append(("limit", limit(.inserts, rate)))
            members.append(("ratio", rounded(perSecond / rate, 1000)))
        }
        if let rate = limits[.statement] {
            members.append(("limit_one_statement", limit(.statement, rate)))
            members.append(("ratio_one_statement", rounded(perSecond / rate, 1000)))
        }
        return .object(members)
    }

    var text: String {
        func short(_ number: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", number) }
        var lines = [
            "\(messages) messages in \(short(seconds, 2)) s: \(Terminal.bold(short(perSecond, 0))) acknowledged a second",
            "latency   p50 \(short(latency.p50)) ms, p95 \(short(latency.p95)) ms, p99 \(short(latency.p99)) ms, max \(short(latency.max)) ms",
            "CPU       \(cpu.map { "\($0.name) \(short($0.time)) µs" }.joined(separator: ", ")) a message",
            "memory    daemon \(short(Double(residentBytes) / 1_048_576)) MB",
            "told      the last notification went out \(short(telling)) s after the last acknowledgement",
        ]
        for shape in Baseline.Shape.allCases {
            guard let rate = limits[shape] else { continue }
            lines.append("limit     \(short(rate, 0)) a second: \(Self.how(shape))")
            lines.append("ratio     \(Terminal.bold(short(perSecond / rate, 2)))")
        }
        return lines.joined(separator: "\n")
    }
}
