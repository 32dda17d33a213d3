/// RFC 4648, 4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        append(bytes[...], to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// In lines of 76 characters, each ended by CRLF (RFC 2045, 6.8).
    static func appendLines(_ bytes: [UInt8], to result: inout [UInt8]) {
        let inLine = 76 / 4 * 3
        result.reserveCapacity(result.count + bytes.count / inLine * 78 + 80)
        for start in stride(from: 0, to: bytes.count, by: inLine) {
            append(bytes[start..<min(start + inLine, bytes.count)], to: &result)
            result.append(0x0D)
            result.append(0x0A)
        }
    }

    private static func append(_ bytes: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var rest = bytes
        while rest.count >= 3 {
            let at = rest.startIndex
            let value = Int(rest[at]) << 16 | Int(rest[at + 1]) << 8 | Int(rest[at + 2])
            for shift in [18, 12, 6, 0] { result.append(alphabet[value >> shift & 63]) }
            rest = rest[(at + 3)...]
        }
        guard let first = rest.first else { return }
        let value = Int(first) << 16 | (rest.count == 2 ? Int(rest[rest.startIndex + 1]) << 8 : 0)
        result.append(alphabet[value >> 18])
        result.append(alphabet[value >> 12 & 63])
        result.append(rest.count == 2 ? alphabet[value >> 6 & 63] : UInt8(ascii: "="))
        result.append(UInt8(ascii: "="))
    }
}
