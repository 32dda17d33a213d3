import ArgumentParser
import Civic
import Daemon
import Store

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Notifications that wait, and those given up, with the reason.",
        subcommands: [Show.self, Retry.self, Cancel.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what waits and what was given up, the oldest first.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Flag(help: "Only those given up: refused, expired, uncertain.") var givenUp = false
        @Flag(help: "Only those that wait.") var waiting = false
        @Option(help: "At most so many.") var limit = 100

        func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000000") }
        }

        func run() async throws {
            var statuses: [String] = []
            if !givenUp { statuses += ["waiting", "sending"] }
            if !waiting { statuses += ["refused", "expired", "uncertain"] }
            try await withDatabase(options) { [statuses] database, _ in
                let entries = try await Outbox(pool: database.pool).entries(statuses: statuses, limit: limit)
                let now = Timestamp.current
                if output.json {
                    for entry in entries { print(entry.json(now: now).text) }
                    return
                }
                print(
                    Terminal.table(
                        ["ID", "TICKET", "MEDIUM", "TO", "STATUS", "ATTEMPTS", "AGE", "REASON"],
                        entries.map {
                            [
                                $0.id.description, $0.ticket, $0.medium, $0.destination, $0.status, String($0.attempts),
                                "\((now - $0.createdAt).components.seconds) s", Terminal.safe($0.reason ?? ""),
                            ]
                        }))
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send again what was given up, or now what waits.")
        @OptionGroup var options: ConfigurationOption
        @Argument(help: "A notification's id.") var id: String?
        @Flag(help: "All that were given up.") var all = false

        func validate() throws {
            guard (id != nil) != all else { throw ValidationError("give an id, or --all") }
            if let id, Identifier(id) == nil { throw ValidationError("\(id) is not a notification's id") }
        }

        func run() async throws {
            try await withDatabase(options) { database, configuration in
                let count = try await Outbox(pool: database.pool).retry(
                    id.flatMap(Identifier.init), lifetime: configuration.notifications.expire)
                if count == 0, !all { throw Outcome.failed("there is no such notification to retry") }
                print("\(count) to be sent again")
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancel a notification that waits.")
        @OptionGroup var options: ConfigurationOption
        @Argument(help: "A notification's id.") var id: String

        func validate() throws {
            if Identifier(id) == nil { throw ValidationError("\(id) is not a notification's id") }
        }

        func run() async throws {
            try await withDatabase(options) { database, _ in
                guard let id = Identifier(id), try await Outbox(pool: database.pool).cancel(id) > 0 else {
                    throw Outcome.failed("there is no such notification waiting")
                }
                print("cancelled")
            }
        }
    }
}
