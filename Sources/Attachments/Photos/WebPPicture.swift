/// A WebP as RIFF chunks (RFC 9649 §2), read in one pass and as far as it goes.
struct WebPPicture: Picture {
    static let heedsExifOrientation = true

    /// Picture, transparency, animation and colour; all other chunks are dropped.
    private static let kept: Set<String> = ["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"]
    /// A frame holds chunks of its own behind its 16 bytes (§2.7.1.1).
    private static let keptInFrame: Set<String> = ["VP8 ", "VP8L", "ALPH"]

    private struct Chunk {
        let type: String
        /// As declared: more than the body has in a truncated file.
        let size: Int
        let body: ArraySlice<UInt8>
    }

    private(set) var width = 0
    private(set) var height = 0
    private(set) var exif: ArraySlice<UInt8>?
    private var chunks: [Chunk] = []

    /// Nil if the bytes do not begin as a WebP or have no picture.
    init?(_ bytes: [UInt8]) {
        guard bytes[...].has("RIFF"), bytes[...].has("WEBP", at: 8), let size = bytes[...].little32(4)
        else { return nil }
        // What stands behind the RIFF is not of the picture.
        chunks = WebPPicture.chunks(bytes[12..<max(12, min(bytes.count, size + 8))])
        exif = chunks.first { $0.type == "EXIF" }?.body
        for chunk in chunks where width == 0 { readSize(chunk) }
        chunks.removeAll { !WebPPicture.kept.contains($0.type) }
        guard width > 0, height > 0 else { return nil }
    }

    private static func chunks(_ bytes: ArraySlice<UInt8>) -> [Chunk] {
        var chunks: [Chunk] = []
        var at = 0
        while let name = bytes.part(at, 4), let size = bytes.little32(at + 4) {
            let body = bytes.dropFirst(at + 8).prefix(size)
            chunks.append(Chunk(type: String(decoding: name, as: UTF8.self), size: size, body: body))
            at += 8 + size + size % 2
        }
        return chunks
    }

    /// §2.5, §2.6 and §2.7.
    private mutating func readSize(_ chunk: Chunk) {
        let body = chunk.body
        switch chunk.type {
        case "VP8X":
            guard let right = body.little24(4), let bottom = body.little24(7) else { return }
            (width, height) = (right + 1, bottom + 1)
        case "VP8 ":
            guard let right = body.little16(6), let bottom = body.little16(8) else { return }
            (width, height) = (right & 0x3FFF, bottom & 0x3FFF)
        case "VP8L":
            guard body.first == 0x2F, let bits = body.little32(1) else { return }
            (width, height) = (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
        default: return
        }
    }

    /// The picture without Exif, XMP and unknown chunks.
    /// - Returns: nil if no image data has begun.
    func publicCopy(orientation: Int) -> [UInt8]? {
        guard chunks.contains(where: { ["VP8 ", "VP8L", "ANMF"].contains($0.type) && !$0.body.isEmpty })
        else { return nil }
        // Only the extended form has a place for Exif.
        let exif = orientation != 1 && chunks.first?.type == "VP8X" ? OrientationExif.tiff(orientation) : nil
        var body: [UInt8] = []
        var missing = 0
        for chunk in chunks {
            var content = Array(chunk.body)
            var size = chunk.size
            if chunk.type == "VP8X", !content.isEmpty {
                content[0] &= ~0x0C  // Exif and XMP
                if exif != nil { content[0] |= 0x08 }
            }
            if chunk.type == "ANMF", content.count >= 16 {
                content = WebPPicture.cleanedFrame(chunk.body)
                size = content.count
            }
            missing += WebPPicture.append(chunk.type, content, size: size, to: &body)
        }
        if let exif, missing == 0 { WebPPicture.append("EXIF", exif, size: exif.count, to: &body) }
        var copy: [UInt8] = []
        copy.append("RIFF")
        copy.appendLittle32(4 + body.count + missing)
        copy.append("WEBP")
        copy.append(contentsOf: body)
        return copy
    }

    private static func cleanedFrame(_ body: ArraySlice<UInt8>) -> [UInt8] {
        var frame = Array(body.prefix(16))
        for part in chunks(body.dropFirst(16)) where keptInFrame.contains(part.type) {
            append(part.type, Array(part.body), size: part.body.count, to: &frame)
        }
        return frame
    }

    /// - Returns: the bytes that are declared and not there; only the last chunk of a file can lack some.
    @discardableResult
    private static func append(_ type: String, _ content: [UInt8], size: Int, to bytes: inout [UInt8]) -> Int {
        bytes.append(contentsOf: type.utf8)
        bytes.appendLittle32(size)
        bytes.append(contentsOf: content)
        let missing = max(0, size - content.count)
        if missing == 0, size % 2 == 1 { bytes.append(0) }
        return missing
    }
}
