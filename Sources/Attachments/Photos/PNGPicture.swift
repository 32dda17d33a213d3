/// A PNG as a row of chunks (PNG 3rd edition §5), read in one pass and as far as it goes.
struct PNGPicture: Picture {
    static let heedsExifOrientation = true

    /// Chunks that make the picture and its colours (§11, animation included); all others are dropped.
    private static let kept: Set<String> = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "bKGD", "hIST", "pHYs", "sPLT",
        "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT",
    ]
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private(set) var width = 0
    private(set) var height = 0
    private(set) var exif: ArraySlice<UInt8>?
    private let bytes: [UInt8]
    private var parts: [Range<Int>] = []
    /// In `parts`, before which an eXIf chunk may stand.
    private var firstData: Int?

    /// Nil if the bytes do not begin with PNG's signature and header.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: PNGPicture.signature), bytes[...].has("IHDR", at: 12),
            let width = bytes[...].big32(16), let height = bytes[...].big32(20), width > 0, height > 0
        else { return nil }
        self.bytes = bytes
        self.width = width
        self.height = height
        var at = 8
        while let length = bytes[...].big32(at), let name = bytes[...].part(at + 4, 4) {
            let type = String(decoding: name, as: UTF8.self)
            let end = at + 12 + length  // length, type, data, check sum
            let isWhole = end <= bytes.count
            if PNGPicture.kept.contains(type), isWhole || type == "IDAT" {
                let isFirstData = type == "IDAT" && firstData == nil
                if isFirstData { firstData = parts.count }
                // What stands side by side is one part: a hostile file has millions of empty chunks.
                if !isFirstData, let last = parts.last, last.upperBound == at {
                    parts[parts.count - 1] = last.lowerBound..<min(end, bytes.count)
                } else {
                    parts.append(at..<min(end, bytes.count))
                }
            }
            if type == "eXIf", exif == nil, isWhole { exif = bytes[at + 8..<end - 4] }
            guard isWhole, type != "IEND" else { break }
            at = end
        }
    }

    /// The picture without texts, times, Exif and what stands behind its end.
    /// - Returns: nil if no image data has begun.
    func publicCopy(orientation: Int) -> [UInt8]? {
        guard let firstData else { return nil }
        var copy = PNGPicture.signature
        copy.reserveCapacity(bytes.count + 64)
        for (index, part) in parts.enumerated() {
            if index == firstData, orientation != 1 {
                let exif = OrientationExif.tiff(orientation)
                copy.appendBig32(exif.count)
                let start = copy.count
                copy.append("eXIf")
                copy.append(contentsOf: exif)
                copy.appendBig32(Int(CRC32.of(copy[start...])))
            }
            copy.append(contentsOf: bytes[part])
        }
        return copy
    }
}

/// The cyclic redundancy check of PNG (Annex D), ISO 3309.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }
}
