/// Two areas that lie one upon the other.
public struct AreaOverlap: Hashable, Sendable {
    /// Codes, in the order of the areas.
    public let first: String
    public let second: String
    /// A point that is in both, far from every border of either.
    public let point: GeoPoint

    /// Lines of latitude along which is looked.
    private static let lines = 600
    /// Whoever has so many has one mistake.
    private static let most = 50

    /// The overlaps among areas, one for each pair.
    ///
    /// - Parameters:
    ///   - areas: with different codes.
    ///   - metres: how far from every border a point must be; outlines that were drawn apart never meet exactly.
    public static func all(among areas: [Area], deeperThan metres: Double) -> [AreaOverlap] {
        let strips = areas.map { Strips($0) }
        let latitudes = areas.flatMap { $0.polygons.flatMap { $0.outer.filter(\.isOnEarth).map(\.latitude) } }
        guard let south = latitudes.min(), let north = latitudes.max(), north > south else { return [] }
        var found: [Pair: AreaOverlap] = [:]
        var maps: [Int: AreaMap] = [:]
        for line in 0..<lines where found.count < most {
            let latitude = south + (north - south) * (Double(line) + 0.5) / Double(lines)
            let crossings = strips.enumerated().flatMap { area, strips in
                strips.intervals(at: latitude).map { (area: area, from: $0.from, to: $0.to) }
            }.sorted { $0.from < $1.from }
            for (index, one) in crossings.enumerated() {
                for other in crossings[(index + 1)...] {
                    if other.from >= one.to { break }
                    let pair = Pair(low: min(one.area, other.area), high: max(one.area, other.area))
                    guard one.area != other.area, found[pair] == nil else { continue }
                    let middle = (other.from + min(one.to, other.to)) / 2
                    let point = GeoPoint(latitude: latitude, longitude: middle)
                    let isDeep = [pair.low, pair.high].allSatisfy { area in
                        let map = maps[area] ?? AreaMap([areas[area]], tolerance: metres)
                        maps[area] = map
                        return map.place(of: point) == .certain(areas[area].code)
                    }
                    guard isDeep else { continue }
                    found[pair] = AreaOverlap(
                        first: areas[pair.low].code, second: areas[pair.high].code, point: point)
                }
            }
        }
        return found.sorted { ($0.key.low, $0.key.high) < ($1.key.low, $1.key.high) }.map(\.value)
    }

    private struct Pair: Hashable {
        let low: Int
        let high: Int
    }

    /// The edges of an area, to cut it along a line of latitude.
    private struct Strips {
        private var edges: [(from: GeoPoint, to: GeoPoint, polygon: Int)] = []
        private var south = Double.infinity
        private var north = -Double.infinity

        init(_ area: Area) {
            for (number, polygon) in area.polygons.enumerated() {
                for ring in [polygon.outer] + polygon.holes {
                    let points = ring.filter(\.isOnEarth)
                    guard var previous = points.last else { continue }
                    for point in points {
                        if previous.latitude != point.latitude { edges.append((previous, point, number)) }
                        south = min(south, point.latitude)
                        north = max(north, point.latitude)
                        previous = point
                    }
                }
            }
        }

        /// From where to where, in degrees of longitude, the area reaches; for each polygon apart.
        func intervals(at latitude: Double) -> [(from: Double, to: Double)] {
            guard south < latitude, latitude < north else { return [] }
            var crossings: [Int: [Double]] = [:]
            for (from, to, polygon) in edges where (from.latitude > latitude) != (to.latitude > latitude) {
                let share = (latitude - from.latitude) / (to.latitude - from.latitude)
                crossings[polygon, default: []].append(from.longitude + share * (to.longitude - from.longitude))
            }
            return crossings.values.flatMap { all in
                let all = all.sorted()
                return stride(from: 0, to: all.count - 1, by: 2).map { (all[$0], all[$0 + 1]) }
            }
        }
    }
}
