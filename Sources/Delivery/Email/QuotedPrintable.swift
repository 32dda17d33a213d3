/// The quoted-printable encoding of text (RFC 2045, 6.7): what is ASCII stays readable in the raw mail.
enum QuotedPrintable {
    /// Without the line end.
    private static let lineLength = 76

    /// Every line of the result ends with CRLF; hidden characters are gone.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        append(text, to: &result)
        return result
    }

    /// As `encode`.
    static func append(_ text: String, to result: inout [UInt8]) {
        let text = PlainText.isPlain(text) ? text : PlainText.lines(text).joined(separator: "\n")
        PlainText.bytes(of: text) { bytes in
            var end = bytes.count
            while end > 0, bytes[end - 1] == 0x0A { end -= 1 }
            guard end > 0 else { return }
            // At worst every byte takes three places and every 25th a soft line break.
            let most = end * 4 + 16
            result += [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                kinds.withUnsafeBufferPointer { kinds in
                    count = write(UnsafeBufferPointer(rebasing: bytes[..<end]), to: buffer, kinds)
                }
            }
        }
    }

    /// - Returns: how many bytes were written.
    private static func write(
        _ bytes: UnsafeBufferPointer<UInt8>, to out: UnsafeMutableBufferPointer<UInt8>,
        _ kinds: UnsafeBufferPointer<Kind>
    ) -> Int {
        var count = 0
        func put(_ byte: UInt8) {
            out[count] = byte
            count += 1
        }
        var column = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == 0x0A {
                put(0x0D)
                put(0x0A)
                column = 0
                continue
            }
            let kind = kinds[Int(byte)]
            if kind == .plain, column < lineLength - 1 {
                put(byte)
                column += 1
                continue
            }
            let isLast = index + 1 == bytes.count || bytes[index + 1] == 0x0A
            let plain = isPlain(kind, isFirst: column == 0, isLast: isLast)
            // One place is kept for the = of a soft line break.
            if column + (plain ? 1 : 3) > lineLength - 1 {
                put(UInt8(ascii: "="))
                put(0x0D)
                put(0x0A)
                column = 0
            }
            // After a soft break the byte stands first, which can change how it is written.
            if plain, column > 0 || isPlain(kind, isFirst: true, isLast: isLast) {
                put(byte)
                column += 1
            } else {
                put(UInt8(ascii: "="))
                put(digit(byte >> 4))
                put(digit(byte & 15))
                column += 3
            }
        }
        put(0x0D)
        put(0x0A)
        return count
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    private enum Kind: UInt8 {
        case plain, encoded
        /// Gets lost on the way at the end of a line.
        case space
        /// A line `From …` is changed by mailboxes in mbox format, a line `.` by careless relays.
        case notFirst
    }

    private static let kinds: [Kind] = (0...255).map { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "="): .encoded
        case 0x20: .space
        case UInt8(ascii: "F"), UInt8(ascii: "."): .notFirst
        case 0x21...0x7E: .plain
        default: .encoded
        }
    }

    private static func isPlain(_ kind: Kind, isFirst: Bool, isLast: Bool) -> Bool {
        switch kind {
        case .plain: true
        case .encoded: false
        case .space: !isLast
        case .notFirst: !isFirst
        }
    }
}
