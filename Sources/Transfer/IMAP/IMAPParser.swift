/// Reads one response (RFC 3501, 9). Total: whatever the bytes, an answer or an `IMAPError`.
struct IMAPParser {
    private let frame: IMAPFrame
    /// Of the frame's lines.
    private var index = 0
    private var position = 0

    /// Lists within lists; the protocol's own go to a handful.
    private static let maximumDepth = 16

    static func parse(_ frame: IMAPFrame) throws(IMAPError) -> IMAPResponse {
        var parser = IMAPParser(frame: frame)
        return try parser.response()
    }

    private init(frame: IMAPFrame) { self.frame = frame }

    private mutating func response() throws(IMAPError) -> IMAPResponse {
        let tag = word()
        if tag == "+" { return .proceed }
        try space()
        guard tag == "*" else {
            guard !tag.isEmpty, let status = try status(word()) else { throw malformed }
            return .completion(tag: tag, status)
        }
        let name = word().uppercased()
        if let number = Int(name) {
            guard number >= 0 else { throw malformed }
            try space()
            return try numbered(word().uppercased(), number)
        }
        if let status = try status(name) { return .status(status) }
        switch name {
        case "CAPABILITY": return .capabilities(Set(try words().map { $0.uppercased() }))
        case "SEARCH": return .search(try search())
        case "LIST": return .list(try list())
        default: return .other(name)
        }
    }

    private mutating func numbered(_ name: String, _ number: Int) throws(IMAPError) -> IMAPResponse {
        switch name {
        case "EXISTS": return .exists(number)
        case "FETCH":
            try space()
            return .fetch(try fetched(number))
        default: return .other(name)
        }
    }

    private mutating func status(_ word: String) throws(IMAPError) -> IMAPStatus? {
        guard let condition = IMAPStatus.Condition(rawValue: word.uppercased()) else { return nil }
        var status = IMAPStatus(condition: condition)
        // `A1 OK` without text is not allowed, and said by some.
        guard take(" "), take("[") else { return status }
        let name = text(until: " ]").uppercased()
        guard !name.isEmpty else { return status }
        var code = IMAPCode(name: name)
        // Codes we do not know may hold anything up to the bracket, and their values do not matter.
        if ["UIDVALIDITY", "UIDNEXT", "PERMANENTFLAGS", "CAPABILITY"].contains(name) {
            while take(" ") { code.values.append(try value(inBrackets: true)) }
            guard take("]") else { throw malformed }
        }
        status.code = code
        return status
    }

    private mutating func search() throws(IMAPError) -> [UInt32] {
        var uids: [UInt32] = []
        while take(" ") {
            // `(MODSEQ n)` may end the list (RFC 7162); a space at its end is common.
            if peek == nil || peek == UInt8(ascii: "(") { break }
            guard let uid = number() else { throw malformed }
            uids.append(uid)
        }
        return uids
    }

    private mutating func list() throws(IMAPError) -> IMAPListed {
        try space()
        guard case .list(let attributes) = try value() else { throw malformed }
        try space()
        let delimiter = try value().text
        try space()
        let name: [UInt8]
        switch try value() {
        case .atom(let text): name = Array(text.utf8)
        case .string(let bytes): name = bytes
        case .null: name = Array("NIL".utf8)
        case .list: throw malformed
        }
        return IMAPListed(
            attributes: Set(attributes.compactMap { $0.text?.uppercased() }), delimiter: delimiter,
            name: MailboxName.decode(name))
    }

    // MARK: FETCH

    private mutating func fetched(_ number: Int) throws(IMAPError) -> IMAPFetched {
        guard take("(") else { throw malformed }
        var fetched = IMAPFetched(number: number)
        while !take(")") {
            _ = take(" ")
            let name = try fetchName()
            try space()
            let value = try value()
            switch name {
            case "UID": fetched.uid = value.number
            case "RFC822.SIZE": fetched.size = value.text.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
            case "INTERNALDATE": fetched.internalDate = value.text.flatMap(IMAPDate.seconds)
            case "FLAGS":
                guard case .list(let flags) = value else { throw malformed }
                fetched.flags = flags.compactMap(\.text)
            case "BODY[]", "BODY[]<0>":
                switch value {
                case .string(let bytes): fetched.body = .some(bytes)
                case .null: fetched.body = .some(nil)
                case .atom, .list: throw malformed
                }
            default: break
            }
        }
        return fetched
    }

    /// `FLAGS`, `BODY[]<0>`, `BODY[HEADER.FIELDS (SUBJECT)]`: brackets may hold spaces.
    private mutating func fetchName() throws(IMAPError) -> String {
        var name = text(until: " [()")
        if peek == UInt8(ascii: "[") {
            name += text(until: "]")
            guard take("]") else { throw malformed }
            name += "]" + text(until: " ()")
        }
        guard !name.isEmpty else { throw malformed }
        return name.uppercased()
    }

    // MARK: Values

    private mutating func value(depth: Int = 0, inBrackets: Bool = false) throws(IMAPError) -> IMAPValue {
        guard let byte = peek else {
            guard index < frame.literals.count else { throw malformed }
            defer { index += 1; position = 0 }
            return .string(frame.literals[index])
        }
        switch byte {
        case UInt8(ascii: "\""): return .string(try quoted())
        case UInt8(ascii: "("):
            guard depth < Self.maximumDepth else { throw .tooLarge("the server nests lists too deeply") }
            position += 1
            var members: [IMAPValue] = []
            while !take(")") {
                // RFC 3501 has lists without spaces too: those of addresses.
                _ = take(" ")
                if peek == UInt8(ascii: ")") { continue }
                members.append(try value(depth: depth + 1))
            }
            return .list(members)
        default:
            let text = text(until: inBrackets ? " ()\"]" : " ()\"")
            guard !text.isEmpty else { throw malformed }
            return text.uppercased() == "NIL" ? .null : .atom(text)
        }
    }

    private mutating func quoted() throws(IMAPError) -> [UInt8] {
        position += 1
        var bytes: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return bytes
            case UInt8(ascii: "\\"):
                guard let next = peek else { throw malformed }
                position += 1
                bytes.append(next)
            default: bytes.append(byte)
            }
        }
        throw malformed
    }

    private mutating func words() throws(IMAPError) -> [String] {
        var words: [String] = []
        while take(" ") {
            let next = word()
            if !next.isEmpty { words.append(next) }
        }
        return words
    }

    private mutating func number() -> UInt32? { UInt32(word()) }

    private mutating func word() -> String { text(until: " ") }

    /// Bytes that are not UTF-8 become U+FFFD, which is equal to nothing the protocol knows.
    private mutating func text(until ends: StaticString) -> String {
        let line = frame.lines[index]
        let from = position
        ends.withUTF8Buffer { ends in
            while position < line.count, !ends.contains(line[position]) { position += 1 }
        }
        return String(decoding: line[from..<position], as: UTF8.self)
    }

    private var peek: UInt8? {
        let line = frame.lines[index]
        return position < line.count ? line[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func space() throws(IMAPError) {
        guard take(" ") else { throw malformed }
    }

    private var malformed: IMAPError { .malformed("the server's response does not follow RFC 3501") }
}

/// `"17-Jul-1996 02:44:25 -0700"`, RFC 3501's date-time.
enum IMAPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Seconds since 1970-01-01T00:00:00Z; nil for anything else.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard text.utf8.count <= 40, parts.count == 3 else { return nil }
        let day = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        let time = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { digits($0) ?? -1 }
        guard day.count == 3, let date = digits(day[0]), (1...31).contains(date),
            let month = months.firstIndex(of: day[1].lowercased()), let year = digits(day[2]),
            (1900...9999).contains(year), time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]),
            (0...60).contains(time[2]), parts[2].utf8.count == 5, let zone = digits(parts[2].dropFirst()),
            zone <= 2359, zone % 100 < 60, let sign = ["+": 1, "-": -1][parts[2].prefix(1)]
        else { return nil }
        let offset = sign * (zone / 100 * 3600 + zone % 100 * 60)
        let second = time[0] * 3600 + time[1] * 60 + time[2]
        return Int64(days(year, month + 1, date) * 86_400 + second - offset)
    }

    private static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    /// Days since 1970-01-01 in the Gregorian calendar; years begin in March here, so that the leap day comes last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
