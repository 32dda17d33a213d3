import ArgumentParser
import Civic
import Daemon
import Delivery
import Foundation
import Settings
import Store

struct OfficeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office", abstract: "Try how work reaches an office.", subcommands: [Try.self])

    struct Try: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post a test to the office's webhook, and ask its Open311 server for the services it is given.",
            discussion: """
                Nothing is recorded, and nothing is opened there. With --ticket the webhook gets that ticket as it stands, \
                told by its last event, as if it were owed now. Exit status 1 if a way does not work.
                """)
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Argument(help: "The office's code.") var code: String
        @Option(help: "A ticket's code.") var ticket: String?

        func run() async throws {
            let configuration = try options.load(secrets: .required)
            guard configuration.directory.offices[code] != nil else {
                throw Outcome.usage("there is no office \(code)")
            }
            guard configuration.work[code] != nil else {
                throw Outcome.failed("\(code) has no work in offices.yaml: it reads its tickets in its own system")
            }
            var task: OfficeTask?
            if let ticket { task = try await find(ticket, configuration) }
            let trial = try OfficeTrial(configuration: configuration, now: { .current })
            let findings = await trial.findings(for: code, task: task)
            await trial.close()
            for finding in findings {
                print(output.json ? finding.json.text : "\(finding.medium.rawValue): \(finding.said)")
            }
            guard findings.allSatisfy(\.isFine) else { throw Outcome.failed("\(code) is not reached by all its ways") }
        }

        private func find(_ text: String, _ configuration: Configuration) async throws -> OfficeTask {
            guard let code = TicketCode(parsing: text, prefix: configuration.city.prefix)?.text else {
                throw Outcome.failed("\(text) is not a ticket's code: a letter or digit is wrong or missing")
            }
            var found: OfficeTask?
            try await withDatabase(options) { database, _ in
                found = try await Tickets(pool: database.pool).lastTask(code)
            }
            guard let found else { throw Outcome.failed("there is no ticket \(code)") }
            return found
        }
    }
}
