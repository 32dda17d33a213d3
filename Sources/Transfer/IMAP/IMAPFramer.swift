/// One response as it came: its text, cut where a literal stood. `literals[i]` stands between `lines[i]` and
/// `lines[i + 1]`.
struct IMAPFrame: Sendable, Equatable {
    var lines: [[UInt8]] = []
    var literals: [[UInt8]] = []

    /// Bytes held, and something for each array.
    var weight: Int { lines.reduce(0) { $0 + $1.count + 32 } + literals.reduce(0) { $0 + $1.count + 32 } }
}

/// Cuts the stream of a server's bytes into responses (RFC 3501, 2.2 and 4.3). Literals go by their count alone: what a
/// mail holds is never looked at. The server is not trusted: every length has a bound.
struct IMAPFramer {
    /// Bytes of text in one response. A line of SEARCH is as long as the folder is large: this is two million messages.
    var textLimit = 16 << 20
    /// Bytes of all literals of one response.
    var literalLimit = IMAPFramer.smallLiteral

    /// Where no message is expected: names of folders at most.
    static let smallLiteral = 64 << 10

    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to here there is no line end.
    private var scanned = 0
    private var frame = IMAPFrame()
    private var textSize = 0
    private var literalSize = 0
    private var literal: [UInt8] = []
    private var missing: Int?

    mutating func append(_ bytes: [UInt8]) {
        if start == buffer.count {
            buffer = bytes
            start = 0
            scanned = 0
        } else {
            buffer += bytes
        }
    }

    /// - Returns: nil until a whole response has come.
    /// - Throws: `.protocolError`, `.tooLarge`. The stream is of no use then.
    mutating func next() throws(IMAPError) -> IMAPFrame? {
        while true {
            if missing != nil {
                guard takeLiteral() else { return nil }
            }
            guard let line = try takeLine() else { return nil }
            guard let size = Self.literalSize(at: line, first: frame.lines.first ?? line) else {
                frame.lines.append(line)
                defer {
                    frame = IMAPFrame()
                    textSize = 0
                    literalSize = 0
                }
                return frame
            }
            literalSize = size > literalLimit ? .max : literalSize + size
            guard literalSize <= literalLimit else {
                throw .tooLarge("the server announces a literal of \(size) bytes")
            }
            frame.lines.append(Array(line[..<(line.lastIndex(of: UInt8(ascii: "{")) ?? 0)]))
            literal = []
            // The announcement costs the server nothing; the memory comes with the bytes.
            literal.reserveCapacity(min(size, 1 << 20))
            missing = size
        }
    }

    private mutating func takeLiteral() -> Bool {
        guard let wanted = missing else { return true }
        let count = min(wanted, buffer.count - start)
        literal += buffer[start..<start + count]
        start += count
        scanned = start
        guard count == wanted else {
            missing = wanted - count
            return false
        }
        frame.literals.append(literal)
        literal = []
        missing = nil
        return true
    }

    private mutating func takeLine() throws(IMAPError) -> [UInt8]? {
        guard let end = buffer[scanned...].firstIndex(of: 0x0A) else {
            scanned = buffer.count
            guard textSize + scanned - start <= textLimit else {
                throw .tooLarge("the server sends a line without end")
            }
            compact()
            return nil
        }
        guard end > start, buffer[end - 1] == 0x0D else { throw .malformed("the server ends a line without CR") }
        let line = Array(buffer[start..<end - 1])
        start = end + 1
        scanned = start
        textSize += line.count
        guard textSize <= textLimit else { throw .tooLarge("the server sends too long a response") }
        guard !line.contains(where: { $0 == 0 || $0 == 0x0D }) else {
            throw .malformed("the server sends a line with a NUL or CR")
        }
        return line
    }

    private mutating func compact() {
        guard start > 1 << 16, start > buffer.count / 2 else { return }
        buffer.removeFirst(start)
        scanned -= start
        start = 0
    }

    /// The count of `{count}` at the line's end. A status' text is for people and may end so by chance: the end of a
    /// command, `+` and the untagged statuses never announce a literal.
    private static func literalSize(at line: [UInt8], first: [UInt8]) -> Int? {
        guard line.last == UInt8(ascii: "}"), first.starts(with: "* ".utf8),
            let open = line.lastIndex(of: UInt8(ascii: "{"))
        else { return nil }
        let word = String(decoding: first.dropFirst(2).prefix { $0 != 0x20 }, as: UTF8.self)
        guard IMAPStatus.Condition(rawValue: word.uppercased()) == nil else { return nil }
        let digits = line[(open + 1)...].dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self)) ?? .max
    }
}
