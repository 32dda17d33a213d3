import Civic
import Foundation
import Rules

/// Takes the outlines of a city's own file for areas that are configured already.
public enum AreaImport {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public struct Result: Sendable {
        /// What to write to `areas/`.
        public let geojson: String
        public let count: Int
        public let points: Int
        public let warnings: [String]
    }

    private struct Collection: Decodable {
        struct Feature: Decodable {
            let properties: [String: Property]
            let geometry: Geometry
        }
        let features: [Feature]
    }

    private enum Property: Decodable {
        case text(String)
        case other
        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let number = try? value.decode(Int.self) {
                self = .text(String(number))
            } else {
                self = .other
            }
        }
    }

    /// - Parameter property: the feature's property that names the area, by code, name or alias.
    /// - Throws: `Failure` if the file cannot be read, or an area is unknown, missing or there twice.
    public static func read(_ bytes: [UInt8], property: String, areas: [Area]) throws -> Result {
        let collection: Collection
        do {
            collection = try JSONDecoder().decode(Collection.self, from: Data(bytes))
        } catch {
            throw Failure(description: "not GeoJSON: \(AreaFile.reason(error))")
        }
        var outlines: [String: [Area.Polygon]] = [:]
        for (index, feature) in collection.features.enumerated() {
            guard case .text(let name)? = feature.properties[property] else {
                throw Failure(
                    description: "feature \(index + 1) has no property \(property); name another with --property")
            }
            let key = foldedKey(name)
            guard
                let area = areas.first(where: { area in
                    ([area.code] + area.names.values + area.aliases).contains { foldedKey($0) == key }
                })
            else { throw Failure(description: "feature \(index + 1): no area is called \(name)") }
            do {
                outlines[area.code, default: []] += try feature.geometry.polygons()
            } catch {
                throw Failure(description: "feature \(index + 1) (\(name)): \(error)")
            }
        }
        let missing = areas.filter { outlines[$0.code] == nil }.map(\.code)
        guard missing.isEmpty else { throw Failure(description: "no outline for \(missing.joined(separator: ", "))") }
        let points = outlines.values.joined().reduce(0) { $0 + $1.outer.count + $1.holes.reduce(0) { $0 + $1.count } }
        return Result(
            geojson: geojson(areas, outlines), count: areas.count, points: points,
            warnings: points > 500_000 ? ["\(points) points: simplify the outlines if checking takes too long"] : [])
    }

    private static func geojson(_ areas: [Area], _ outlines: [String: [Area.Polygon]]) -> String {
        func ring(_ ring: Area.Ring) -> JSON {
            .array(ring.map { .array([.double($0.longitude), .double($0.latitude)]) })
        }
        let features = areas.map { area in
            JSON.object([
                ("type", .string("Feature")),
                (
                    "properties",
                    .object([
                        ("code", .string(area.code)),
                        ("name", .object(area.names.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
                        ("aliases", .strings(area.aliases)),
                    ])
                ),
                (
                    "geometry",
                    .object([
                        ("type", .string("MultiPolygon")),
                        (
                            "coordinates",
                            .array((outlines[area.code] ?? []).map { .array(([$0.outer] + $0.holes).map(ring)) })
                        ),
                    ])
                ),
            ]).text
        }
        return "{\"type\":\"FeatureCollection\",\"features\":[\n" + features.joined(separator: ",\n") + "\n]}\n"
    }
}
