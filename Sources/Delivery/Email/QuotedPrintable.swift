/// The quoted-printable encoding of text (RFC 2045, 6.7): what is ASCII stays readable in the raw mail.
enum QuotedPrintable {
    /// Without the line end.
    private static let lineLength = 76
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Every line of the result ends with CRLF; hidden characters are gone.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count * 5 / 4)
        var lines = PlainText.lines(text)[...]
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        for line in lines { append(Array(line.utf8), to: &result) }
        return result
    }

    private static func append(_ line: [UInt8], to result: inout [UInt8]) {
        var column = 0
        for (index, byte) in line.enumerated() {
            let token = token(byte, isFirst: column == 0, isLast: index == line.count - 1)
            // One place is kept for the = of a soft line break.
            if column + token.count > lineLength - 1 {
                result += [UInt8(ascii: "="), 0x0D, 0x0A]
                column = 0
            }
            result += token
            column += token.count
        }
        result += [0x0D, 0x0A]
    }

    private static func token(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> [UInt8] {
        let isPlain =
            switch byte {
            case UInt8(ascii: "="): false
            case 0x20: !isLast  // spaces at the end of a line get lost on the way
            // A line `From …` is changed by mailboxes in mbox format, a line `.` by careless relays.
            case UInt8(ascii: "F"), UInt8(ascii: "."): !isFirst
            default: (0x21...0x7E).contains(byte)
            }
        return isPlain ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
