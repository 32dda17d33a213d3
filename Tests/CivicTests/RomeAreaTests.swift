import Civic
import Foundation
import TestSupport
import Testing

/// The exact outlines of Rome's municipi and addresses whose municipio is known.
@Suite(
    .enabled(
        if: SharedData.has("geo/municipi-roma.geojson.gz") && SharedData.has("geo/indirizzi.csv.gz"),
        "../shared/data/geo is not there"))
struct RomeAreaTests {
    static func areas() throws -> [Area] {
        let root = try JSONSerialization.jsonObject(with: SharedData.unzipped("geo/municipi-roma.geojson.gz"))
        let features = try #require((root as? [String: Any])?["features"] as? [[String: Any]])
        return try features.map { feature in
            let properties = try #require(feature["properties"] as? [String: Any])
            let geometry = try #require(feature["geometry"] as? [String: Any])
            let number = try #require(properties["municipio"] as? Int)
            var polygons = geometry["coordinates"] as? [[[[Double]]]] ?? []
            if let one = geometry["coordinates"] as? [[[Double]]] { polygons = [one] }
            return Area(
                code: "\(number)", names: [:],
                polygons: polygons.map { rings in
                    let lines = rings.map { $0.map { GeoPoint(latitude: $0[1], longitude: $0[0]) } }
                    return Area.Polygon(outer: lines[0], holes: Array(lines.dropFirst()))
                })
        }
    }

    struct Address {
        let line: Substring
        let point: GeoPoint
        /// Empty outside Rome.
        let municipio: String
    }

    static func addresses() throws -> [Address] {
        let text = String(decoding: try SharedData.unzipped("geo/indirizzi.csv.gz"), as: UTF8.self)
        return try text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            let columns = Array(line.split(separator: ",", omittingEmptySubsequences: false).suffix(4))
            let latitude = try #require(Double(columns[0]))
            let longitude = try #require(Double(columns[1]))
            return Address(
                line: line, point: GeoPoint(latitude: latitude, longitude: longitude), municipio: String(columns[2]))
        }
    }

    /// Point in polygon without index, tolerance or plane: the second opinion.
    static func plain(_ areas: [Area], _ point: GeoPoint) -> [String] {
        areas.filter { area in
            area.polygons.contains { polygon in
                var inside = false
                for ring in [polygon.outer] + polygon.holes {
                    for (a, b) in zip(ring, ring.dropFirst() + ring.prefix(1))
                    where (a.latitude > point.latitude) != (b.latitude > point.latitude) {
                        let share = (point.latitude - a.latitude) / (b.latitude - a.latitude)
                        if point.longitude < a.longitude + share * (b.longitude - a.longitude) { inside.toggle() }
                    }
                }
                return inside
            }
        }.map(\.code)
    }

    /// The file's column was made with other outlines of municipio VI, whose border differs by up to 900 m: eight
    /// addresses lie elsewhere by the outlines at hand.
    @Test func everyAddressLiesInItsMunicipio() throws {
        let areas = try Self.areas()
        let map = AreaMap(areas)
        let addresses = try Self.addresses()
        #expect(addresses.count == 7806)
        var differing = 0
        var boundary = 0
        for address in addresses {
            switch map.place(of: address.point) {
            case .certain(let code) where code == address.municipio: break
            case .outside where address.municipio.isEmpty: break
            case .boundary(let codes):
                boundary += 1
                #expect(codes.contains(address.municipio), "\(address.line)")
            case .certain(let code):
                differing += 1
                #expect(Self.plain(areas, address.point) == [code], "\(address.line)")
            case .outside, .unknown: Issue.record("not in Rome: \(address.line)")
            }
        }
        #expect(differing <= 8)
        #expect(boundary < 400, "a few streets are borders, not every twentieth address")
    }

    /// The bands are only an index: a map of the same outlines with other bands gives the same answers.
    @Test func indexChangesNoAnswer() throws {
        let areas = try Self.areas()
        let (fine, exact) = (AreaMap(areas, tolerance: 1), AreaMap(areas, tolerance: 0))
        for address in try Self.addresses() {
            let place = fine.place(of: address.point)
            if case .boundary = place { continue }
            #expect(exact.place(of: address.point) == place)
        }
    }
}
