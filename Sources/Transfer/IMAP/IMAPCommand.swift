/// One command as it goes on the wire, without tag and final CRLF (RFC 3501, 6).
struct IMAPCommand: Sendable, Equatable {
    /// For errors and logs: the words it was begun with, never its arguments.
    let name: String
    /// Each part but the last ends with a literal's announcement and CRLF; the next follows when the server says `+`.
    private(set) var parts: [[UInt8]]

    /// RFC 7162, 4 asks clients to keep lines below 8192 bytes; a quoted string should be far below that.
    private static let maximumQuoted = 1024

    /// - Parameter words: the protocol's own, not checked.
    init(_ words: String, name: String? = nil) {
        self.name = name ?? words
        parts = [Array(words.utf8)]
    }

    /// Appends a space and words of the protocol.
    mutating func add(_ words: String) { append(" ".utf8 + Array(words.utf8)) }

    /// Appends a space and a folder's name.
    mutating func add(mailbox name: String) throws(IMAPError) { try add(string: MailboxName.encode(name)) }

    /// Appends a space and a string: quoted, or as a literal where quoting does not do.
    /// - Throws: `.other` for a NUL, which IMAP cannot send.
    mutating func add(string: String) throws(IMAPError) {
        let bytes = Array(string.utf8)
        guard !bytes.contains(0) else { throw .invalid("a string with a NUL cannot be sent") }
        if bytes.count <= Self.maximumQuoted, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) {
            append(Array(" \"".utf8))
            append(bytes.flatMap { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") ? [0x5C, $0] : [$0] })
            append([UInt8(ascii: "\"")])
        } else {
            add(literal: bytes)
        }
    }

    /// Appends a space and a literal.
    mutating func add(literal bytes: [UInt8]) {
        append(Array(" {\(bytes.count)}\r\n".utf8))
        parts.append(bytes)
    }

    /// Appends a space and a set of UIDs: neighbours become ranges.
    /// - Parameter uids: ascending, not empty.
    mutating func add(uids: [UInt32]) {
        var ranges: [ClosedRange<UInt32>] = []
        for uid in uids {
            if let last = ranges.last, last.upperBound != .max, last.upperBound + 1 == uid {
                ranges[ranges.count - 1] = last.lowerBound...uid
            } else {
                ranges.append(uid...uid)
            }
        }
        let words = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }
        add(words.joined(separator: ","))
    }

    private mutating func append(_ bytes: [UInt8]) { parts[parts.count - 1] += bytes }
}
