import ArgumentParser
import Civic
import Daemon
import Foundation
import Settings
import Store

struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "Rules that are tried on live messages without effect.",
        subcommands: [Show.self, Promote.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What the shadow's rules would have decided otherwise.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Option(help: "Only messages that came within this time, such as 12h or 7d.") var since = "7d"
        @Option(help: "Only what this state of the shadow's rules decided; see the versions listed.") var version:
            String?

        func validate() throws {
            guard Age(since) != nil else { throw ValidationError("--since: expected a time such as 12h or 7d") }
        }

        func run() async throws {
            let start = Timestamp.current + .seconds(-(Age(since)?.seconds ?? 0))
            try await withDatabase(options) { database, configuration in
                let summary = try await ShadowJournal(pool: database.pool).summary(since: start, shadowConfig: version)
                if output.json {
                    print(summary.json.text)
                } else {
                    print(ShadowText(summary: summary, since: since, now: configuration.shadowRules).text)
                }
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the shadow's rules the live ones, and reload.",
            discussion: """
                The whole configuration is checked and all examples are run; then the two directories change places at \
                one stroke, and the daemon reloads. The earlier live rules are the shadow then: the same command goes \
                back. If the daemon refuses, the directories change back. --dry-run only checks.
                """)
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Flag(help: "Only check, and say what would be done.") var dryRun = false
        @Option(help: "How many seconds to wait for the daemon's answer.") var timeout = 30

        func validate() throws {
            guard (1...3600).contains(timeout) else { throw ValidationError("--timeout: expected 1 to 3600 seconds") }
        }

        func run() async throws {
            let (examined, findings) = ConfigurationGate.examine(
                directory: options.directory, environment: ProcessInfo.processInfo.environment, secrets: .optional)
            guard let configuration = examined else {
                for finding in findings { print(finding) }
                throw Outcome.invalid("nothing was changed")
            }
            guard let promotion = ShadowPromotion(configuration, directory: options.directory) else {
                throw Outcome.failed(
                    "there are no shadow rules: name their directory in \(options.directory)/pasquino.yaml, "
                        + "rules: {shadow: DIR}")
            }
            if dryRun {
                say(
                    configuration, promotion,
                    "\(promotion.shadow) would become \(promotion.live); nothing was changed")
                return
            }
            do { try promotion.exchange() } catch { throw Outcome.failed("\(error)") }
            try await reload(configuration, promotion)
        }

        private func reload(_ configuration: Configuration, _ promotion: ShadowPromotion) async throws {
            let call: ReloadCall?
            do {
                call = try await ReloadCommand.call(options, timeout: timeout)
            } catch let outcome as Outcome {
                say(configuration, promotion, promotion.done)
                throw Outcome.failed("\(outcome.message): the rules take effect with its next reload")
            }
            guard let call, !call.answers.isEmpty else {
                say(configuration, promotion, promotion.done)
                Terminal.error("no daemon is running here: the rules take effect at its next start")
                return
            }
            guard !call.isRefused else {
                for line in call.lines { print(line) }
                do { try promotion.exchange() } catch { throw Outcome.failed("\(error)") }
                // Of several daemons one may have switched.
                _ = try await ReloadCommand.call(options, timeout: timeout)
                throw Outcome.invalid("the daemon refused: the rules are as they were")
            }
            say(configuration, promotion, promotion.done)
            try call.succeed()
        }

        private func say(_ configuration: Configuration, _ promotion: ShadowPromotion, _ text: String) {
            let after = configuration.shadowRules?.hash ?? ""
            if output.json {
                print(
                    JSON.object([
                        ("promoted", .bool(!dryRun)), ("live", .string(promotion.live)),
                        ("shadow", .string(promotion.shadow)), ("config_before", .string(configuration.hash)),
                        ("config_after", .string(after)),
                    ]).text)
            } else {
                print("\(text)\nconfiguration \(configuration.hash) -> \(after)")
            }
        }
    }
}

extension ShadowPromotion {
    fileprivate var done: String {
        "the shadow's rules are the live ones; \(shadow) holds the earlier ones, "
            + "and `pasquino shadow promote` goes back to them"
    }
}

/// The summary for people.
private struct ShadowText {
    let summary: ShadowSummary
    let since: String
    let now: ShadowRules?

    var text: String {
        var lines: [String] = []
        if let now {
            lines.append("shadow          \(now.directory), \(now.rules.count) rules, configuration \(now.hash)")
        } else {
            lines.append("shadow          none now: rules: {shadow: DIR} in pasquino.yaml names one")
        }
        lines.append("seen            \(summary.messages) messages in the last \(since) (whole hours)")
        lines.append(
            "otherwise       \(summary.changed), of them \(summary.newlyUndecided) newly undecided")
        if summary.versions.count > 1 {
            for one in summary.versions {
                lines.append("  version       \(one.shadowConfig)  \(one.changed) of \(one.messages)")
            }
        }
        guard !summary.moves.isEmpty else { return lines.joined(separator: "\n") }
        lines.append(
            Terminal.table(
                ["FIELD", "COUNT", "FROM", "TO", "TICKETS"],
                summary.moves.map {
                    [$0.field, "\($0.count)", $0.from ?? "-", $0.to ?? "-", $0.examples.joined(separator: " ")]
                }))
        return lines.joined(separator: "\n")
    }
}
