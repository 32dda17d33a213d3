import Foundation
import HTTPTypes

/// The body of a form as browsers and programs post it: `application/x-www-form-urlencoded` (WHATWG URL, 5.1) or
/// `multipart/form-data` (RFC 7578).
///
/// Bounded: `most` parts, each with a header of 16 KiB, a boundary of 70 characters (RFC 2046, 5.1.1), and what the body itself may have in bytes. Time
/// grows with the body's length and nothing else.
struct FormBody: Equatable, Sendable {
    /// A part with a file name.
    struct File: Equatable, Sendable {
        var field: String
        var name: String
        /// As declared; `application/octet-stream` without.
        var type: String
        var content: [UInt8]
    }

    /// In order; a name may come more than once.
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var files: [File] = []

    static let most = 1000
    /// Of one part, in bytes, with its line ends: its parameters are read before anybody has proved who it is.
    static let header = 16 << 10

    /// The first value of that name.
    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    static func == (a: FormBody, b: FormBody) -> Bool {
        a.files == b.files && a.fields.elementsEqual(b.fields) { $0 == $1 }
    }

    /// Whether a body of this type is a form.
    static func isForm(_ type: String?) -> Bool {
        ["application/x-www-form-urlencoded", "multipart/form-data"].contains(media(type))
    }

    init(fields: [(name: String, value: String)], files: [File] = []) {
        self.fields = fields
        self.files = files
    }

    private static func media(_ type: String?) -> String? { type.map { $0.prefix { $0 != ";" }.trimmed.lowercased() } }

    /// - Parameter header: what a part's header may have; more for what we wrote ourselves.
    /// - Throws: `Problem`: 415 if it is no form, 400 if it breaks the form's grammar or is not UTF-8.
    init(_ body: [UInt8], type: String?, header: Int = FormBody.header) throws(Problem) {
        switch FormBody.media(type) {
        case "application/x-www-form-urlencoded": try readPairs(body)
        case "multipart/form-data":
            guard let boundary = FormBody.parameter("boundary", of: type ?? ""), (1...70).contains(boundary.utf8.count)
            else { throw .malformed("multipart/form-data without a boundary") }
            try readParts(body, boundary: Array(boundary.utf8), header: header)
        default: throw Problem(.unsupportedMediaType, "expected a form: urlencoded or multipart/form-data")
        }
    }

    /// The pairs of an urlencoded text, as a query is.
    init(urlencoded text: some StringProtocol) throws(Problem) { try readPairs(Array(text.utf8)) }

    private mutating func readPairs(_ body: [UInt8]) throws(Problem) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            guard fields.count < FormBody.most else {
                throw .malformed("the form has more than \(FormBody.most) fields")
            }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = FormBody.decoded(parts[0]), let value = FormBody.decoded(parts.count > 1 ? parts[1] : [])
            else { throw .malformed("the form is not UTF-8") }
            fields.append((name, value))
        }
    }

    /// `+` is a space; a percent sign that begins no `%XX` stands for itself.
    private static func decoded(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "%"), index + 2 < text.endIndex, let high = digit(text[index + 1]),
                let low = digit(text[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private mutating func readParts(_ body: [UInt8], boundary: [UInt8], header: Int) throws(Problem) {
        let delimiter = [0x2D, 0x2D] + boundary
        guard var position = FormBody.delimiter(delimiter, in: body, from: 0)?.upperBound else {
            throw .malformed("the form's boundary does not occur in it")
        }
        var parts = 0
        while true {
            // After the delimiter: `--` ends the form; else a line end, after spaces that some programs put there.
            if body[position...].starts(with: [0x2D, 0x2D]) { return }
            while position < body.count, body[position] == 0x20 || body[position] == 0x09 { position += 1 }
            guard let start = FormBody.afterLineEnd(body, at: position),
                let next = FormBody.delimiter(delimiter, in: body, from: start)
            else { throw .malformed("the form ends within a part") }
            try add(body[start..<next.lowerBound], header: header)
            parts += 1
            guard parts <= FormBody.most else { throw .malformed("the form has more than \(FormBody.most) parts") }
            position = next.upperBound
        }
    }

    /// The next delimiter that stands at the beginning of a line, with the line end before it. Lines are found by memchr.
    private static func delimiter(_ delimiter: [UInt8], in body: [UInt8], from start: Int) -> Range<Int>? {
        body.withUnsafeBytes { bytes -> Range<Int>? in
            guard let base = bytes.baseAddress else { return nil }
            func stands(at index: Int) -> Bool {
                index + delimiter.count <= bytes.count && memcmp(base + index, delimiter, delimiter.count) == 0
            }
            // The body's first line, or a part that is empty.
            if stands(at: start) { return start..<start + delimiter.count }
            var line = start
            while line < bytes.count, let feed = memchr(base + line, 0x0A, bytes.count - line) {
                line = UnsafeRawPointer(feed) - base + 1
                guard stands(at: line) else { continue }
                let hasReturn = line - 1 > start && bytes[line - 2] == 0x0D
                return line - (hasReturn ? 2 : 1)..<line + delimiter.count
            }
            return nil
        }
    }

    private static func afterLineEnd(_ body: [UInt8], at index: Int) -> Int? {
        let rest = body[index...]
        if rest.starts(with: [0x0D, 0x0A]) { return index + 2 }
        return rest.first == 0x0A ? index + 1 : nil
    }

    private mutating func add(_ part: ArraySlice<UInt8>, header most: Int) throws(Problem) {
        // The header ends with an empty line, which may be the part's first.
        var lines: [String] = []
        var rest = part
        var left = most
        while true {
            let end = rest.prefix(left).firstIndex(of: 0x0A)
            guard end != nil || rest.count <= left else {
                throw .malformed("a part of the form has a header of more than \(most) bytes")
            }
            left -= end.map { $0 + 1 - rest.startIndex } ?? rest.count
            let line = String(decoding: rest[..<(end ?? rest.endIndex)], as: UTF8.self).trimmed
            // RFC 2046 lets a body be empty with no empty line after its header.
            rest = end.map { rest[($0 + 1)...] } ?? []
            if !line.isEmpty { lines.append(line) }
            if end == nil || line.isEmpty { break }
            guard lines.count <= 50 else { throw .malformed("a part of the form has more than 50 header fields") }
        }
        func header(_ name: String) -> String? {
            lines.lazy.compactMap { line -> String? in
                guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")),
                    line[..<colon].trimmed.lowercased() == name
                else { return nil }
                return line[line.utf8.index(after: colon)...].trimmed
            }.first
        }
        guard let disposition = header("content-disposition"), let name = FormBody.parameter("name", of: disposition)
        else { throw .malformed("a part of the form has no name") }
        // RFC 7578, 4.2: `filename*` must not be used, and is; who writes it means it.
        if let file = FormBody.parameter("filename*", of: disposition)
            ?? FormBody.parameter("filename", of: disposition)
        {
            // A browser sends an empty part for a file that nobody chose.
            guard !file.isEmpty || !rest.isEmpty else { return }
            files.append(
                File(
                    field: name, name: file, type: header("content-type") ?? "application/octet-stream",
                    content: Array(rest)))
        } else {
            guard let text = String(validating: rest, as: UTF8.self) else {
                throw .malformed("a field of the form is not UTF-8")
            }
            fields.append((name, text))
        }
    }

    /// A parameter of a header field's value, out of its quotes. Browsers write `"` in a name as `%22`, and others as `\"`.
    /// Read as bytes: a letter may begin with an accent that would cling to the quote before it.
    static func parameter(_ name: String, of value: String) -> String? {
        var rest = value.utf8[...]
        while let semicolon = rest.firstIndex(of: UInt8(ascii: ";")) {
            rest = rest[semicolon...].dropFirst().drop(while: isBlank)
            guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ";") }),
                rest[end] == UInt8(ascii: "=")
            else { continue }
            let key = Substring(rest[..<end]).trimmed.lowercased()
            rest = rest[end...].dropFirst().drop(while: isBlank)
            var text: [UInt8] = []
            if rest.first == UInt8(ascii: "\"") {
                rest.removeFirst()
                while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                    let isEscape = byte == UInt8(ascii: "\\") && rest.first == UInt8(ascii: "\"")
                    text.append(isEscape ? rest.removeFirst() : byte)
                }
            } else {
                let word = rest.prefix { $0 != UInt8(ascii: ";") }
                text = Array(Substring(word).trimmed.utf8)
                rest = rest[word.endIndex...]
            }
            guard key == name else { continue }
            let decoded = String(decoding: text, as: UTF8.self)
            if key.hasSuffix("*") { return extended(decoded) }
            return decoded.replacingOccurrences(of: "%22", with: "\"").replacingOccurrences(of: "%0D%0A", with: "\n")
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// RFC 8187: `CHARSET'LANGUAGE'TEXT`. Nil if it is not, or its charset is not UTF-8.
    private static func extended(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return parts[2].removingPercentEncoding
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
