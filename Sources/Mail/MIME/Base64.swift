/// Base64 as it arrives (RFC 2045, 6.8): with lines that others added, blanks, and without its padding.
enum Base64 {
    /// Pieces with padding of their own follow one another; what stands behind a footer's rule or, behind the padding, an
    /// empty line is not part of it.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 4 * 3 + 3)
        values.withUnsafeBufferPointer { values in
            bytes.withUnsafeBufferPointer { bytes in
                var bits: UInt32 = 0
                var count = 0
                var isPadded = false
                var isLineStart = true
                func flush() {
                    if count == 2 { result.append(UInt8(truncatingIfNeeded: bits >> 4)) }
                    if count == 3 {
                        result.append(UInt8(truncatingIfNeeded: bits >> 10))
                        result.append(UInt8(truncatingIfNeeded: bits >> 2))
                    }
                    bits = 0
                    count = 0
                }
                for at in 0..<bytes.count {
                    let byte = bytes[at]
                    let value = values[Int(byte)]
                    if value < 64 {
                        bits = bits << 6 | UInt32(value)
                        count += 1
                        isLineStart = false
                        isPadded = false
                        if count == 4 {
                            result.append(UInt8(truncatingIfNeeded: bits >> 16))
                            result.append(UInt8(truncatingIfNeeded: bits >> 8))
                            result.append(UInt8(truncatingIfNeeded: bits))
                            bits = 0
                            count = 0
                        }
                    } else if byte == 0x0A {
                        if isLineStart, isPadded { break }
                        isLineStart = true
                    } else if byte == 0x3D {
                        flush()
                        isPadded = true
                        isLineStart = false
                    } else if isLineStart, isRule(byte), at + 1 < bytes.count, bytes[at + 1] == byte,
                        !result.isEmpty || count > 0
                    {
                        break
                    }
                }
                flush()
            }
        }
        return result
    }

    /// What a footer's first line is made of.
    static func isRule(_ byte: UInt8) -> Bool { byte == 0x2D || byte == 0x5F }

    /// Most of its beginning, up to a footer, is letters of base64. A few strangers are common: gateways add lines.
    static func isLikely(_ bytes: ArraySlice<UInt8>) -> Bool {
        var strangers = 0
        var letters = 0
        for line in bytes.prefix(4_096).split(separator: 0x0A) {
            let line = line.trimmingTrailingBlanks.drop(while: \.isBlank)
            if letters > 0, let first = line.first, isRule(first), line.dropFirst().first == first { break }
            for byte in line {
                switch byte {
                case 0x3D: letters += 1
                case 0x0D: break
                default: if values[Int(byte)] < 64 { letters += 1 } else { strangers += 1 }
                }
            }
        }
        return strangers * 30 <= letters
    }

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in letters.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}
