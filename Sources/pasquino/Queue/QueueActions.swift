import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

/// One notification by its id, or those that meet what is said: never everything by mistake.
struct TargetOptions: ParsableArguments {
    @Argument(help: "A notification's id.") var id: String?
    @OptionGroup var filter: SelectionOptions
    @Flag(help: "Say how many it would be, and change nothing.") var dryRun = false

    func validate(all: Bool) throws {
        if let id, Identifier(id) == nil { throw ValidationError("\(id) is not a notification's id") }
        let said = (id != nil ? 1 : 0) + (filter.isEmpty ? 0 : 1) + (all ? 1 : 0)
        guard said == 1 else {
            throw ValidationError(
                said == 0
                    ? "say which: an id, or --line, --destination, --ticket, --status, --older-than, or --all"
                    : "give an id, or filters, or --all")
        }
    }

    /// - Parameter statuses: where nothing else is said than filters.
    func selection(_ statuses: Set<String>) -> Outbox.Selection {
        guard let id = id.flatMap(Identifier.init) else { return filter.selection(statuses) }
        var selection = Outbox.Selection(statuses: Outbox.Selection.statuses)
        selection.id = id
        return selection
    }
}

struct QueueRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Send again what was given up, or now what waits.",
        discussion: "With filters, those given up; with --status waiting, those that wait.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var target: TargetOptions
    @Flag(help: "All that were given up.") var all = false

    func validate() throws { try target.validate(all: all) }

    func run() async throws {
        var selection = target.selection(Outbox.Selection.givenUp)
        selection.statuses.formIntersection(Outbox.Selection.retryable)
        try await withDatabase(options) { [selection] database, configuration in
            let outbox = Outbox(pool: database.pool)
            if target.dryRun { return print("\(try await outbox.count(selection)) would be sent again") }
            let count = try await outbox.retry(
                selection, lifetime: configuration.notifications.expire, by: .person)
            if count == 0, target.id != nil { throw Outcome.failed("there is no such notification to retry") }
            print("\(count) to be sent again")
        }
    }
}

struct QueueCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Cancel notifications that wait.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var target: TargetOptions
    @Flag(help: "All that wait.") var all = false

    func validate() throws { try target.validate(all: all) }

    func run() async throws {
        var selection = target.selection(["waiting"])
        selection.statuses.formIntersection(["waiting"])
        try await withDatabase(options) { [selection] database, _ in
            let outbox = Outbox(pool: database.pool)
            if target.dryRun { return print("\(try await outbox.count(selection)) would be cancelled") }
            let count = try await outbox.cancel(selection, by: .person)
            guard target.id == nil || count > 0 else { throw Outcome.failed("there is no such notification waiting") }
            print(target.id == nil ? "\(count) cancelled" : "cancelled")
        }
    }
}

struct QueueReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send once more what was delivered; the ticket's history says who asked.")
    @OptionGroup var options: ConfigurationOption
    @Argument(help: "A notification's id.") var id: String

    func validate() throws {
        if Identifier(id) == nil { throw ValidationError("\(id) is not a notification's id") }
    }

    func run() async throws {
        try await withDatabase(options) { database, configuration in
            let by = "operator:\(NSUserName())"
            guard let id = Identifier(id),
                let new = try await Outbox(pool: database.pool).replay(
                    id, by: by, at: .current, lifetime: configuration.notifications.expire,
                    audited: .person)
            else { throw Outcome.failed("there is no such notification that was delivered") }
            print("\(new) to be sent")
        }
    }
}
