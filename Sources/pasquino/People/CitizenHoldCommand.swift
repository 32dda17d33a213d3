import ArgumentParser
import Civic
import Daemon
import Store

struct CitizenHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "A legal hold: nothing of a citizen's is removed, by command or by age.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var hold: Hold

    func run() async throws {
        try await withDatabase(options) { database, _ in
            for id in try await hold.known(in: database) {
                let isNew = try await LegalHolds(pool: database.pool).place(
                    on: id, by: .person, reason: hold.reason, at: .current)
                print(isNew ? "\(id): held" : "\(id): held already")
            }
        }
    }
}

struct CitizenReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "release", abstract: "End a legal hold.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var hold: Hold

    func run() async throws {
        try await withDatabase(options) { database, _ in
            for id in try await hold.known(in: database) {
                let isOver = try await LegalHolds(pool: database.pool).release(
                    id, by: .person, reason: hold.reason, at: .current)
                print(isOver ? "\(id): released" : "\(id): not held")
            }
        }
    }
}

/// Whose hold, and why.
struct Hold: ParsableArguments {
    @OptionGroup var who: CitizenCommand.Who
    @Option(help: "Why, for the record; without anything about the citizen.") var reason: String
    @Flag(help: "All that are known by it.") var all = false

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason: say why") }
    }

    /// - Throws: `Outcome` if nobody is known by that.
    func known(in database: Database) async throws -> [Identifier] {
        let found = Set(try await who.find(in: database).map(\.id))
        return try await who.ids(all: all, in: database).filter(found.contains)
    }
}
