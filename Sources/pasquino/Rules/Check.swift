import ArgumentParser
import CLinux
import Civic
import Daemon
import Foundation
import Settings

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate the whole configuration offline.",
        discussion: "Each finding is FILE:LINE:COLUMN: error|warning: message. Exit status 78 if there is an error.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption

    func run() async throws {
        clinux_take_memory_in_bulk()
        let (configuration, found) = ConfigurationLoader.load(
            directory: options.directory, environment: ProcessInfo.processInfo.environment, secrets: .optional)
        // The process ends with this command: to take all of it apart again would only take time.
        _ = Unmanaged.passRetained(Kept(configuration: configuration))
        let composed = configuration.map { configuration in
            CompositionCheck.findings(
                in: configuration, directory: options.directory, on: configuration.city.zone.local(.current).date)
                + RuleExamples.ofShadow(configuration)
        }
        let findings = (found + (composed ?? [])).sorted()
        for finding in findings {
            print(
                output.json
                    ? JSON.object([
                        ("file", .string(finding.file)), ("line", .int(Int64(finding.line))),
                        ("column", .int(Int64(finding.column))), ("severity", .string(finding.severity.rawValue)),
                        ("message", .string(finding.message)),
                    ]).text : finding.description)
        }
        let errors = findings.count { $0.severity == .error }
        guard errors == 0, let configuration else { throw ExitCode(78) }
        if !output.json {
            Terminal.error(
                "\(options.directory): \(configuration.rules.count) rules, \(configuration.categories.count) categories, "
                    + "\(configuration.directory.offices.count) offices, \(configuration.areas.count) areas: "
                    + (findings.isEmpty ? "no findings" : "\(findings.count) warnings")
                    + "; configuration \(configuration.hash)"
                    + (configuration.shadowRules.map {
                        "; shadow \($0.directory): \($0.rules.count) rules, configuration \($0.hash)"
                    } ?? ""))
        }
    }
}

private final class Kept {
    let configuration: Configuration?
    init(configuration: Configuration?) { self.configuration = configuration }
}

struct Schema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of each configuration file, for editors.",
        discussion: """
            With --write the schemas go into the folder `schema` of the configuration directory, where the first line of \
            each file finds them: # yaml-language-server: $schema=schema/offices.json
            """)
    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Write the schemas into the configuration directory.") var write = false
    @Argument(help: "A file's name, such as offices.yaml; without it, all as one JSON object.") var file: String?

    func validate() throws {
        if write, file != nil { throw ValidationError("--write writes all schemas: leave the file's name out") }
    }

    func run() async throws {
        let all = ConfigurationSchema.all
        if write { return try writeAll() }
        guard let file else {
            print(JSON.object(all.map { ($0.file, .verbatim($0.json)) }).text)
            return
        }
        guard let schema = all.first(where: { $0.file == file }) else {
            throw Outcome.usage("there is no schema for \(file); there are: \(all.map(\.file).joined(separator: ", "))")
        }
        print(schema.json)
    }

    private func writeAll() throws {
        guard FileManager.default.fileExists(atPath: "\(options.directory)/pasquino.yaml") else {
            throw Outcome.failed("\(options.directory) is no configuration: it has no pasquino.yaml")
        }
        for (path, text) in ConfigurationSchema.files {
            let target = URL(fileURLWithPath: "\(options.directory)/\(path)")
            do {
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: target, options: .atomic)
            } catch {
                throw Outcome.failed("cannot write \(target.path): \(error.localizedDescription)")
            }
            print(target.path)
        }
    }
}

struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Version, configuration hash, PostgreSQL and libcurl versions.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption

    func run() async throws {
        let (configuration, _) = ConfigurationLoader.load(
            directory: options.directory, environment: ProcessInfo.processInfo.environment, secrets: .optional)
        let libraries = LibraryVersions.current
        if output.json {
            print(
                JSON.object([
                    ("version", .string(Build.version)), ("config", .optional(configuration?.hash)),
                    ("libpq", .string(libraries.libpq)), ("libcurl", .string(libraries.libcurl)),
                ]).text)
        } else {
            print("pasquino       \(Build.version)")
            print(
                "configuration  \(configuration.map { "\($0.hash) (\(options.directory))" } ?? "none at \(options.directory)")"
            )
            print("PostgreSQL     client library \(libraries.libpq)")
            print("libcurl        \(libraries.libcurl)")
        }
    }
}
