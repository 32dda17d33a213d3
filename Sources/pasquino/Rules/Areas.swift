import ArgumentParser
import Civic
import Foundation
import Settings

struct Areas: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "areas", abstract: "The city's districts.", subcommands: [Import.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a GeoJSON file of districts and install it in the configuration.",
            discussion: """
                Each feature becomes the area whose code, name or alias its --property has; it keeps that area's code, \
                names and aliases, and only its outline is replaced. With --dry-run nothing is written.
                """)
        @OptionGroup var options: ConfigurationOption
        @Argument(help: "A FeatureCollection of polygons, WGS84; may be compressed with gzip.") var file: String
        @Option(help: "The feature's property that tells which area it is.") var property = "municipio"
        @Flag(help: "Only check.") var dryRun = false

        func run() async throws {
            let configuration = try options.load()
            let result: AreaImport.Result
            do {
                result = try AreaImport.read(
                    try Gzip.expanded(try Lines.contents(of: file)), property: property, areas: configuration.areas)
            } catch let error as AreaImport.Failure {
                throw Outcome.failed("\(file): \(error)")
            }
            for warning in result.warnings { Terminal.error("\(file): warning: \(warning)") }
            let target = "\(options.directory)/areas/\(configuration.areaFile ?? "areas.geojson")"
            if !dryRun {
                do {
                    try Data(result.geojson.utf8).write(to: URL(fileURLWithPath: target), options: .atomic)
                } catch {
                    throw Outcome.failed("cannot write \(target): \(error.localizedDescription)")
                }
            }
            print(
                "\(result.count) areas, \(result.points) points: \(dryRun ? "good; nothing written" : "installed in \(target)")"
            )
        }
    }
}

/// Files compressed with gzip (RFC 1952), read through Debian's own gzip.
enum Gzip {
    /// Districts of the largest cities fit many times.
    private static let limit = 256 << 20

    static func expanded(_ bytes: [UInt8]) throws -> [UInt8] {
        guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pasquino-\(UUID().uuidString).gz")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // a leftover in the temporary directory harms nobody
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let expanded = try output.fileHandleForReading.read(upToCount: limit) ?? Data()
        process.terminate()
        process.waitUntilExit()
        guard !expanded.isEmpty, expanded.count < limit else {
            throw Outcome.failed("the file cannot be decompressed, or holds more than \(limit >> 20) MiB")
        }
        return Array(expanded)
    }
}
