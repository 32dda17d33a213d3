/// Cuts a mail into its entities (RFC 2046), in one pass over its lines.
///
/// GMime's own parser is not used for this: its time grows with fields times fields and with depth times lines, and it
/// calls itself once for each group in a list of addresses, so that a short hostile mail takes seconds or the whole stack.
/// What a field means is GMime's to say (`FieldReader`).
struct Entities {
    private(set) var parts: [Part] = []
    private(set) var defects: Set<String> = []

    private let bytes: ArraySlice<UInt8>
    private var at: Int
    private var open: [Open] = []
    /// Where a multipart's boundary stands in `open`.
    private var levels: [ArraySlice<UInt8>: Int] = [:]

    /// Boundaries that are used instead of those that the header declares, by where the content begins.
    private let corrected: [Int: ArraySlice<UInt8>]

    private struct Open {
        var part: Int
        /// Null for a message.
        var boundary: ArraySlice<UInt8>?
        /// The level that its boundary hides, if an outer multipart has the same.
        var hidden: Int?
    }

    init(_ bytes: ArraySlice<UInt8>) {
        self.init(bytes, corrected: [:])
        // A boundary that is missing or never occurs: the one that stands there is taken, if headers follow it.
        var found: [Int: ArraySlice<UInt8>] = [:]
        for part in parts where part.kind == .leaf && part.type.hasPrefix("multipart/") {
            found[part.body.startIndex] = Self.boundary(in: part.body)
        }
        if found.isEmpty { return }
        self.init(bytes, corrected: found)
        defects.insert("a multipart with another boundary than it says")
    }

    /// Of the first delimiter with a field `Content-…` behind it.
    private static func boundary(in body: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var at = body.startIndex
        for _ in 0..<200 where at < body.endIndex {
            if !body[at...].starts(with: [0x2D, 0x2D]) {
                guard let newline = body[at...].firstLine(startingWith: "--") else { return nil }
                at = newline + 1
            }
            guard let newline = body[at...].firstLineFeed else { return nil }
            let token = body[(at + 2)..<newline].trimmingTrailingBlanks
            at = newline + 1
            if (1...200).contains(token.count), body[at...].prefix(8).map(\.lowered) == Array("content-".utf8) {
                return token
            }
        }
        return nil
    }

    private init(_ bytes: ArraySlice<UInt8>, corrected: [Int: ArraySlice<UInt8>]) {
        self.corrected = corrected
        // Lines that a lone CR ends, as old Macintoshes wrote them.
        let isOld = bytes.firstLineFeed == nil && bytes.contains(0x0D)
        self.bytes = isOld ? bytes.map { $0 == 0x0D ? 0x0A : $0 }[...] : bytes
        at = self.bytes.startIndex
        skipEnvelopeLine()
        read()
    }

    /// mbox's `From ` line, and empty lines before the header.
    private mutating func skipEnvelopeLine() {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at += 3 }
        while at < bytes.endIndex, bytes[at] == 0x0A || bytes[at] == 0x0D { at += 1 }
        let (end, next) = lineEnd(at)
        let line = bytes[at..<end]
        // `From : a@b` is a field.
        if line.starts(with: Array("From ".utf8)) || line.starts(with: Array(">From ".utf8)),
            Self.colon(of: line) == nil
        {
            at = next
        }
    }

    private mutating func read() {
        var isEntity = true
        while isEntity {
            if parts.count >= Limits.parts {
                defects.insert("more than \(Limits.parts) parts: the rest is not read")
                break
            }
            let part = readHeader()
            if parts[part].kind == .message { continue }
            let isMultipart = parts[part].kind == .multipart
            isEntity = skipToNextEntity(leaf: isMultipart ? nil : part)
        }
        close(to: 0, at: bytes.endIndex)
    }

    /// The header at `at`, as a new part; `at` is then at its content.
    private mutating func readHeader() -> Int {
        let index = parts.count
        var part = Part()
        part.parent = open.last?.part
        let start = at
        let holder = part.parent.map { parts[$0] }
        if holder?.type == "multipart/digest" { part.type = "message/rfc822" }
        // Some put an empty line before an attached mail's header.
        while holder?.kind == .message, at < bytes.endIndex,
            bytes[at] == 0x0A || bytes[at...].starts(with: [0x0D, 0x0A])
        {
            let next = lineEnd(at).next
            guard next < bytes.endIndex, bytes[next] <= 0x0D || Self.colon(of: bytes[next..<lineEnd(next).end]) != nil
            else { break }
            at = next
        }
        part.header = fields()
        FieldReader.describe(&part, defects: &defects)
        let body = min(at, bytes.endIndex)
        part.body = bytes[body..<body]
        if let parent = part.parent {
            parts[parent].children.append(index)
            if parts[parent].kind == .message { parts[parent].body = bytes[start..<start] }
        }
        if part.type.hasPrefix("multipart/") {
            let boundary =
                corrected[body] ?? Array((part.parameters["boundary"] ?? "").utf8).trimmingTrailingBlanks
            if boundary.isEmpty {
                defects.insert("a multipart without a boundary")
            } else if open.count < Limits.depth {
                part.kind = .multipart
                open.append(Open(part: index, boundary: boundary, hidden: levels[boundary]))
                levels[boundary] = open.count - 1
            } else {
                defects.insert("parts more than \(Limits.depth) deep: the rest is not read")
            }
        } else if Self.messages.contains(part.type), !part.isEncoded {
            if open.count < Limits.depth {
                part.kind = .message
                open.append(Open(part: index, boundary: nil))
                if bytes[at...].starts(with: Array("From ".utf8)) { at = lineEnd(at).next }
            } else {
                defects.insert("messages more than \(Limits.depth) deep: the rest is not read")
            }
        }
        parts.append(part)
        return index
    }

    private static let messages: Set<String> = ["message/rfc822", "message/rfc2822", "message/global", "message/news"]

    /// Fields up to the empty line, or to the line that can be no field. `at` is then behind the empty line.
    private mutating func fields() -> [RawField] {
        var header: [RawField] = []
        var isOpen = false
        while at < bytes.endIndex {
            let (end, next) = lineEnd(at)
            let line = bytes[at..<end]
            if line.isEmpty {
                at = next
                return header
            }
            if line.first!.isBlank, isOpen {
                header[header.count - 1].value = bytes[header[header.count - 1].value.startIndex..<end]
            } else if line.allSatisfy(\.isBlank) {
                at = next
                return header
            } else if let colon = Self.colon(of: isOpen ? line : line.drop(while: \.isBlank)) {
                if header.count < Limits.fields {
                    let start = line[..<colon].drop(while: \.isBlank)
                    let name = String(decoding: start.trimmingTrailingBlanks, as: UTF8.self)
                    header.append(RawField(name: name, value: line[(colon + 1)...]))
                    isOpen = true
                } else {
                    defects.insert("more than \(Limits.fields) header fields")
                    isOpen = false
                }
            } else if level(of: line) != nil {
                defects.insert("a header that a boundary ends")
                return header
            } else {
                // A stray line among fields is passed over; where no field follows, the content has begun.
                defects.insert("a line in the header that is no field")
                guard !header.isEmpty, next < bytes.endIndex, Self.colon(of: bytes[next..<lineEnd(next).end]) != nil
                else { return header }
                isOpen = false
            }
            at = next
        }
        return header
    }

    /// Where the name of a field ends. RFC 5322, 3.6.8: printable ASCII without a colon.
    private static func colon(of line: ArraySlice<UInt8>) -> Int? {
        var index = line.startIndex
        while index < line.endIndex, (0x21...0x7E).contains(line[index]), line[index] != 0x3A { index += 1 }
        let end = index
        while index < line.endIndex, line[index].isBlank { index += 1 }
        return end > line.startIndex && end - line.startIndex < 200 && index < line.endIndex && line[index] == 0x3A
            ? index : nil
    }

    /// Goes behind the next delimiter of an open multipart. False at the end of the mail.
    private mutating func skipToNextEntity(leaf: Int?) -> Bool {
        var leaf = leaf
        while at < bytes.endIndex {
            // Lines without dashes are not looked at, and none without a multipart.
            if levels.isEmpty || !bytes[at...].starts(with: [0x2D, 0x2D]) {
                at =
                    levels.isEmpty
                    ? bytes.endIndex : bytes[at...].firstLine(startingWith: "--").map { $0 + 1 } ?? bytes.endIndex
                continue
            }
            let start = at
            let (end, next) = lineEnd(at)
            at = next
            guard end - start > 2, bytes[start] == 0x2D, bytes[start + 1] == 0x2D,
                let (level, isLast) = level(of: bytes[start..<end])
            else { continue }
            let contentEnd = beforeLineBreak(start)
            if let index = leaf {
                let first = parts[index].body.startIndex
                parts[index].body = bytes[first..<max(first, contentEnd)]
            }
            leaf = nil
            close(to: level + 1, at: contentEnd)
            if !isLast { return true }
            close(to: level, at: next)
        }
        if let leaf {
            parts[leaf].body = bytes[parts[leaf].body.startIndex..<bytes.endIndex]
            if !levels.isEmpty { defects.insert("a multipart that does not end") }
        }
        return false
    }

    /// Ends what is open from `level` on.
    private mutating func close(to level: Int, at end: Int) {
        while open.count > level, let last = open.popLast() {
            let start = parts[last.part].body.startIndex
            if let boundary = last.boundary {
                levels[boundary] = last.hidden
                // Announced, but without one delimiter: it is all text.
                guard parts[last.part].children.isEmpty else { continue }
                parts[last.part].kind = .leaf
                defects.insert("a multipart without parts")
            }
            parts[last.part].body = bytes[start..<max(start, min(end, bytes.endIndex))]
        }
    }

    /// Whose delimiter the line is, and whether it is the last one.
    private func level(of line: ArraySlice<UInt8>) -> (level: Int, isLast: Bool)? {
        guard !levels.isEmpty, line.starts(with: [0x2D, 0x2D]), line.count < 1_000 else { return nil }
        let text = line.dropFirst(2).trimmingTrailingBlanks
        if let level = levels[text] { return (level, false) }
        guard text.suffix(2).elementsEqual([0x2D, 0x2D]) else { return nil }
        return levels[text.dropLast(2)].map { ($0, true) }
    }

    /// Where the line that starts at `start` ends, and where the next one starts. LF, CRLF; a lone CR ends none.
    private func lineEnd(_ start: Int) -> (end: Int, next: Int) {
        let newline = bytes[start...].firstLineFeed
        guard let newline else { return (bytes.endIndex, bytes.endIndex) }
        return (newline > start && bytes[newline - 1] == 0x0D ? newline - 1 : newline, newline + 1)
    }

    /// The line break before a delimiter belongs to it (RFC 2046, 5.1.1).
    private func beforeLineBreak(_ start: Int) -> Int {
        guard start > bytes.startIndex, bytes[start - 1] == 0x0A else { return start }
        return start - 1 > bytes.startIndex && bytes[start - 2] == 0x0D ? start - 2 : start - 1
    }
}

extension Part {
    /// Base64, quoted-printable or uuencode.
    var isEncoded: Bool { TransferEncoding(encoding) != .none }
}
