import Civic

/// Position, time and orientation from Exif 2.32 (CIPA DC-008). Nonsense is left out, not mended.
struct ExifReader {
    /// GPS IFD and Exif IFD tags, by their numbers in the specification (§4.6.6 and §4.6.5).
    private enum Tag {
        static let orientation = 0x0112
        static let imageWidth = 0x0100
        static let imageHeight = 0x0101
        static let exifDirectory = 0x8769
        static let gpsDirectory = 0x8825
        static let taken = 0x9003
        static let takenOffset = 0x9011
        static let latitudeRef = 0x01
        static let latitude = 0x02
        static let longitudeRef = 0x03
        static let longitude = 0x04
        static let gpsTime = 0x07
        static let gpsStatus = 0x09
        static let gpsDilution = 0x0B
        static let gpsDatum = 0x12
        static let gpsDate = 0x1D
        static let gpsError = 0x1F
    }

    private let tiff: TIFFReader
    private let root: TIFFReader.Directory

    /// - Parameter bytes: a TIFF structure; the `Exif` mark that stands before it in a JPEG may be there.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let tiff = TIFFReader(bytes.has("Exif\0\0") ? bytes.dropFirst(6) : bytes) else { return nil }
        self.tiff = tiff
        root = tiff.root
    }

    /// 1 to 8, or nil.
    var orientation: Int? { tiff.number(root[Tag.orientation]).flatMap { (1...8).contains($0) ? $0 : nil } }

    /// The picture's size in a TIFF file; in the other formats the size stands elsewhere.
    var size: (width: Int, height: Int)? {
        guard let width = tiff.number(root[Tag.imageWidth]), let height = tiff.number(root[Tag.imageHeight]),
            width > 0, height > 0
        else { return nil }
        return (width, height)
    }
}

// MARK: - Position

extension ExifReader {
    /// Metres within which a position lies that says nothing of its error: a phone between houses.
    static let usualRadius = 50.0
    /// Metres of error for each unit of dilution: the range error of civil GPS as receivers are built today.
    static let rangeError = 5.0
    /// Metres by which coordinates on another datum may be off: the old European and Asian ones are, by 70 to 450.
    static let datumRadius = 500.0
    /// A camera that claims more than this (its error, in metres) does not know where it is.
    static let largestRadius = 100_000.0

    /// Datums within two metres of WGS84, without their punctuation.
    private static let sameDatums: Set = ["", "WGS84", "ETRS89", "NAD83", "CGCS2000", "JGD2000", "JGD2011", "GRS80"]

    /// Nil without both coordinates and both references, outside the globe, at 0°/0° (what receivers without a fix
    /// write), or if the receiver itself says that its measurement is void.
    var position: PhotoPosition? {
        let gps = tiff.directory(root[Tag.gpsDirectory])
        guard tiff.text(gps[Tag.gpsStatus]) != "V",
            let latitude = coordinate(gps[Tag.latitude], gps[Tag.latitudeRef], ("N", "S"), most: 90),
            let longitude = coordinate(gps[Tag.longitude], gps[Tag.longitudeRef], ("E", "W"), most: 180),
            latitude.degrees != 0 || longitude.degrees != 0
        else { return nil }
        guard let radius = statedRadius(gps) else { return nil }
        var atLeast = max(latitude.resolution, longitude.resolution)
        if let datum = tiff.text(gps[Tag.gpsDatum]) {
            let plain = datum.uppercased().filter { $0.isLetter || $0.isNumber }
            if !ExifReader.sameDatums.contains(plain) { atLeast = max(atLeast, ExifReader.datumRadius) }
        }
        return PhotoPosition(
            point: GeoPoint(latitude: latitude.degrees, longitude: longitude.degrees), radius: max(radius, atLeast))
    }

    /// Metres: the stated error, else from the dilution of precision, else the usual one. Nil if it is beyond use.
    private func statedRadius(_ gps: TIFFReader.Directory) -> Double? {
        let radius =
            if let error = tiff.rationals(gps[Tag.gpsError], count: 1)?[0].value, error > 0 {
                error
            } else if let dilution = tiff.rationals(gps[Tag.gpsDilution], count: 1)?[0].value, dilution > 0 {
                dilution * ExifReader.rangeError
            } else {
                ExifReader.usualRadius
            }
        return radius <= ExifReader.largestRadius ? radius : nil
    }

    /// Degrees, and in metres on the meridian half of what the last digit tells.
    private func coordinate(
        _ field: TIFFReader.Field?, _ reference: TIFFReader.Field?, _ signs: (plus: String, minus: String), most: Double
    ) -> (degrees: Double, resolution: Double)? {
        guard let parts = tiff.rationals(field, count: 3), let reference = tiff.text(reference),
            reference == signs.plus || reference == signs.minus, parts[1].value < 60, parts[2].value < 60
        else { return nil }
        let degrees = parts[0].value + parts[1].value / 60 + parts[2].value / 3600
        guard degrees <= most else { return nil }
        let units = [1.0, 60, 3600]
        let step = zip(parts, units).map { 1 / (Double($0.denominator) * $1) }.min() ?? 1
        return (reference == signs.minus ? -degrees : degrees, step / 2 * 111_320)
    }
}

// MARK: - Time

extension ExifReader {
    /// When the picture was taken: by the camera's clock if it tells its offset, else by the satellites', else by the
    /// camera's clock read in `zone`. The time of the last change is not looked at.
    func taken(in zone: Zone) -> PhotoTime? {
        let exif = tiff.directory(root[Tag.exifDirectory])
        let local = tiff.text(exif[Tag.taken]).flatMap(ExifReader.localTime)
        if let local, let offset = tiff.text(exif[Tag.takenOffset]).flatMap(ExifReader.offset) {
            let seconds = Int64(local.date.daysSinceEpoch) * 86_400 + Int64(local.secondOfDay - offset)
            return PhotoTime(moment: Timestamp(seconds: seconds), source: .offset)
        }
        if let moment = satelliteTime { return PhotoTime(moment: moment, source: .satellite) }
        return local.map { PhotoTime(moment: zone.moment($0), source: .assumedZone) }
    }

    private var satelliteTime: Timestamp? {
        let gps = tiff.directory(root[Tag.gpsDirectory])
        guard let date = tiff.text(gps[Tag.gpsDate]).flatMap(ExifReader.date),
            let parts = tiff.rationals(gps[Tag.gpsTime], count: 3)?.map(\.value),
            parts[0] < 24, parts[1] < 60, parts[2] < 61
        else { return nil }
        let second = parts[0] * 3600 + parts[1] * 60 + parts[2]
        return Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(second))
    }

    /// `2026:11:21 09:30:00`, nothing else.
    static func localTime(_ text: String) -> LocalTime? {
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        guard halves.count == 2, let date = date(String(halves[0])), let time = digits(halves[1], [2, 2, 2]),
            time[0] < 24, time[1] < 60, time[2] <= 60
        else { return nil }
        return LocalTime(date: date, secondOfDay: time[0] * 3600 + time[1] * 60 + min(time[2], 59))
    }

    /// `2026:11:21`. A year before 1970 is a clock that was never set.
    static func date(_ text: String) -> CivilDate? {
        guard let parts = digits(text[...], [4, 2, 2]), parts[0] >= 1970 else { return nil }
        return CivilDate(year: parts[0], month: parts[1], day: parts[2])
    }

    /// `+01:00`, `-03:30` or `Z`, in seconds; the world's clocks go from -12 to +14 hours.
    static func offset(_ text: String) -> Int? {
        if text == "Z" { return 0 }
        guard let sign = text.first, sign == "+" || sign == "-", let parts = digits(text.dropFirst(), [2, 2]),
            parts[1] < 60
        else { return nil }
        let seconds = (parts[0] * 60 + parts[1]) * 60 * (sign == "-" ? -1 : 1)
        return (-12 * 3600...14 * 3600).contains(seconds) ? seconds : nil
    }

    /// Numbers of these lengths with colons between them.
    private static func digits(_ text: Substring, _ lengths: [Int]) -> [Int]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == lengths.count else { return nil }
        var values: [Int] = []
        for (part, length) in zip(parts, lengths) {
            guard part.utf8.count == length, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = Int(part)
            else { return nil }
            values.append(value)
        }
        return values
    }
}
