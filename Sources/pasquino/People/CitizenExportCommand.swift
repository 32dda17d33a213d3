import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

struct CitizenExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "All that is kept of a citizen, as JSON (GDPR art. 15 and 20).",
        discussion: """
            One object, or one a line with --all. That it was asked for is on record: see `pasquino audit`. Where many \
            messages are stored it takes a while: all of them are looked at.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var who: CitizenCommand.Who
    @Option(help: "A new directory for attachments and messages as they came.") var files: String?
    @Option(help: "Why, for the record; without anything about the citizen.") var reason: String?
    @Flag(help: "All that are known by it, vouched for or declared; they may be different people.") var all = false

    func run() async throws {
        try await withDatabase(options) { database, _ in
            let ids = try await who.ids(all: all, in: database)
            if let files { try ExportDirectory.make(files) }
            let keep: (@Sendable (CitizenExport.File) throws -> Void)? =
                if let files { { try ExportDirectory.keep($0, in: files) } } else { nil }
            let found = try await database.withPatientSession { pool -> Bool in
                var found = false
                for id in ids {
                    let json = try await CitizenExport(pool: pool).run(
                        id, by: .person, reason: reason, at: .current, keep: keep)
                    guard let json else { continue }
                    found = true
                    print(json.text)
                }
                return found
            }
            guard found else { throw Outcome.failed(CitizenCommand.Who.nobody) }
        }
    }
}

/// Where an export's files go: readable by whoever asked for it, and by nobody else.
private enum ExportDirectory {
    static func make(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Outcome.failed("--files: \(path) is there already: name a directory that is not")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Outcome.failed("--files: \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    static func keep(_ file: CitizenExport.File, in directory: String) throws {
        let path = URL(fileURLWithPath: directory).appendingPathComponent(file.path)
        do {
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try Data(file.content).write(to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path.path)
        } catch {
            throw Outcome.failed("\(path.path) cannot be written: \(error.localizedDescription)")
        }
    }
}
