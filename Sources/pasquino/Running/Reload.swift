import ArgumentParser
import Civic
import Daemon
import Foundation
import Settings
import Store

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have this machine's running daemon check its configuration and switch to it.",
        discussion: """
            The new configuration is checked and its examples are run; only then it replaces the old one, between two \
            messages. Exit status 0 if the daemon has switched; 78 if it refused, with each finding as \
            FILE:LINE:COLUMN: error: message; 1 if no daemon runs here or it did not answer in time.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Option(help: "How many seconds to wait for the daemon's answer.") var timeout = 30

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout: expected 1 to 3600 seconds") }
    }

    func run() async throws {
        guard let call = try await ReloadCommand.call(options, timeout: timeout) else {
            throw Outcome.failed("no daemon is running here")
        }
        if output.json {
            print(call.json.text)
        } else {
            for line in call.lines { print(line) }
        }
        try call.succeed()
    }
}

/// What `reload` and `shadow promote` share.
enum ReloadCommand {
    /// Reaches the daemon by what `pasquino.yaml` says of the database: whatever else is wrong, the daemon shall say it
    /// itself.
    /// - Returns: nil if the database is the daemon's own and at rest: then there is no daemon.
    /// - Throws: `Outcome` 78 if not even that can be read.
    static func call(_ options: ConfigurationOption, timeout: Int) async throws -> ReloadCall? {
        let environment = ProcessInfo.processInfo.environment
        guard
            let place = ConfigurationLoader.whereabouts(directory: options.directory, environment: environment)
        else {
            let (_, findings) = ConfigurationGate.examine(
                directory: options.directory, environment: environment, secrets: .optional)
            for finding in findings { print(finding) }
            throw Outcome.invalid(
                "\(options.directory)/pasquino.yaml does not tell how to reach the daemon, which was not asked")
        }
        guard !Database.isAtRest(place.database, stateDirectory: place.stateDirectory) else { return nil }
        var call: ReloadCall?
        try await withDatabase(place.database, stateDirectory: place.stateDirectory) { database in
            call = try await ReloadCall.make(on: database, within: .seconds(timeout))
        }
        return call
    }
}

extension ReloadCall {
    /// What to print of it.
    var lines: [String] {
        answers.flatMap { answer -> [String] in
            guard let report = answer.report else { return [] }
            guard report.accepted else { return report.findings }
            let shadow = report.shadow.map { ", \($0) with the shadow's rules" } ?? ""
            return [
                "\(answer.daemon.host) pid \(answer.daemon.pid): configuration \(report.config) is in force\(shadow)"
            ]
                + report.notes
        }
    }

    /// Says on standard error what is left to do.
    /// - Throws: `Outcome` unless every daemon of this machine has switched.
    func succeed() throws {
        for other in others {
            Terminal.error(
                "\(other.host) pid \(other.pid) goes on with configuration \(other.config): reload it there")
        }
        if answers.isEmpty { throw Outcome.failed("no daemon is running here") }
        if isRefused {
            let kept = answers.compactMap(\.report).first { !$0.accepted }?.config ?? ""
            throw Outcome.invalid("refused: configuration \(kept) stays in force")
        }
        if !isAccepted { throw Outcome.failed("the daemon did not answer in time; see its log and `pasquino status`") }
    }

    var json: JSON {
        .object([
            ("reloaded", .bool(isAccepted)),
            (
                "daemons",
                .array(
                    answers.map {
                        .object([
                            ("host", .string($0.daemon.host)), ("pid", .int(Int64($0.daemon.pid))),
                            ("report", $0.report?.json ?? .null),
                        ])
                    })
            ),
            (
                "others",
                .array(
                    others.map {
                        .object([
                            ("host", .string($0.host)), ("pid", .int(Int64($0.pid))), ("config", .string($0.config)),
                        ])
                    })
            ),
        ])
    }
}
