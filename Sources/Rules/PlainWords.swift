/// What most patterns are: words of ASCII letters and digits with spaces between, of which the last may be only the beginning
/// of one. Read without the parser, which makes the same of them.
struct PlainWords {
    /// Folded, with a space before, between and, unless a star stands there, after.
    let bytes: [UInt8]
    /// Whether a star stands at the end.
    let isBeginning: Bool

    /// Nil if there is anything else in it, or nothing.
    init?(_ written: String) {
        var bytes: [UInt8] = [0x20]
        bytes.reserveCapacity(written.utf8.count + 2)
        var isBeginning = false
        for byte in written.utf8 {
            // Nothing comes after the star.
            if isBeginning { return nil }
            switch byte {
            case 0x61...0x7A, 0x30...0x39: bytes.append(byte)
            case 0x41...0x5A: bytes.append(byte + 0x20)
            case 0x20: if bytes[bytes.count - 1] != 0x20 { bytes.append(0x20) }
            case 0x2A:
                guard bytes[bytes.count - 1] != 0x20 else { return nil }
                isBeginning = true
            default: return nil
            }
        }
        if !isBeginning, bytes[bytes.count - 1] != 0x20 { bytes.append(0x20) }
        guard bytes.count > 1 else { return nil }
        self.bytes = bytes
        self.isBeginning = isBeginning
    }
}
