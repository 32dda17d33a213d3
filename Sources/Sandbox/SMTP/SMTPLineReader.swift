import Foundation
import NIOCore

/// Takes lines out of a connection's buffer without ever holding more than one allowed line.
struct SMTPLineReader {
    enum Line {
        /// More input is needed.
        case incomplete
        /// A line without its ending.
        case line(ByteBuffer)
        /// A line beyond the limit; its content was thrown away.
        case tooLong
    }

    private var skipping = false

    /// - Parameters:
    ///   - limit: octets of a line with its ending.
    ///   - strict: whether only CRLF ends a line. It must in a mail's text: a bare LF taken for an ending is how mails
    ///     are smuggled.
    mutating func next(from buffer: inout ByteBuffer, limit: Int, strict: Bool) -> Line {
        guard let (length, ending) = Self.find(buffer, strict: strict) else {
            if buffer.readableBytes > limit || skipping { skip(&buffer) }
            return .incomplete
        }
        defer { buffer.moveReaderIndex(forwardBy: ending) }
        if skipping || length + ending > limit {
            skipping = false
            buffer.moveReaderIndex(forwardBy: length)
            return .tooLong
        }
        return .line(buffer.readSlice(length: length) ?? ByteBuffer())
    }

    /// Drops what can only belong to the long line; a CR may be half of its ending.
    private mutating func skip(_ buffer: inout ByteBuffer) {
        skipping = true
        let endsWithCR = buffer.readableBytesView.last == 13
        buffer.moveReaderIndex(forwardBy: buffer.readableBytes - (endsWithCR ? 1 : 0))
    }

    /// The length of the first line, and of its ending.
    private static func find(_ buffer: ByteBuffer, strict: Bool) -> (length: Int, ending: Int)? {
        buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var start = 0
            while start < bytes.count, let found = memchr(base + start, 10, bytes.count - start) {
                let index = UnsafeRawPointer(found) - base
                if index > 0, bytes[index - 1] == 13 { return (index - 1, 2) }
                if !strict { return (index, 1) }
                start = index + 1
            }
            return nil
        }
    }
}
