/// The quoted-printable encoding of text (RFC 2045, 6.7): what is ASCII stays readable in the raw mail.
enum QuotedPrintable {
    /// Without the line end.
    private static let lineLength = 76

    /// Every line of the result ends with CRLF; hidden characters are gone.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count * 5 / 4 + 2)
        var lines = PlainText.lines(text)[...]
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        for var line in lines { line.withUTF8 { append($0, to: &result) } }
        return result
    }

    private static func append(_ line: UnsafeBufferPointer<UInt8>, to result: inout [UInt8]) {
        var column = 0
        for (index, byte) in line.enumerated() {
            let plain = isPlain(byte, isFirst: column == 0, isLast: index == line.count - 1)
            // One place is kept for the = of a soft line break.
            if column + (plain ? 1 : 3) > lineLength - 1 {
                result.append(UInt8(ascii: "="))
                endLine(&result)
                column = 0
            }
            // After a soft break the byte stands first, which can change how it is written.
            if plain, column > 0 || isPlain(byte, isFirst: true, isLast: index == line.count - 1) {
                result.append(byte)
                column += 1
            } else {
                result.append(UInt8(ascii: "="))
                result.append(digit(byte >> 4))
                result.append(digit(byte & 15))
                column += 3
            }
        }
        endLine(&result)
    }

    private static func endLine(_ result: inout [UInt8]) {
        result.append(0x0D)
        result.append(0x0A)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    private static func isPlain(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "="): false
        case 0x20: !isLast  // spaces at the end of a line get lost on the way
        // A line `From …` is changed by mailboxes in mbox format, a line `.` by careless relays.
        case UInt8(ascii: "F"), UInt8(ascii: "."): !isFirst
        default: (0x21...0x7E).contains(byte)
        }
    }
}
