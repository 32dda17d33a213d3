import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

struct CitizenEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Remove what tells who a citizen is, and all they wrote (GDPR art. 17).",
        discussion: """
            Tickets stay, without citizen, words, place and files: code, category, office, area, times and status, of \
            which statistics are made. What is still to be told to the citizen is cancelled; the command waits until no \
            daemon holds any of it. Under a legal hold, or while a ticket is not closed, or while messages wait in a \
            daemon's spool, nothing is removed (exit 1). Once more changes nothing.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @OptionGroup var who: CitizenCommand.Who
    @Option(help: "Why, for the record; without anything about the citizen.") var reason: String?
    @Option(help: "Who decided it, for the record.") var by: String?
    @Flag(help: "Also tickets that are not closed.") var openToo = false
    @Flag(help: "Say what would be removed, and change nothing.") var dryRun = false
    @Flag(help: "All that are known by it, vouched for or declared; they may be different people.") var all = false

    func validate() throws {
        guard dryRun || said(reason) && said(by) else {
            throw ValidationError("give --reason and --by, or --dry-run")
        }
    }

    private func said(_ text: String?) -> Bool { text?.allSatisfy(\.isWhitespace) == false }

    func run() async throws {
        try await withDatabase(options) { database, configuration in
            let ids = try await who.ids(all: all, in: database)
            if !dryRun {
                let spools = try await UndrainedSpools(in: database, stateDirectory: configuration.stateDirectory)
                if let refusal = spools.refusal { throw Outcome.failed(refusal) }
                if let warning = spools.warning { Terminal.error(warning) }
            }
            let known = try await database.withPatientSession { pool -> Bool in
                var known = false
                for id in ids {
                    var order = CitizenErasure.Order(
                        citizen: id, actor: .person, by: by ?? "", reason: reason ?? "", at: .current)
                    order.openToo = openToo
                    let erasure = CitizenErasure(pool: pool)
                    let result = dryRun ? try await erasure.count(order) : try await erasure.erase(order)
                    if try tell(result, of: id) { known = true }
                }
                return known
            }
            guard known else { throw Outcome.failed(CitizenCommand.Who.nobody) }
        }
    }

    /// - Returns: false if nobody has that id, nor had.
    /// - Throws: `Outcome` if it was refused.
    private func tell(_ result: CitizenErasure.Result, of id: Identifier) throws -> Bool {
        switch result {
        case .done(let report):
            if output.json {
                print(
                    JSON.object(
                        [("citizen", .string(id.description)), ("erased", .bool(!dryRun))] + report.members
                    ).text)
            } else {
                let counts = report.members.map { name, count in
                    "\(count.text) \(name.replacingOccurrences(of: "_", with: " "))"
                }
                print("\(id): \(counts.joined(separator: ", ")) \(dryRun ? "would be erased" : "erased")")
            }
            return true
        case .unknown(nil): return false
        case .unknown(let erasedAt?):
            print(
                output.json
                    ? JSON.object([("citizen", .string(id.description)), ("erased_at", .moment(erasedAt))]).text
                    : "\(id): erased already, at \(erasedAt.rfc3339)")
            return true
        case .held(let hold):
            throw Outcome.failed(
                "\(id) is under a legal hold since \(hold.at.rfc3339) by \(hold.by): \(Terminal.safe(hold.reason)); "
                    + "`pasquino citizen release` ends it")
        case .open(let codes):
            throw Outcome.failed(
                "\(id) has tickets that are not closed: \(codes.joined(separator: ", ")); close them, or --open-too")
        case .busy:
            throw Outcome.failed(
                "\(id): something is being sent to the citizen all the time; what waited is cancelled, nothing is erased: "
                    + "try again")
        }
    }
}
