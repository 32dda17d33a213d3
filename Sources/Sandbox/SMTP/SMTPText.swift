import NIOCore

/// The text of a mail as it arrives, line by line, with the dots undone (RFC 5321, section 4.5.2).
struct SMTPText {
    private(set) var bytes = ByteBuffer()
    private(set) var tooBig = false
    private(set) var lineTooLong = false
    private(set) var noRoom = false
    private(set) var reserved = 0

    /// Room is reserved in steps, so that small mails touch the shared counter once.
    private static let step = 64 << 10

    mutating func append(_ line: ByteBuffer, budget: SMTPBudget) {
        var line = line
        if line.readableBytesView.first == UInt8(ascii: ".") { line.moveReaderIndex(forwardBy: 1) }
        let size = bytes.readableBytes + line.readableBytes + 2
        if size > SMTPLimits.message { tooBig = true }
        if !failed, size > reserved {
            noRoom = !budget.reserve(max(Self.step, line.readableBytes + 2))
            if !noRoom { reserved += max(Self.step, line.readableBytes + 2) }
        }
        guard !failed else { return bytes = ByteBuffer() }
        bytes.writeBuffer(&line)
        bytes.writeStaticString("\r\n")
    }

    mutating func appendTooLong() {
        lineTooLong = true
        bytes = ByteBuffer()
    }

    private var failed: Bool { tooBig || noRoom || lineTooLong }

    /// Why the mail cannot be taken, if so.
    var refusal: SMTPReply? {
        if tooBig { return .tooBig }
        if noRoom { return .noRoom }
        if lineTooLong { return SMTPReply(554, "5.6.0 A line exceeds \(SMTPLimits.textLine) octets") }
        return nil
    }
}
