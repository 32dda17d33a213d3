import ArgumentParser
import Daemon
import Foundation
import Settings
import Store

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon in the foreground.")
    @OptionGroup var options: ConfigurationOption

    func run() async throws {
        do {
            try await Daemon.run(
                Daemon.Options(
                    directory: options.directory, environment: ProcessInfo.processInfo.environment,
                    version: Build.version))
        } catch let error as ConfigurationInvalid {
            throw Outcome.invalid(error.description)
        } catch {
            throw Outcome.failed("pasquino: \(error)")
        }
    }
}

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the database schema up.")
    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Only say what would be applied.") var dryRun = false

    func run() async throws {
        try await withDatabase(options) { database, _ in
            let names = dryRun ? try await database.pendingMigrations() : try await database.migrate(.auto)
            print(
                names.isEmpty
                    ? "the schema is up to date"
                    : names.map { (dryRun ? "would apply " : "applied ") + $0 }.joined(separator: "\n"))
        }
    }
}

/// Opens the database that the configuration names, for one command. A private server that was not running is stopped
/// again afterwards.
func withDatabase(
    _ options: ConfigurationOption, _ body: (Database, Configuration) async throws -> Void
) async throws {
    let configuration = try options.load()
    try await withDatabase(configuration.database, stateDirectory: configuration.stateDirectory) {
        try await body($0, configuration)
    }
}

/// Where the configuration may hold errors, the database alone, as `pasquino.yaml` names it.
func withDatabase(
    _ settings: Configuration.Database, stateDirectory: String, _ body: (Database) async throws -> Void
) async throws {
    let database: Database
    do {
        database = try await Database.open(
            settings, stateDirectory: stateDirectory, poolSize: 1, wait: .seconds(5), observe: { _ in })
    } catch {
        throw Outcome.failed("pasquino: \(error)")
    }
    do {
        try await body(database)
    } catch let outcome as Outcome {
        await database.close()
        throw outcome
    } catch {
        await database.close()
        throw Outcome.failed("pasquino: \(error)")
    }
    await database.close()
}
