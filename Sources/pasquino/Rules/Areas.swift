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
                    try Lines.contents(of: file), property: property, areas: configuration.areas)
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
            print("\(result.count) areas, \(result.points) points: \(dryRun ? "good; nothing written" : "installed in \(target)")")
        }
    }
}
