/// A GIF as blocks (GIF89a §§17-27), read in one pass and as far as it goes.
struct GIFPicture: Picture {
    static let heedsExifOrientation = false

    let width: Int
    let height: Int
    private let bytes: [UInt8]
    private var parts: [Range<Int>] = []
    private var hasImage = false
    /// The last part ends within a block, so that a trailer behind it would be read as data.
    private var isCut = false

    /// Nil if the bytes do not begin as a GIF.
    init?(_ bytes: [UInt8]) {
        guard bytes[...].has("GIF87a") || bytes[...].has("GIF89a"), let width = bytes[...].little16(6),
            let height = bytes[...].little16(8), bytes.count >= 13
        else { return nil }
        self.bytes = bytes
        self.width = width
        self.height = height
        var at = min(bytes.count, 13 + GIFPicture.tableSize(bytes[10]))
        parts.append(0..<at)
        while at < bytes.count {
            let start = at
            switch bytes[at] {
            case 0x2C:  // an image
                guard bytes.count - at > 10 else { return }
                hasImage = true
                let end = endOfBlocks(from: at + 10 + GIFPicture.tableSize(bytes[at + 9]) + 1)
                keep(start..<(end ?? bytes.count), isWhole: end != nil)
                at = end ?? bytes.count
            case 0x21:  // an extension
                guard bytes.count - at > 2 else { return }
                let label = bytes[at + 1]
                // Loops and delays are the picture's; comments, texts and whatever applications add are not.
                let name = bytes[...]
                let isLoop = name.has("\u{0B}NETSCAPE2.0", at: at + 2) || name.has("\u{0B}ANIMEXTS1.0", at: at + 2)
                guard let end = endOfBlocks(from: at + 2) else { return }
                if label == 0xF9 || (label == 0xFF && isLoop) { keep(start..<end, isWhole: true) }
                at = end
            default: return  // the trailer, or what a decoder would not read either
            }
        }
    }

    private static func tableSize(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }

    private mutating func keep(_ range: Range<Int>, isWhole: Bool) {
        parts.append(range)
        isCut = !isWhole
    }

    /// Behind the empty block that ends a row of blocks; nil if the bytes end before.
    private func endOfBlocks(from start: Int) -> Int? {
        var at = start
        while at < bytes.count {
            let size = Int(bytes[at])
            at += 1 + size
            if size == 0 { return at }
        }
        return nil
    }

    /// The format has no place for Exif.
    var exif: ArraySlice<UInt8>? { nil }

    /// The images with their delays and loops.
    func publicCopy(orientation: Int) -> [UInt8]? {
        guard hasImage else { return nil }
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count + 1)
        for part in parts { copy.append(contentsOf: bytes[part]) }
        if !isCut { copy.append(0x3B) }
        return copy
    }
}
