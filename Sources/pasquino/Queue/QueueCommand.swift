import ArgumentParser
import Civic
import Daemon
import Store

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Notifications that wait, and those given up, with the reason.",
        subcommands: [
            QueueShow.self, QueueShape.self, QueueRetry.self, QueueCancel.self, QueueReplay.self,
        ], defaultSubcommand: QueueShow.self)
}

/// Some of the notifications: those that meet all that is said.
struct SelectionOptions: ParsableArguments {
    @Option(help: "Only this line: a medium, or webhook:OFFICE or open311:OFFICE.") var line: String?
    @Option(help: "Only to this destination: a mail domain, an office, or io.") var destination: String?
    @Option(help: "Only of this ticket.") var ticket: String?
    @Option(help: "Only of this status; may be repeated.") var status: [String] = []
    @Option(help: "Only those owed longer ago than this, such as 30m, 4h or 30d.") var olderThan: String?

    func validate() throws {
        for one in status where !Outbox.Selection.statuses.contains(one) {
            let known = Outbox.Selection.statuses.sorted().joined(separator: ", ")
            throw ValidationError("--status: expected one of \(known)")
        }
        if let olderThan, Age(olderThan) == nil {
            throw ValidationError("--older-than: expected a time such as 30m, 4h or 30d")
        }
    }

    var isEmpty: Bool {
        line == nil && destination == nil && ticket == nil && status.isEmpty && olderThan == nil
    }

    /// - Parameter statuses: where none is named.
    func selection(_ statuses: Set<String>) -> Outbox.Selection {
        var selection = Outbox.Selection(statuses: status.isEmpty ? statuses : Set(status))
        selection.line = line
        selection.destination = destination
        selection.ticket = ticket
        selection.before = olderThan.flatMap(Age.init).map { Timestamp.current + .seconds(-$0.seconds) }
        return selection
    }
}

struct QueueShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "List what waits and what was given up, the oldest first.",
        discussion: """
            With --alarm nothing is listed but the lines whose oldest notification that is due waits longer than that, \
            and those that are stopped; the exit status is then 1.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @OptionGroup var filter: SelectionOptions
    @Flag(help: "Only those given up: refused, expired, uncertain.") var givenUp = false
    @Flag(help: "Only those that wait.") var waiting = false
    @Option(help: "At most so many.") var limit = 100
    @Option(help: "Fail if what is due waits longer than this, such as 15m.") var alarm: String?

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000000") }
        if let alarm, Age(alarm) == nil {
            throw ValidationError("--alarm: expected a time such as 15m, 4h or 1d")
        }
    }

    func run() async throws {
        var statuses: Set<String> = []
        if !givenUp { statuses.formUnion(Outbox.Selection.open) }
        if !waiting { statuses.formUnion(Outbox.Selection.givenUp) }
        try await withDatabase(options) { [statuses] database, _ in
            if let alarm = alarm.flatMap(Age.init) {
                return try await QueueAlarm(patience: .seconds(alarm.seconds), json: output.json).run(on: database)
            }
            let entries = try await Outbox(pool: database.pool).entries(filter.selection(statuses), limit: limit)
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
