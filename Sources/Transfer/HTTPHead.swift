/// The header lines of the final response; those of interim ones (100, 103) are forgotten.
struct HTTPHead {
    private(set) var headers: [(String, String)] = []
    private(set) var size = 0

    /// Servers that send more are broken or hostile.
    static let maximumSize = 64 << 10

    mutating func received(_ line: UnsafeRawBufferPointer) {
        size += line.count
        if line.starts(with: "HTTP/".utf8) {
            headers.removeAll(keepingCapacity: true)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        headers.append((name, String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self)))
    }

    private static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var value = value.drop { $0 <= 0x20 }
        while let last = value.last, last <= 0x20 { value.removeLast() }
        return value
    }
}
