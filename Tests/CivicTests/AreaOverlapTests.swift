import Testing

@testable import Civic

@Suite struct AreaOverlapTests {
    private func square(_ code: String, _ west: Double, _ south: Double, _ side: Double) -> Area {
        let east = west + side
        let north = south + side
        let ring = [(west, south), (east, south), (east, north), (west, north)].map {
            GeoPoint(latitude: $0.1, longitude: $0.0)
        }
        return Area(code: code, names: [:], polygons: [Area.Polygon(outer: ring)])
    }

    @Test func neighboursDoNotOverlap() {
        let areas = [square("a", 12, 41, 0.1), square("b", 12.1, 41, 0.1), square("c", 12, 41.1, 0.1)]
        #expect(AreaOverlap.all(among: areas, deeperThan: 50).isEmpty)
    }

    /// 0.0003 degrees are some 25 m, 0.01 some 840.
    @Test func aSliverIsNoOverlap() {
        #expect(
            AreaOverlap.all(among: [square("a", 12, 41, 0.1), square("b", 12.0997, 41, 0.1)], deeperThan: 50).isEmpty)
        let found = AreaOverlap.all(among: [square("a", 12, 41, 0.1), square("b", 12.09, 41, 0.1)], deeperThan: 50)
        #expect(found.map(\.first) == ["a"])
        #expect(found.map(\.second) == ["b"])
    }

    @Test func thePointIsInBoth() throws {
        let areas = [square("a", 12, 41, 0.1), square("b", 12.3, 41, 0.1), square("c", 12.05, 41.05, 0.3)]
        let found = AreaOverlap.all(among: areas, deeperThan: 50)
        #expect(found.map { [$0.first, $0.second] } == [["a", "c"], ["b", "c"]])
        for overlap in found {
            for code in [overlap.first, overlap.second] {
                let area = try #require(areas.first { $0.code == code })
                #expect(AreaMap([area]).place(of: overlap.point) == .certain(code))
            }
        }
    }

    @Test func aHoleIsNotTheArea() {
        let outer = square("a", 12, 41, 0.3)
        let hole = square("hole", 12.1, 41.1, 0.1).polygons[0].outer
        let ring = Area(code: "a", names: [:], polygons: [Area.Polygon(outer: outer.polygons[0].outer, holes: [hole])])
        #expect(AreaOverlap.all(among: [ring, square("b", 12.1, 41.1, 0.1)], deeperThan: 50).isEmpty)
        #expect(AreaOverlap.all(among: [outer, square("b", 12.1, 41.1, 0.1)], deeperThan: 50).count == 1)
    }

    @Test func nothingIsNoArea() {
        #expect(AreaOverlap.all(among: [], deeperThan: 50).isEmpty)
        #expect(AreaOverlap.all(among: [Area(code: "a", names: [:], polygons: [])], deeperThan: 50).isEmpty)
    }
}
