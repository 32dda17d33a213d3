import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who did what: commands, offices' requests, looks at citizens; the newest first.",
        discussion: "Lines are only ever added. They name citizens by id alone.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Option(help: "Only of this ticket.") var ticket: String?
    @Option(help: "Only of the citizen with this id.") var citizen: String?
    @Option(help: "Only this action, such as citizen.erase, or all of a kind, such as queue.") var action: String?
    @Option(help: "Only since so long ago, such as 7d or 12h.") var since: String?
    @Option(help: "At most so many.") var limit = 100

    func validate() throws {
        if let citizen, Identifier(citizen) == nil { throw ValidationError("--citizen: expected an id") }
        if let since, Age(since) == nil { throw ValidationError("--since: expected a time such as 12h or 7d") }
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000000") }
    }

    func run() async throws {
        try await withDatabase(options) { database, configuration in
            var filter = AuditTrail.Filter()
            if let ticket { filter.ticket = try await findTicket(ticket, in: database, configuration).code }
            filter.citizen = citizen.flatMap { Identifier($0) }
            filter.action = action
            filter.since = since.flatMap(Age.init).map { Timestamp.current + .seconds(-$0.seconds) }
            filter.limit = limit
            let entries = try await AuditTrail(pool: database.pool).list(filter)
            if output.json {
                for entry in entries { print(entry.json.text) }
                return
            }
            print(
                Terminal.table(
                    ["AT", "BY", "ACTION", "TICKET", "CITIZEN", "DETAILS", "REASON"],
                    entries.map {
                        [
                            $0.at.rfc3339, Terminal.safe($0.actor), $0.action, $0.ticket ?? "-",
                            $0.citizen?.description ?? "-", Terminal.safe($0.details ?? ""),
                            Terminal.safe($0.reason ?? ""),
                        ]
                    }))
        }
    }
}

extension AuditLine.Actor {
    /// The account that runs this command, and whose it was before sudo(8).
    static var person: AuditLine.Actor {
        let account = NSUserName()
        let before = ProcessInfo.processInfo.environment["SUDO_USER"] ?? ""
        return .account(before.isEmpty || before == account ? account : "\(account) (sudo by \(before))")
    }
}
