import ArgumentParser
import Civic
import Daemon
import Foundation
import Intake
import Settings
import Store

struct BacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "What another configuration would change, tried on messages that came.",
        discussion: """
            Decides stored messages, each as at the moment it came, under the running configuration and under --against \
            DIR (or the shadow's rules), and reports which categories, offices and priorities would change, with examples. With --input it \
            decides the messages of a file (JSON lines, as for explain) instead. Tickets that a person moved count as \
            the truth: the report tells on how many of them each side agrees with the person. Nothing is stored. Exit \
            status 1 if more than --fail-above percent of the messages would change.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Option(help: "The other configuration directory.") var against: String?
    @Flag(help: "The other configuration is this one with the shadow's rules.") var shadow = false
    @Option(help: "Messages not older than this, such as 12h or 30d (without it: 30d).") var since: String?
    @Option(help: "A file of messages, one JSON object a line; - is standard input.") var input: String?
    @Option(help: "The channel that the messages of --input are taken to come from; else the first one configured.")
    var channel: String?
    @Option(help: "Exit with 1 if more than this percentage of the messages would change.") var failAbove: Double?

    func validate() throws {
        guard (against == nil) == shadow else { throw ValidationError("give --against DIR or --shadow") }
        if since != nil, input != nil { throw ValidationError("give --since or --input, not both") }
        if channel != nil, input == nil { throw ValidationError("--channel goes with --input") }
        if let since, Age(since) == nil { throw ValidationError("--since: expected a time such as 12h or 30d") }
        if let failAbove, !(0...100).contains(failAbove) {
            throw ValidationError("--fail-above: expected 0 to 100")
        }
    }

    func run() async throws {
        let running = try options.load()
        let other = try other(than: running)
        let backtest = Backtest(running: running, against: other)
        var report = BacktestReport()
        if let input {
            let channel = channel ?? running.channels.keys.sorted().first ?? ""
            guard running.channels[channel] != nil else { throw Outcome.usage("there is no channel \(channel)") }
            try await Self.run(backtest, on: input, channel: channel, into: &report)
        } else {
            let age = since.flatMap(Age.init)?.seconds ?? Age.month
            report = try await Archive.with(options, age: age) { archive in
                var report = BacktestReport()
                try await archive.forEachBatch("comparing") { batch in
                    await backtest.run(batch, threads: Archive.threads, into: &report)
                }
                return report
            }
        }
        print(output.json ? report.json.text : BacktestText(report: report).text)
        if failAbove != nil, report.messages == report.unreadable.count {
            throw Outcome.failed("nothing was compared: no message could be read under the running configuration")
        }
        if let failAbove, report.changedPercent > failAbove {
            let percent = String(format: "%.2f", report.changedPercent)
            throw Outcome.failed("\(percent) % of the messages would change, more than \(failAbove) %")
        }
    }

    private func other(than running: Configuration) throws -> Configuration {
        if let against { return try load(against) }
        guard let shadow = running.shadow else {
            throw Outcome.usage("there is no shadow: name its directory in pasquino.yaml, rules: {shadow: DIR}")
        }
        return shadow
    }

    private func load(_ directory: String) throws -> Configuration {
        let (configuration, findings) = ConfigurationLoader.load(
            directory: directory, environment: ProcessInfo.processInfo.environment, secrets: .optional)
        guard let configuration else { throw Outcome.invalid(findings.map(\.description).joined(separator: "\n")) }
        return configuration
    }

    private static func run(
        _ backtest: Backtest, on path: String, channel: String, into report: inout BacktestReport
    ) async throws {
        var lines = try LineStream(path)
        var bar = ProgressBar("comparing", total: lines.size ?? 0)
        defer { bar.clear() }
        let now = Timestamp.current
        while let batch = try lines.next() {
            let inputs = batch.map {
                BacktestInput(name: "line \($0.number)", channel: channel, receivedAt: now, raw: $0.bytes)
            }
            await backtest.run(inputs, threads: Archive.threads, into: &report)
            if lines.size != nil { bar.show(lines.bytesRead) }
        }
    }
}

extension Age {
    /// What is looked back without `--since`, in seconds.
    static let month: Int64 = 30 * 86_400
}
