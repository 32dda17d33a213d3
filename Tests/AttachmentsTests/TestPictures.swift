/// Builds TIFF structures, as Exif is one: fields of a directory, in either byte order.
struct TestExif {
    enum Value {
        case text(String)
        case short(Int)
        case rationals([(Int, Int)])
        /// A type and a count of one's own, with the four bytes of the value or offset.
        case raw(type: Int, count: Int, value: Int)
    }

    var bigEndian = true
    var root: [(Int, Value)] = []
    var exif: [(Int, Value)] = []
    var gps: [(Int, Value)] = []

    /// A photo of Piazza Navona, taken at 10:15 with an offset of one hour.
    static func navona(bigEndian: Bool = true) -> TestExif {
        TestExif(
            bigEndian: bigEndian, root: [(0x0112, .short(6)), (0x010F, .text("Fotocamera"))],
            exif: [(0x9003, .text("2026:11:21 10:15:30")), (0x9011, .text("+01:00"))],
            gps: [
                (1, .text("N")), (2, .rationals([(41, 1), (53, 1), (5652, 100)])),
                (3, .text("E")), (4, .rationals([(12, 1), (28, 1), (2305, 100)])),
            ])
    }

    private func number(_ value: Int, _ bytes: Int) -> [UInt8] {
        let little = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        return bigEndian ? little.reversed() : little
    }

    /// A directory that begins at `offset`, followed by its values.
    private func directory(_ fields: [(Int, Value)], at offset: Int) -> [UInt8] {
        var entries = number(fields.count, 2)
        var values: [UInt8] = []
        let behind = offset + 2 + fields.count * 12 + 4
        for (tag, value) in fields {
            entries += number(tag, 2)
            func put(_ type: Int, _ count: Int, _ bytes: [UInt8]) {
                entries += number(type, 2) + number(count, 4)
                if bytes.count <= 4 {
                    entries += bytes + [UInt8](repeating: 0, count: 4 - bytes.count)
                } else {
                    entries += number(behind + values.count, 4)
                    values += bytes
                }
            }
            switch value {
            case .text(let text): put(2, text.utf8.count + 1, Array(text.utf8) + [0])
            case .short(let short): put(3, 1, number(short, 2))
            case .rationals(let list): put(5, list.count, list.flatMap { number($0.0, 4) + number($0.1, 4) })
            case .raw(let type, let count, let value):
                entries += number(type, 2) + number(count, 4) + number(value, 4)
            }
        }
        return entries + number(0, 4) + values
    }

    var tiff: [UInt8] {
        let header: [UInt8] = (bigEndian ? [0x4D, 0x4D] : [0x49, 0x49]) + number(42, 2) + number(8, 4)
        // The pointers do not change the length, so that the first round tells where the others begin.
        let first = directory(
            root + [(0x8769, .raw(type: 4, count: 1, value: 0)), (0x8825, .raw(type: 4, count: 1, value: 0))], at: 8)
        let exifAt = 8 + first.count
        let exifBytes = directory(exif, at: exifAt)
        let gpsAt = exifAt + exifBytes.count
        let rootBytes = directory(
            root + [
                (0x8769, .raw(type: 4, count: 1, value: exifAt)), (0x8825, .raw(type: 4, count: 1, value: gpsAt)),
            ], at: 8)
        return header + rootBytes + exifBytes + directory(gps, at: gpsAt)
    }
}

/// Small pictures that decoders accept, made of bytes.
enum TestPictures {
    static func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
    static func big32(_ value: Int) -> [UInt8] { big16(value >> 16) + big16(value) }
    static func little32(_ value: Int) -> [UInt8] { big32(value).reversed() }

    static func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] { [0xFF, marker] + big16(body.count + 2) + body }

    /// A grey square of 8 by 8 pixels, baseline; `extra` stands before the tables, `behind` after the end.
    static func jpeg(exif: TestExif? = nil, extra: [UInt8] = [], behind: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xD8]
        bytes += segment(0xE0, Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 0, 0])
        if let exif { bytes += segment(0xE1, Array("Exif\0\0".utf8) + exif.tiff) }
        return bytes + extra + jpegPicture + [0xFF, 0xD9] + behind
    }

    /// Tables, frame and scan.
    static var jpegPicture: [UInt8] {
        segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
            + segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11, 0])
            + segment(0xC4, [0x00, 1] + [UInt8](repeating: 0, count: 15) + [0])
            + segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
            + segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0x3F]
    }

    static func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
        let named = Array(type.utf8) + body
        return big32(body.count) + named + big32(Int(crc(named)))
    }

    /// Bit by bit: slow and plainly right.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = ~0
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
        }
        return ~value
    }

    /// One grey pixel.
    static func png(exif: TestExif? = nil, extra: [UInt8] = [], behind: [UInt8] = []) -> [UInt8] {
        // A stored block of two bytes, filter and pixel, with its Adler-32.
        let data: [UInt8] = [0x78, 0x01, 0x01, 0x02, 0x00, 0xFD, 0xFF, 0x00, 0x80, 0x00, 0x82, 0x00, 0x81]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", big32(1) + big32(1) + [8, 0, 0, 0, 0]) + (exif.map { chunk("eXIf", $0.tiff) } ?? []) + extra
            + chunk("IDAT", data) + chunk("IEND", []) + behind
    }

    static func riff(_ type: String, _ body: [UInt8]) -> [UInt8] {
        Array(type.utf8) + little32(body.count) + body + (body.count % 2 == 1 ? [0] : [])
    }

    /// A pixel without loss, in the extended form.
    static func webp(exif: TestExif? = nil, extra: [UInt8] = [], behind: [UInt8] = []) -> [UInt8] {
        let lossless: [UInt8] = [0x2F, 0, 0, 0, 0, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0x08, 0x00]
        let flags: UInt8 = (exif == nil ? 0 : 0x08) | (extra.isEmpty ? 0 : 0x04)
        let body =
            Array("WEBP".utf8) + riff("VP8X", [flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]) + riff("VP8L", lossless)
            + (exif.map { riff("EXIF", $0.tiff) } ?? []) + extra
        return Array("RIFF".utf8) + little32(body.count) + body + behind
    }

    /// One white pixel that loops, with a comment.
    static func gif(comment: String = "hello", behind: [UInt8] = []) -> [UInt8] {
        Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0]
            + [0x21, 0xFF, 0x0B] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
            + [0x21, 0xFE, UInt8(comment.utf8.count)] + Array(comment.utf8) + [0]
            + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3B] + behind
    }

    static func box(_ type: String, _ body: [UInt8]) -> [UInt8] { big32(body.count + 8) + Array(type.utf8) + body }

    /// The boxes of a HEIC with an Exif item, and no picture in it. `version` is that of the box of places.
    static func heic(exif: TestExif, version: UInt8 = 0) -> [UInt8] {
        let tiff = exif.tiff
        let item = big32(0) + tiff  // nothing stands between the offset and the header
        let infe = box("infe", [2, 0, 0, 0] + big16(1) + big16(0) + Array("Exif".utf8) + [0])
        let ispe = box("ispe", big32(0) + big32(4032) + big32(3024))
        func file(_ offset: Int) -> [UInt8] {
            let wide = version == 2 ? big32(1) : big16(1)
            var places: [UInt8] = [version, 0, 0, 0, 0x44, 0x00]
            places += wide + wide
            if version > 0 { places += big16(0) }
            places += big16(0) + big16(1) + big32(offset) + big32(item.count)
            let iloc = box("iloc", places)
            return box("ftyp", Array("heic".utf8) + big32(0) + Array("mif1heic".utf8))
                + box(
                    "meta",
                    big32(0) + box("hdlr", big32(0) + big32(0) + Array("pict".utf8) + [UInt8](repeating: 0, count: 13))
                        + box("iinf", big32(0) + big16(1) + infe) + iloc + box("iprp", box("ipco", ispe)))
        }
        let header = file(0).count
        return file(header + 8) + box("mdat", item)
    }
}
