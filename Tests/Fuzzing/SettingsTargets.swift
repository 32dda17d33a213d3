import Civic
import Foundation
import Synchronization

@testable import Rules
@testable import Settings

// The configuration: an operator's mistakes, and files of others (outlines of areas).
extension FuzzTarget {
    static let settings = [configuration, geojson]

    private static let folder = Mutex<FuzzFolder?>(nil)

    private static let known = [
        "pasquino.yaml", "channels.yaml", "offices.yaml", "categories.yaml", "calendars.yaml", "rules/20-strade.yaml",
        "areas/quartieri.geojson", "precedents/a.yaml", "templates/it/opened.txt", "templates/it/opened.subject",
    ]

    /// The first line names the file.
    private static let configuration = FuzzTarget(
        "configuration", "a file of the configuration; the first line names it"
    ) { bytes in
        let (file, content) = bytes.headed
        // Whoever writes the configuration may name files and variables; a stranger's file would not end.
        guard known.contains(file), !content.text.contains("${") else { return }
        let (configuration, findings) = try folder.withLock { folder in
            if folder == nil { folder = try FuzzFolder() }
            guard let city = folder else { throw FuzzFinding(description: "no folder") }
            return city.load(file: file, Data(content))
        }
        try must(
            (configuration == nil) == findings.contains { $0.severity == .error }, "refused without saying why")
        try must(findings.allSatisfy { $0.line >= 1 && $0.column >= 1 }, "a finding without a place")
    }

    private static let geojson = FuzzTarget("geojson", "outlines of areas, to be loaded and to be imported") { bytes in
        let reader = Reader(environment: [:], secrets: .optional)
        let file = AreaFile(name: "areas/a.geojson", bytes: Data(bytes), reader, language: "it")
        let areas = try FuzzCity.configuration.get().areas
        if !file.areas.isEmpty {
            let map = AreaMap(file.areas)
            for (latitude, longitude) in [(44.6, 12.1), (0.0, 0.0), (90.0, 180.0)] {
                _ = map.place(of: GeoPoint(latitude: latitude, longitude: longitude))
            }
        }
        _ = try? AreaImport.read(bytes, property: "code", areas: areas)
    }
}
