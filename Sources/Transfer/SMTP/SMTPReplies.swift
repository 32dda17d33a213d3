/// One whole reply of an SMTP server (RFC 5321, 4.2).
struct SMTPReply: Equatable {
    let code: Int
    /// The words of all lines, without control characters, joined by spaces; at most some 1000 bytes.
    let text: String

    var isPositive: Bool { (200..<300).contains(code) }
    var isRefusal: Bool { (400..<600).contains(code) }
}

/// Makes replies of bytes as they arrive. A line that belongs to no reply is passed over, as libcurl does.
struct SMTPReplies {
    /// Servers that say more in one reply are broken or hostile.
    static let maximumSize = 64 << 10
    private static let maximumText = 1000

    private var bytes: [UInt8] = []
    /// Up to here everything is taken.
    private var start = 0
    /// Of the reply under way.
    private var size = 0
    private var text: [UInt8] = []

    struct TooLarge: Error {}

    mutating func append(_ more: UnsafeRawBufferPointer) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole reply, if it is there.
    mutating func next() throws(TooLarge) -> SMTPReply? {
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            let line = start..<end
            start = end + 1
            size += line.count + 1
            guard size <= Self.maximumSize else { throw TooLarge() }
            guard let code = code(line) else { continue }
            let isLast = line.count < 4 || bytes[line.lowerBound + 3] != UInt8(ascii: "-")
            take(line.dropFirst(4))
            guard isLast else { continue }
            defer {
                text.removeAll(keepingCapacity: true)
                size = 0
            }
            return SMTPReply(code: code, text: String(decoding: text, as: UTF8.self))
        }
        guard size + bytes.count - start <= Self.maximumSize else { throw TooLarge() }
        return nil
    }

    private func code(_ line: Range<Int>) -> Int? {
        guard line.count >= 3 else { return nil }
        if line.count > 3, !" -\r".utf8.contains(bytes[line.lowerBound + 3]) { return nil }
        var code = 0
        for byte in bytes[line.lowerBound..<line.lowerBound + 3] {
            guard (0x30...0x39).contains(byte) else { return nil }
            code = code * 10 + Int(byte) - 0x30
        }
        return code
    }

    private mutating func take(_ words: Range<Int>) {
        guard text.count < Self.maximumText else { return }
        let before = text.count
        if before > 0 { text.append(0x20) }
        let bare = text.count
        for byte in bytes[words].prefix(Self.maximumText) where byte >= 0x20 && byte != 0x7F { text.append(byte) }
        if text.count == bare { text.removeLast(bare - before) }
    }
}
