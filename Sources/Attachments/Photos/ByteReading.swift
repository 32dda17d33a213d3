/// Reading numbers from bytes that may end anywhere: nil beyond the end, never a trap.
extension ArraySlice<UInt8> {
    /// The part from `offset`, counted from the slice's beginning; nil if it is not all there.
    func part(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        return self[startIndex + offset..<startIndex + offset + count]
    }

    /// An unsigned number of up to seven bytes, or eight below 2^63.
    func number(_ offset: Int, bytes: Int, bigEndian: Bool) -> Int? {
        guard let part = part(offset, bytes) else { return nil }
        var value: UInt64 = 0
        if bigEndian {
            for byte in part { value = value << 8 | UInt64(byte) }
        } else {
            for byte in part.reversed() { value = value << 8 | UInt64(byte) }
        }
        return Int(exactly: value)
    }

    func big16(_ offset: Int) -> Int? { number(offset, bytes: 2, bigEndian: true) }
    func big32(_ offset: Int) -> Int? { number(offset, bytes: 4, bigEndian: true) }
    func little16(_ offset: Int) -> Int? { number(offset, bytes: 2, bigEndian: false) }
    func little24(_ offset: Int) -> Int? { number(offset, bytes: 3, bigEndian: false) }
    func little32(_ offset: Int) -> Int? { number(offset, bytes: 4, bigEndian: false) }

    /// Whether `text` (ASCII) stands at `offset`.
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
        guard let part = part(offset, text.utf8CodeUnitCount) else { return false }
        return text.withUTF8Buffer { part.elementsEqual($0) }
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) { text.withUTF8Buffer { append(contentsOf: $0) } }

    mutating func appendBig16(_ value: Int) { append(contentsOf: [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]) }

    mutating func appendBig32(_ value: Int) {
        appendBig16(value >> 16)
        appendBig16(value)
    }

    mutating func appendLittle32(_ value: Int) {
        append(contentsOf: (0..<4).map { UInt8(value >> ($0 * 8) & 0xFF) })
    }
}
