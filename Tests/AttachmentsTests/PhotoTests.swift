import Civic
import Testing

@testable import Attachments

/// Rome in winter; the tests need no table of changes.
let rome = Zone(name: "Europe/Rome", base: 3600, changes: [])

func inspect(
    _ content: [UInt8], name: String? = nil, declared: String = "", limits: AttachmentLimits = AttachmentLimits()
) throws -> InspectedAttachment {
    try inspector.get().inspect(name: name, declaredType: declared, content: content, limits: limits, zone: rome)
}

private let inspector = Result { () throws(AttachmentError) in try AttachmentInspector() }

@Suite struct PhotoTests {
    @Test(arguments: [true, false])
    func positionTimeAndOrientation(bigEndian: Bool) throws {
        let exif = TestExif.navona(bigEndian: bigEndian)
        let samples = [
            ("image/jpeg", TestPictures.jpeg(exif: exif)), ("image/png", TestPictures.png(exif: exif)),
            ("image/webp", TestPictures.webp(exif: exif)), ("image/heic", TestPictures.heic(exif: exif)),
        ]
        for (type, content) in samples {
            let seen = try inspect(content, name: "foto")
            #expect(seen.type == type)
            let photo = try #require(seen.photo, "\(type)")
            let position = try #require(photo.position)
            #expect(abs(position.point.latitude - 41.8990333) < 1e-6)
            #expect(abs(position.point.longitude - 12.4730694) < 1e-6)
            #expect(position.radius == ExifReader.usualRadius)
            #expect(photo.taken == PhotoTime(moment: Timestamp(rfc3339: "2026-11-21T09:15:30Z")!, source: .offset))
            #expect(photo.orientation == (type == "image/heic" ? 1 : 6))
            #expect(photo.width >= 1 && photo.height >= 1)
            #expect(!seen.isActive)
            #expect((seen.publicCopy == nil) == (type == "image/heic"))
        }
    }

    @Test func sizes() throws {
        func size(_ content: [UInt8]) throws -> [Int]? { try inspect(content).photo.map { [$0.width, $0.height] } }
        #expect(try size(TestPictures.jpeg()) == [8, 8])
        #expect(try size(TestPictures.png()) == [1, 1])
        #expect(try size(TestPictures.webp()) == [1, 1])
        #expect(try size(TestPictures.gif()) == [1, 1])
        #expect(try size(TestPictures.heic(exif: TestExif())) == [4032, 3024])
    }

    @Test(arguments: [0, 1, 2] as [UInt8])
    func placesInHEIC(version: UInt8) throws {
        #expect(try inspect(TestPictures.heic(exif: .navona(), version: version)).photo?.position != nil)
    }

    @Test func tiffIsReadAndNotShown() throws {
        var exif = TestExif.navona(bigEndian: false)
        exif.root += [(0x0100, .short(640)), (0x0101, .short(480))]
        let seen = try inspect(exif.tiff)
        #expect(seen.type == "image/tiff")
        #expect(seen.photo?.width == 640)
        #expect(seen.photo?.position != nil)
        #expect(seen.publicCopy == nil)
    }

    @Test func pictureOfTooManyPixelsIsNotShown() throws {
        var content = TestPictures.jpeg()
        let frame = try #require(content[...].place(of: "\u{8}\0\u{8}\0\u{8}\u{1}"))
        content.replaceSubrange(frame + 1..<frame + 5, with: [0xFF, 0xFF, 0xFF, 0xFF])
        let seen = try inspect(content)
        #expect(seen.photo?.width == 65_535)
        #expect(seen.publicCopy == nil)
    }

    @Test func picturesWithoutASizeAreNone() throws {
        var content = TestPictures.gif()
        content[8] = 0  // the height
        let seen = try inspect(content)
        #expect(seen.type == "image/gif")
        #expect(seen.photo == nil)
        #expect(seen.publicCopy == nil)
    }

    // MARK: - Radius

    private func position(_ change: (inout TestExif) -> Void) -> PhotoPosition? {
        var exif = TestExif.navona()
        change(&exif)
        return ExifReader(exif.tiff[...])?.position
    }

    @Test func radiusFromWhatTheReceiverSays() {
        #expect(position { $0.gps.append((0x1F, .rationals([(475, 100)]))) }?.radius == 4.75)
        #expect(position { $0.gps.append((0x0B, .rationals([(12, 10)]))) }?.radius == 6)
        // The error counts, not the dilution.
        #expect(position { $0.gps += [(0x0B, .rationals([(9, 1)])), (0x1F, .rationals([(7, 1)]))] }?.radius == 7)
        // Zero and nothing divided by nothing are no statement.
        #expect(position { $0.gps.append((0x1F, .rationals([(0, 0)]))) }?.radius == 50)
        #expect(position { $0.gps.append((0x1F, .rationals([(0, 1)]))) }?.radius == 50)
        #expect(position { $0.gps.append((0x1F, .rationals([(4_000_000_000, 1)]))) } == nil)
    }

    @Test func radiusOfOtherDatums() {
        #expect(position { $0.gps.append((0x12, .text("WGS-84   "))) }?.radius == 50)
        #expect(position { $0.gps.append((0x12, .text("ETRS89"))) }?.radius == 50)
        #expect(position { $0.gps += [(0x12, .text("TOKYO")), (0x1F, .rationals([(5, 1)]))] }?.radius == 500)
    }

    @Test func radiusIsNotBelowWhatTheDigitsTell() throws {
        let coarse = position { exif in
            exif.gps[1].1 = .rationals([(41, 1), (53, 1), (56, 1)])
            exif.gps[3].1 = .rationals([(12, 1), (28, 1), (23, 1)])
            exif.gps.append((0x1F, .rationals([(1, 1)])))
        }
        #expect(abs(try #require(coarse).radius - 15.46) < 0.01)
    }

    @Test func southAndWest() throws {
        let place = position {
            $0.gps[0].1 = .text("S")
            $0.gps[2].1 = .text("W")
        }
        #expect(try #require(place).point.latitude < -41)
        #expect(try #require(place).point.longitude < -12)
    }

    // MARK: - Nonsense

    @Test(arguments: [
        (1, TestExif.Value.rationals([(0, 0), (0, 0), (0, 0)])), (1, .rationals([(41, 1), (53, 0), (0, 1)])),
        (1, .rationals([(91, 1), (0, 1), (0, 1)])), (1, .rationals([(90, 1), (0, 1), (1, 100)])),
        (3, .rationals([(181, 1), (0, 1), (0, 1)])), (3, .rationals([(4_294_967_295, 1), (0, 1), (0, 1)])),
        (1, .rationals([(41, 1), (60, 1), (0, 1)])), (1, .rationals([(41, 1), (53, 1)])), (1, .text("41.89")),
        (0, .text("X")), (0, .text("")), (0, .text("NS")), (2, .text("N")), (2, .short(69)),
        (1, .raw(type: 5, count: 3, value: 0xFFFF_FFF0)), (1, .raw(type: 5, count: 0xFFFF_FFFF, value: 8)),
        (1, .raw(type: 10, count: 3, value: 8)),
    ])
    func positionsOfNoPlace(_ index: Int, _ value: TestExif.Value) {
        #expect(position { $0.gps[index].1 = value } == nil)
    }

    @Test func positionsWithoutAFixOrWithoutReferences() {
        let zero = TestExif.Value.rationals([(0, 1), (0, 1), (0, 1)])
        #expect(position { ($0.gps[1].1, $0.gps[3].1) = (zero, zero) } == nil)
        #expect(position { $0.gps[1].1 = zero } != nil)
        #expect(position { $0.gps.append((9, .text("V"))) } == nil)
        #expect(position { $0.gps.append((9, .text("A"))) } != nil)
        for index in 0..<4 { #expect(position { $0.gps.remove(at: index) } == nil) }
        #expect(position { $0.gps = [] } == nil)
    }
}

@Suite struct PhotoTimeTests {
    private func taken(_ change: (inout TestExif) -> Void) -> PhotoTime? {
        var exif = TestExif.navona()
        change(&exif)
        return ExifReader(exif.tiff[...])?.taken(in: rome)
    }

    private func moment(_ text: String) -> Timestamp? { Timestamp(rfc3339: text) }

    private let satellite: [(Int, TestExif.Value)] = [
        (0x1D, .text("2026:11:21")), (7, .rationals([(9, 1), (15, 1), (2950, 100)])),
    ]

    @Test func withoutOffsetInTheCitysZone() {
        let time = taken { $0.exif.removeLast() }
        #expect(time?.source == .assumedZone)
        #expect(time?.moment == moment("2026-11-21T09:15:30Z"))
    }

    @Test func satellitesBeforeAnAssumedZone() {
        let time = taken {
            $0.exif.removeLast()
            $0.gps += satellite
        }
        #expect(time?.source == .satellite)
        #expect(time?.moment == moment("2026-11-21T09:15:29Z"))
        #expect(taken { $0.gps += satellite }?.source == .offset)
        #expect(taken { ($0.exif, $0.gps) = ([], satellite) }?.source == .satellite)
        #expect(taken { $0.exif = [] } == nil)
    }

    @Test(arguments: [
        "0000:00:00 00:00:00", "    :  :     :  :  ", "2026-11-21 10:15:30", "2026:11:21", "2026:13:21 10:15:30",
        "2026:02:30 10:15:30", "2026:11:21 24:00:00", "2026:11:21 10:60:00", "2026:11:21T10:15:30",
        "+026:11:21 10:15:30",
        "1899:12:31 23:59:59", "2026:11:21 10:15:30 ora", "",
    ])
    func timesThatAreNone(_ text: String) { #expect(taken { $0.exif[0].1 = .text(text) } == nil) }

    @Test(arguments: [
        ("Z", 0), ("+00:00", 0), ("-03:30", -12_600), ("+14:00", 50_400), ("+14:01", nil), ("-13:00", nil),
        ("+1:00", nil), ("01:00", nil), ("+01:60", nil), ("+01-00", nil), ("", nil),
    ])
    func offsets(_ text: String, _ seconds: Int?) { #expect(ExifReader.offset(text) == seconds) }

    @Test(arguments: [
        [(24, 1), (0, 1), (0, 1)], [(9, 1), (60, 1), (0, 1)], [(9, 1), (0, 1), (61, 1)], [(9, 0), (0, 1), (0, 1)],
    ])
    func satelliteTimesThatAreNone(_ parts: [(Int, Int)]) {
        #expect(taken { ($0.exif, $0.gps) = ([], [(0x1D, .text("2026:11:21")), (7, .rationals(parts))]) } == nil)
    }
}
