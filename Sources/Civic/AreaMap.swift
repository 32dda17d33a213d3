/// A city's areas, ready to tell in which one a point lies.
///
/// Degrees become metres on a plane that touches the Earth at the map's middle latitude: for a city the error is far
/// below the tolerance. All edges are indexed by latitude bands, so that a question looks at the few edges beside the
/// point and not at whole outlines.
///
/// Limits: outlines do not cross the 180th meridian; vertices that are not a place on Earth are left out.
public struct AreaMap: Sendable {
    private struct Edge {
        let x1, y1, x2, y2: Double
        let polygon: Int32
    }

    private let areas: [Area]
    private let tolerance: Double
    private let metresPerLongitude: Double
    private var edges: [Edge] = []
    /// The index in `areas` of each polygon.
    private var owners: [Int] = []
    /// Minimum and maximum of all edges, in metres.
    private var box = (x1: Double.infinity, y1: Double.infinity, x2: -Double.infinity, y2: -Double.infinity)
    private var bandHeight = 1.0
    /// The edges of band `i` are `banded[starts[i] ..< starts[i + 1]]`; one is listed wherever it is within tolerance.
    private var starts: [Int] = [0]
    private var banded: [Int32] = []

    private static let metresPerLatitude = 111_195.0

    /// - Parameter metres: how near to a border a position is no longer certain; a telephone's position is right within
    ///   some 25 m.
    public init(_ areas: [Area], tolerance metres: Double = 25) {
        self.areas = areas
        tolerance = metres.isFinite ? max(0, metres) : 0
        let latitudes = areas.flatMap { $0.polygons.flatMap { $0.outer.filter(\.isOnEarth).map(\.latitude) } }
        let middle = ((latitudes.min() ?? 0) + (latitudes.max() ?? 0)) / 2
        metresPerLongitude = AreaMap.metresPerLatitude * cosine(degrees: middle)
        for (index, area) in areas.enumerated() {
            for polygon in area.polygons {
                owners.append(index)
                for ring in [polygon.outer] + polygon.holes { add(ring, polygon: Int32(owners.count - 1)) }
            }
        }
        indexBands()
    }

    /// - Returns: `unknown` for coordinates that are no place on Earth, and if the city has no outlines at all.
    public func place(of point: GeoPoint) -> AreaPlace {
        guard point.isOnEarth, !edges.isEmpty else { return .unknown }
        let (x, y) = plane(point)
        guard x >= box.x1 - tolerance, x <= box.x2 + tolerance, y >= box.y1 - tolerance, y <= box.y2 + tolerance else {
            return .outside
        }
        let (containing, near) = look(x, y)
        let inside = containing.sorted()
        let others = near.filter { !containing.contains($0.key) }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        if near.isEmpty, inside.count == 1 { return .certain(areas[inside[0]].code) }
        if near.isEmpty, inside.isEmpty { return .outside }
        return .boundary((inside + others.map(\.key)).map { areas[$0].code })
    }

    /// The same for a point that may be off by so many metres: certain only if all around it lies in one area.
    ///
    /// Sixteen points on each of four circles, the radius halved from one to the next, stand for it.
    public func place(of point: GeoPoint, within metres: Double?) -> AreaPlace {
        let place = place(of: point)
        guard let metres, metres.isFinite, metres > tolerance, place != .unknown else { return place }
        var codes = place.codes
        var isOutside = place == .outside
        for step in 0..<64 {
            let radius = min(metres, 50_000) / Double(1 << (step / 16))
            let (x, y) = AreaMap.directions[step % 16]
            let near = GeoPoint(
                latitude: point.latitude + radius * y / AreaMap.metresPerLatitude,
                longitude: point.longitude + radius * x / metresPerLongitude)
            let there = self.place(of: near)
            isOutside = isOutside || there == .outside
            for code in there.codes where !codes.contains(code) { codes.append(code) }
        }
        if codes.isEmpty { return .outside }
        if codes.count == 1, !isOutside, case .certain = place { return place }
        return .boundary(codes)
    }

    /// Sixteen points of the compass, as east and north.
    private static let directions: [(Double, Double)] = {
        let (a, b, c) = (0.382_683_432_365, 0.707_106_781_187, 0.923_879_532_511)
        let quarter = [(1.0, 0.0), (c, a), (b, b), (a, c)]
        return quarter + quarter.map { (-$0.1, $0.0) } + quarter.map { (-$0.0, -$0.1) } + quarter.map { ($0.1, -$0.0) }
    }()

    /// The code of the area that a form's words name: its code, one of its names or aliases.
    /// - Parameter fold: makes two spellings equal (case, accents, punctuation).
    public func area(named name: String, fold: (String) -> String) -> String? {
        let wanted = fold(name)
        guard !wanted.isEmpty else { return nil }
        let found = areas.first { area in
            fold(area.code) == wanted || area.names.values.contains { fold($0) == wanted }
                || area.aliases.contains { fold($0) == wanted }
        }
        return found?.code
    }
}

extension AreaMap {
    private func plane(_ point: GeoPoint) -> (Double, Double) {
        (point.longitude * metresPerLongitude, point.latitude * AreaMap.metresPerLatitude)
    }

    private mutating func add(_ ring: Area.Ring, polygon: Int32) {
        let points = ring.filter(\.isOnEarth).map(plane)
        guard points.count >= 3, var previous = points.last else { return }
        for point in points {
            if point != previous {
                edges.append(Edge(x1: previous.0, y1: previous.1, x2: point.0, y2: point.1, polygon: polygon))
            }
            box = (min(box.x1, point.0), min(box.y1, point.1), max(box.x2, point.0), max(box.y2, point.1))
            previous = point
        }
    }

    /// Band heights start at the tolerance, and double until the index has a modest size whatever the outlines.
    private mutating func indexBands() {
        guard !edges.isEmpty else { return }
        let height = box.y2 - box.y1
        bandHeight = max(tolerance, height / 4096, 1)
        while edges.reduce(0, { $0 + bands(of: $1).count }) > max(4_000_000, edges.count * 2) { bandHeight *= 2 }
        var counts = [Int](repeating: 0, count: band(of: box.y2 + tolerance) + 1)
        for edge in edges { for band in bands(of: edge) { counts[band] += 1 } }
        starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        banded = [Int32](repeating: 0, count: starts[starts.count - 1])
        var next = starts
        for (index, edge) in edges.enumerated() {
            for band in bands(of: edge) {
                banded[next[band]] = Int32(index)
                next[band] += 1
            }
        }
    }

    private func band(of y: Double) -> Int { max(0, Int((y - (box.y1 - tolerance)) / bandHeight)) }

    private func bands(of edge: Edge) -> ClosedRange<Int> {
        band(of: min(edge.y1, edge.y2) - tolerance)...band(of: max(edge.y1, edge.y2) + tolerance)
    }

    /// The areas that contain the point, and those with a border within tolerance and its distance squared.
    private func look(_ x: Double, _ y: Double) -> (containing: Set<Int>, near: [Int: Double]) {
        var odd: Set<Int32> = []
        var near: [Int: Double] = [:]
        let band = band(of: y)
        guard band + 1 < starts.count else { return ([], [:]) }
        for position in starts[band]..<starts[band + 1] {
            let edge = edges[Int(banded[position])]
            // A ray to the east crosses the edge; half open, so that a vertex counts once.
            if (edge.y1 > y) != (edge.y2 > y) {
                let crossing = edge.x1 + (y - edge.y1) / (edge.y2 - edge.y1) * (edge.x2 - edge.x1)
                if x < crossing, odd.remove(edge.polygon) == nil { odd.insert(edge.polygon) }
            }
            if let distance = distanceSquared(x, y, to: edge) {
                let owner = owners[Int(edge.polygon)]
                near[owner] = min(near[owner] ?? .infinity, distance)
            }
        }
        return (Set(odd.map { owners[Int($0)] }), near)
    }

    /// Nil if the edge is farther away than the tolerance.
    private func distanceSquared(_ x: Double, _ y: Double, to edge: Edge) -> Double? {
        guard x >= min(edge.x1, edge.x2) - tolerance, x <= max(edge.x1, edge.x2) + tolerance else { return nil }
        let dx = edge.x2 - edge.x1
        let dy = edge.y2 - edge.y1
        let along = min(1, max(0, ((x - edge.x1) * dx + (y - edge.y1) * dy) / (dx * dx + dy * dy)))
        let ox = edge.x1 + along * dx - x
        let oy = edge.y1 + along * dy - y
        let distance = ox * ox + oy * oy
        return distance <= tolerance * tolerance ? distance : nil
    }
}

extension GeoPoint {
    /// Degrees within WGS84's ranges; false for anything that is not a number.
    public var isOnEarth: Bool { (-90...90).contains(latitude) && (-180...180).contains(longitude) }
}

/// The cosine of an angle from -90 to 90 degrees by its power series (there is no mathematics library down here).
private func cosine(degrees: Double) -> Double {
    let square = (degrees * .pi / 180) * (degrees * .pi / 180)
    var term = 1.0
    var sum = 1.0
    for step in 1...12 {
        term *= -square / Double((2 * step - 1) * (2 * step))
        sum += term
    }
    return max(sum, 1e-9)
}
