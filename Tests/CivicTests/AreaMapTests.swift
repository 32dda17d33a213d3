import Civic
import TestSupport
import Testing

@Suite struct AreaMapTests {
    /// One degree of latitude in metres, near enough.
    static let metre = 1 / 111_195.0

    static func point(_ latitude: Double, _ longitude: Double) -> GeoPoint {
        GeoPoint(latitude: latitude, longitude: longitude)
    }

    static func square(south: Double, west: Double, side: Double = 0.01) -> Area.Ring {
        [
            point(south, west), point(south, west + side), point(south + side, west + side), point(south + side, west),
        ]
    }

    static func area(_ code: String, _ outer: Area.Ring, holes: [Area.Ring] = []) -> Area {
        Area(
            code: code, names: ["it": "Municipio \(code)"], aliases: [code.uppercased()],
            polygons: [Area.Polygon(outer: outer, holes: holes)])
    }

    /// Two squares side by side; `b` has a hole in its middle.
    static let map = AreaMap([
        area("a", square(south: 41, west: 12)),
        area("b", square(south: 41, west: 12.01), holes: [square(south: 41.004, west: 12.014, side: 0.002)]),
    ])

    @Test(arguments: [
        (point(41.005, 12.005), AreaPlace.certain("a")),
        (point(41.002, 12.018), .certain("b")),
        (point(41.005, 12.015), .outside),
        (point(41.005, 11.9), .outside),
        (point(-41, -12), .outside),
        (point(41.005, 12.01 - 0.0001), .boundary(["a", "b"])),
        (point(41.005, 12.01 + 0.0001), .boundary(["b", "a"])),
        (point(41.005, 12 + 0.0001), .boundary(["a"])),
        (point(41.005, 12 - 0.0001), .boundary(["a"])),
        (point(41.0039, 12.015), .boundary(["b"])),
        (point(.nan, 12), .unknown),
        (point(41, .infinity), .unknown),
        (point(91, 12), .unknown),
        (point(41, -180.1), .unknown),
    ])
    func places(_ at: GeoPoint, _ expected: AreaPlace) { #expect(Self.map.place(of: at) == expected) }

    @Test(
        "A position that may be off is certain only if all around it lies in one area",
        arguments: [
            (point(41.005, 12.005), 100.0, AreaPlace.certain("a")),
            (point(41.005, 12.008), 100.0, .certain("a")),
            (point(41.005, 12.008), 300.0, .boundary(["a", "b"])),
            (point(41.005, 12.005), 5000.0, .boundary(["a", "b"])),
            (point(41.005, 11.99), 100.0, .outside),
            (point(41.005, 11.999), 200.0, .boundary(["a"])),
            (point(41.005, 12.005), .infinity, .certain("a")),
            (point(.nan, 12), 100.0, .unknown),
        ])
    func within(_ at: GeoPoint, _ metres: Double, _ expected: AreaPlace) {
        #expect(Self.map.place(of: at, within: metres) == expected)
        #expect(Self.map.place(of: at, within: nil) == Self.map.place(of: at))
    }

    @Test func cornersAndEdgesAreBoundariesEvenWithoutTolerance() {
        let map = AreaMap([Self.area("a", Self.square(south: 41, west: 12))], tolerance: 0)
        for at in Self.square(south: 41, west: 12) { #expect(map.place(of: at) == .boundary(["a"])) }
        #expect(map.place(of: Self.point(41, 12.005)) == .boundary(["a"]))
        #expect(map.place(of: Self.point(41.000001, 12.005)) == .certain("a"))
        #expect(map.place(of: Self.point(40.999999, 12.005)) == .outside)
    }

    @Test func toleranceIsInMetresInEveryDirection() {
        // A street's width at 60 degrees north, where a degree of longitude is half as long.
        let map = AreaMap([Self.area("a", Self.square(south: 60, west: 10, side: 0.1))], tolerance: 100)
        #expect(map.place(of: Self.point(60.05, 10 - 95 * Self.metre * 2)) == .boundary(["a"]))
        #expect(map.place(of: Self.point(60.05, 10 - 105 * Self.metre * 2)) == .outside)
        #expect(map.place(of: Self.point(60 - 95 * Self.metre, 10.05)) == .boundary(["a"]))
        #expect(map.place(of: Self.point(60 - 105 * Self.metre, 10.05)) == .outside)
    }

    @Test func twoPolygonsOfOneAreaAndOverlaps() {
        let islands = Area(
            code: "i", names: [:],
            polygons: [
                .init(outer: Self.square(south: 41, west: 12)), .init(outer: Self.square(south: 42, west: 13)),
            ])
        let map = AreaMap([islands, Self.area("x", Self.square(south: 42, west: 13))])
        #expect(map.place(of: Self.point(41.005, 12.005)) == .certain("i"))
        #expect(map.place(of: Self.point(41.5, 12.5)) == .outside)
        #expect(map.place(of: Self.point(42.005, 13.005)) == .boundary(["i", "x"]))
    }

    /// A grid of squares knows the answer without geometry.
    @Test func gridProperty() {
        let side = 0.01
        let tolerance = 25.0
        var areas: [Area] = []
        for row in 0..<10 {
            for column in 0..<10 {
                let ring = Self.square(south: 41 + Double(row) * side, west: 12 + Double(column) * side, side: side)
                areas.append(Self.area("\(row)-\(column)", row % 2 == 0 ? ring : ring.reversed()))
            }
        }
        let map = AreaMap(areas, tolerance: tolerance)
        var dice = Dice(1)
        for _ in 0..<20_000 {
            let (y, x) = (Double.random(in: -0.5..<10.5, using: &dice), Double.random(in: -0.5..<10.5, using: &dice))
            let place = map.place(of: Self.point(41 + y * side, 12 + x * side))
            let (row, column) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
            let inside = (0..<10).contains(row) && (0..<10).contains(column)
            // The distance to the nearest grid line, in metres: a lower bound of that to a border.
            let margin = min(abs(y - y.rounded()), abs(x - x.rounded()) * 0.7) * side / Self.metre
            switch place {
            case .certain(let code):
                #expect(inside && code == "\(row)-\(column)")
            case .outside: #expect(!inside)
            case .boundary(let codes):
                #expect(margin < tolerance)
                if inside { #expect(codes.first == "\(row)-\(column)") }
                #expect(Set(codes).count == codes.count)
            case .unknown: Issue.record("a place on Earth is known")
            }
            if margin > tolerance * 1.5 { #expect(place == (inside ? .certain("\(row)-\(column)") : .outside)) }
        }
    }

    @Test func badOutlinesDoNotHarm() {
        let none = AreaMap([])
        #expect(none.place(of: Self.point(41, 12)) == .unknown)
        let line = Self.area("line", [Self.point(41, 12), Self.point(42, 12)])
        let dot = Self.area("dot", [Self.point(41, 12), Self.point(41, 12), Self.point(41, 12)])
        let broken = Self.area("nan", [Self.point(.nan, 1), Self.point(1e300, 1), Self.point(1, .infinity)])
        #expect(AreaMap([line, dot, broken]).place(of: Self.point(41, 12)) == .unknown)
        let world = Self.area(
            "w", [Self.point(-90, -180), Self.point(-90, 180), Self.point(90, 180), Self.point(90, -180)])
        #expect(AreaMap([world], tolerance: .nan).place(of: Self.point(41, 12)) == .certain("w"))
        #expect(AreaMap([world], tolerance: -5).place(of: Self.point(0, 0)) == .certain("w"))
    }

    @Test func namesAreComparedFolded() {
        let fold: (String) -> String = { $0.lowercased().filter { !$0.isWhitespace } }
        #expect(Self.map.area(named: " MUNICIPIO  A ", fold: fold) == "a")
        #expect(Self.map.area(named: "B", fold: fold) == "b")
        #expect(Self.map.area(named: "c", fold: fold) == nil)
        #expect(Self.map.area(named: "  ", fold: fold) == nil)
    }
}
