import ArgumentParser
import CLinux
import Daemon
import Foundation
import Settings

/// Arguments only: each command parses, calls one part of the program, prints, and chooses an exit status.
@main
struct Pasquino: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pasquino",
        abstract: "A city's front desk: every message becomes one ticket in the right office, and the citizen is told.",
        discussion: """
            Exit status: 0 done, 1 the thing asked for failed, 2 usage, 78 configuration invalid.
            """,
        version: Build.version,
        subcommands: [
            Serve.self, Check.self, Test.self, Explain.self, BacktestCommand.self, RulesCommand.self,
            SuggestCommand.self,
            ShadowCommand.self, Reload.self, Migrate.self, TicketCommand.self, CitizenCommand.self, QueueCommand.self,
            AuditCommand.self, Deliver.self, Inbox.self, MailCommand.self, ChannelCommand.self, OfficeCommand.self,
            TemplateCommand.self,
            Status.self,
            BenchCommand.self, BenchDaemon.self, SandboxCommand.self, Areas.self, Schema.self,
            Version.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            // Results that could not be written are no results.
            let trouble = clinux_finish_output()
            guard trouble == 0 else {
                throw Outcome.failed("standard output cannot be written: \(String(cString: strerror(trouble)))")
            }
        } catch let outcome as Outcome {
            Terminal.error(outcome.message)
            Foundation.exit(outcome.status)
        } catch {
            let status = exitCode(for: error)
            // A mail server takes any other status for the mail's fault, and sends it back.
            if status == .validationFailure, CommandLine.arguments.dropFirst().first == "deliver" {
                Terminal.error(fullMessage(for: error))
                Foundation.exit(MailHandOver.later)
            }
            if status == .success {
                print(fullMessage(for: error))
                Foundation.exit(0)
            }
            if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
            Terminal.error(fullMessage(for: error))
            Foundation.exit(status == .validationFailure ? 2 : 1)
        }
    }
}

/// What this program is.
enum Build {
    static let version = "0.1.0"
}

/// Ends the program with a message on standard error and one of the contract's exit statuses.
struct Outcome: Error {
    let status: Int32
    let message: String

    static func failed(_ message: String) -> Outcome { Outcome(status: 1, message: message) }
    static func usage(_ message: String) -> Outcome { Outcome(status: 2, message: message) }
    static func invalid(_ message: String) -> Outcome { Outcome(status: 78, message: message) }
}

/// `--config DIR`, on every command that reads a configuration.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .long, help: "The configuration directory; else $PASQUINO_CONFIG, else /etc/pasquino.")
    var config: String?

    var directory: String {
        config ?? ProcessInfo.processInfo.environment["PASQUINO_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
            ?? "/etc/pasquino"
    }

    /// - Throws: `Outcome` 78 with every finding if there is an error.
    func load(secrets: ConfigurationLoader.Secrets = .optional) throws -> Configuration {
        let (configuration, findings) = ConfigurationLoader.load(
            directory: directory, environment: ProcessInfo.processInfo.environment, secrets: secrets)
        guard let configuration else {
            throw Outcome.invalid(findings.map(\.description).joined(separator: "\n"))
        }
        return configuration
    }
}

/// `--json`, on every listing.
struct JSONOption: ParsableArguments {
    @Flag(name: .long, help: "Print JSON: one object, or one object a line.")
    var json = false
}
