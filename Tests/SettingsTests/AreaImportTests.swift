import Foundation
import Testing

@testable import Settings

@Suite struct AreaImportTests {
    private static let outline = "[[[12,44],[13,44],[13,45],[12,44]]]"

    private func feature(_ property: String, _ geometry: String = "\"type\":\"Polygon\",\"coordinates\":\(outline)")
        -> String
    {
        "{\"type\":\"Feature\",\"properties\":{\"n\":\(property)},\"geometry\":{\(geometry)}}"
    }

    private func read(_ features: [String]) throws -> AreaImport.Result {
        let areas = try #require(try ConfigurationFolder().load().configuration).areas
        let text = "{\"type\":\"FeatureCollection\",\"features\":[\(features.joined(separator: ","))]}"
        return try AreaImport.read(Array(text.utf8), property: "n", areas: areas)
    }

    @Test func outlinesAreTakenByCodeNameOrAlias() throws {
        let result = try read([feature("1"), feature("\"SÙD\"")])
        #expect(result.count == 2 && result.points == 8 && result.warnings.isEmpty)
        let folder = try ConfigurationFolder()
        try folder.write("areas/quartieri.geojson", result.geojson)
        let loaded = folder.load()
        #expect(loaded.findings.isEmpty)
        let areas = try #require(loaded.configuration?.areas)
        #expect(areas.map(\.code) == ["nord", "sud"])
        #expect(areas[0].names == ["it": "Nord", "en": "North"] && areas[0].aliases == ["1", "I"])
        #expect(areas[1].polygons[0].outer.first?.longitude == 12)
    }

    @Test(arguments: [
        (["\"nord\""], "no outline for sud"), (["\"nord\"", "\"ovest\""], "feature 2: no area is called ovest"),
        (["\"nord\"", "null"], "feature 2 has no property n; name another with --property"),
    ]) func mistakes(_ properties: [String], _ message: String) throws {
        let failure = #expect(throws: AreaImport.Failure.self) { try read(properties.map { feature($0) }) }
        #expect(failure?.description == message)
    }

    @Test func outlineIsNoPolygon() throws {
        let point = feature("\"sud\"", "\"type\":\"Point\",\"coordinates\":[12,44]")
        let failure = #expect(throws: AreaImport.Failure.self) { try read([feature("\"nord\""), point]) }
        #expect(failure?.description == "feature 2 (sud): expected a Polygon or MultiPolygon, found Point")
    }
}
