/// A JPEG as a row of marker segments (ITU-T T.81 Annex B), read in one pass and as far as it goes.
struct JPEGPicture: Picture {
    static let heedsExifOrientation = true

    private(set) var width = 0
    private(set) var height = 0
    /// The TIFF structure of the first Exif segment.
    private(set) var exif: ArraySlice<UInt8>?
    private let bytes: [UInt8]
    /// The first JFIF segment; it may have a preview behind its 16 bytes (JFIF 1.02, p. 5).
    private var header: Range<Int>?
    /// What others may see, in its order, as it stands in the file.
    private var kept: [Range<Int>] = []
    private var hasScan = false

    /// Nil if the bytes do not begin as a JPEG or have no frame.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 3, bytes[0] == 0xFF, bytes[1] == 0xD8, bytes[2] == 0xFF else { return nil }
        self.bytes = bytes
        readSegments()
        guard width > 0, height > 0 else { return nil }
    }

    private mutating func readSegments() {
        var at = 2
        while let marker = nextMarker(from: &at) {
            switch marker {
            case 0x01, 0xD0...0xD7: continue  // no length; outside a scan they mean nothing
            case 0xD8, 0xD9: return  // the end, or the beginning of another picture: what follows is not this one
            default: break
            }
            guard let length = bytes[...].big16(at), length >= 2, let segment = bytes[...].part(at, length)
            else { return }
            let start = at - 2
            at += length
            read(marker, segment.dropFirst(2), whole: start..<at)
            if marker == 0xDA { keepScan(from: start, data: &at) }
        }
    }

    /// Goes behind the next marker; over what is no marker and over fill bytes (B.1.1.2).
    private func nextMarker(from at: inout Int) -> UInt8? {
        while let mark = bytes[at...].firstIndex(of: 0xFF) {
            guard let code = bytes[mark...].firstIndex(where: { $0 != 0xFF }) else { break }
            at = code + 1
            if bytes[code] != 0 { return bytes[code] }
        }
        at = bytes.count
        return nil
    }

    /// A list of what is kept, not of what is removed: nobody knows all that makers write.
    private mutating func read(_ marker: UInt8, _ body: ArraySlice<UInt8>, whole: Range<Int>) {
        switch marker {
        case 0xC4, 0xCC, 0xDB, 0xDD: keep(whole)  // tables, restart interval
        case 0xDC:  // the number of lines, where the frame does not tell it (B.2.5)
            if height == 0 { height = body.big16(0) ?? 0 }
            keep(whole)
        case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
            if width == 0, let lines = body.big16(1), let columns = body.big16(3) {
                height = lines
                width = columns
            }
            keep(whole)
        case 0xE0 where body.has("JFIF\0") && body.count >= 14 && header == nil: header = whole
        case 0xE1 where exif == nil && body.has("Exif\0\0"): exif = body.dropFirst(6)
        // The colours are wrong without the profile and without Adobe's word on their transform.
        case 0xE2 where body.has("ICC_PROFILE\0"): keep(whole)
        case 0xEE where body.has("Adobe") && body.count == 12: keep(whole)
        default: break
        }
    }

    /// What stands side by side is one part: a hostile file has millions of empty tables.
    private mutating func keep(_ range: Range<Int>) {
        if let last = kept.last, last.upperBound == range.lowerBound {
            kept[kept.count - 1] = last.lowerBound..<range.upperBound
        } else {
            kept.append(range)
        }
    }

    /// The scan's header and its entropy-coded data, up to the next marker or the end of a truncated file.
    private mutating func keepScan(from start: Int, data at: inout Int) {
        hasScan = true
        var end = bytes.count
        while let mark = bytes[at...].firstIndex(of: 0xFF) {
            guard let code = bytes[mark...].firstIndex(where: { $0 != 0xFF }) else {
                end = mark  // half a marker
                break
            }
            guard bytes[code] == 0 || (0xD0...0xD7).contains(bytes[code]) else {
                keep(start..<mark)
                at = mark
                return
            }
            at = code + 1
        }
        at = bytes.count
        keep(start..<end)
    }

    /// The same picture with nothing else: no APP but colour, no comments, nothing behind its end. The tables and scans
    /// are the file's own bytes; the orientation, if there is one to tell, is in an Exif of its own.
    /// - Returns: nil if no scan has begun, so that there is nothing to show.
    func publicCopy(orientation: Int) -> [UInt8]? {
        guard hasScan else { return nil }
        var copy: [UInt8] = [0xFF, 0xD8]
        copy.reserveCapacity(bytes.count + 64)
        // JFIF wants to be first, and so does Exif; readers want JFIF first.
        if let header {
            copy.append(contentsOf: [0xFF, 0xE0, 0, 16])
            copy.append(contentsOf: bytes[header.lowerBound + 4..<header.lowerBound + 16])
            copy.append(contentsOf: [0, 0])
        }
        if orientation != 1 {
            let exif = OrientationExif.tiff(orientation)
            copy.append(contentsOf: [0xFF, 0xE1])
            copy.appendBig16(2 + 6 + exif.count)
            copy.append("Exif\0\0")
            copy.append(contentsOf: exif)
        }
        for range in kept { copy.append(contentsOf: bytes[range]) }
        copy.append(contentsOf: [0xFF, 0xD9])
        return copy
    }
}
