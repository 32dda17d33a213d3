import Foundation
import HTTPTypes
import Hummingbird

/// The body of a form as browsers and programs post it: `application/x-www-form-urlencoded` (WHATWG URL, 5.1) or
/// `multipart/form-data` (RFC 7578).
///
/// Bounded: `most` parts, a boundary of 70 characters (RFC 2046, 5.1.1), and what the body itself may have in bytes.
struct FormBody: Equatable {
    /// A part with a file name.
    struct File: Equatable {
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

    /// The first value of that name.
    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    static func == (a: FormBody, b: FormBody) -> Bool {
        a.files == b.files && a.fields.elementsEqual(b.fields) { $0 == $1 }
    }

    /// Whether a body of this type is a form.
    static func isForm(_ type: String?) -> Bool {
        let media = type.map { $0.prefix { $0 != ";" }.trimmed.lowercased() }
        return media == "application/x-www-form-urlencoded" || media == "multipart/form-data"
    }

    init(fields: [(name: String, value: String)], files: [File] = []) {
        self.fields = fields
        self.files = files
    }

    /// - Throws: `Problem`: 415 if it is no form, 400 if it breaks the form's grammar or is not UTF-8.
    init(_ body: [UInt8], type: String?) throws(Problem) {
        let media = type.map { $0.prefix { $0 != ";" }.trimmed.lowercased() }
        switch media {
        case "application/x-www-form-urlencoded": try readPairs(body)
        case "multipart/form-data":
            guard let boundary = FormBody.parameter("boundary", of: type ?? ""), (1...70).contains(boundary.utf8.count)
            else { throw .malformed("multipart/form-data without a boundary") }
            try readParts(body, boundary: Array(boundary.utf8))
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

    private mutating func readParts(_ body: [UInt8], boundary: [UInt8]) throws(Problem) {
        let delimiter = Data([0x2D, 0x2D] + boundary)
        let data = Data(body)
        guard var position = FormBody.delimiter(delimiter, in: data, from: 0)?.upperBound else {
            throw .malformed("the form's boundary does not occur in it")
        }
        while true {
            // After the delimiter: `--` ends the form; else a line end, after spaces that some programs put there.
            if data.dropFirst(position).starts(with: [0x2D, 0x2D]) { return }
            while position < data.count, data[position] == 0x20 || data[position] == 0x09 { position += 1 }
            guard let start = FormBody.afterLineEnd(data, at: position),
                let next = FormBody.delimiter(delimiter, in: data, from: start)
            else { throw .malformed("the form ends within a part") }
            try add(data[start..<next.lowerBound])
            guard fields.count + files.count <= FormBody.most else {
                throw .malformed("the form has more than \(FormBody.most) parts")
            }
            position = next.upperBound
        }
    }

    /// The next delimiter that stands at the beginning of a line, with the line end before it.
    private static func delimiter(_ delimiter: Data, in data: Data, from start: Int) -> Range<Int>? {
        var from = start
        while let found = data.range(of: delimiter, in: from..<data.count) {
            if found.lowerBound == 0 { return found }
            if found.lowerBound > start, data[found.lowerBound - 1] == 0x0A {
                let hasReturn = found.lowerBound - 1 > start && data[found.lowerBound - 2] == 0x0D
                return found.lowerBound - (hasReturn ? 2 : 1)..<found.upperBound
            }
            // An empty part, or the delimiter that begins the data.
            if found.lowerBound == start { return found }
            from = found.lowerBound + 1
        }
        return nil
    }

    private static func afterLineEnd(_ data: Data, at index: Int) -> Int? {
        let rest = data.dropFirst(index)
        if rest.starts(with: [0x0D, 0x0A]) { return index + 2 }
        return rest.first == 0x0A ? index + 1 : nil
    }

    private mutating func add(_ part: Data) throws(Problem) {
        // The header ends with an empty line, which may be the part's first.
        let part = Array(part)
        var lines: [String] = []
        var index = 0
        while true {
            guard let end = part[index...].firstIndex(of: 0x0A) else {
                // RFC 2046 lets a body be empty with no empty line after its header.
                lines.append(String(decoding: part[index...], as: UTF8.self).trimmed)
                index = part.count
                break
            }
            let line = String(decoding: part[index..<end], as: UTF8.self).trimmed
            index = end + 1
            if line.isEmpty { break }
            lines.append(line)
            guard lines.count <= 50 else { throw .malformed("a part of the form has more than 50 header fields") }
        }
        func header(_ name: String) -> String? {
            lines.lazy.compactMap { line -> String? in
                guard let colon = line.firstIndex(of: ":"), line[..<colon].trimmed.lowercased() == name else {
                    return nil
                }
                return line[line.index(after: colon)...].trimmed
            }.first
        }
        guard let disposition = header("content-disposition"), let name = FormBody.parameter("name", of: disposition)
        else { throw .malformed("a part of the form has no name") }
        let content = Array(part[index...])
        // RFC 7578, 4.2: `filename*` must not be used, and is.
        if let file = FormBody.parameter("filename", of: disposition)
            ?? FormBody.parameter("filename*", of: disposition)
        {
            // A browser sends an empty part for a file that nobody chose.
            guard !file.isEmpty || !content.isEmpty else { return }
            files.append(
                File(
                    field: name, name: file, type: header("content-type") ?? "application/octet-stream",
                    content: content))
        } else {
            guard let text = String(validating: content, as: UTF8.self) else {
                throw .malformed("a field of the form is not UTF-8")
            }
            fields.append((name, text))
        }
    }

    /// A parameter of a header field's value, out of its quotes. Browsers write `"` in a name as `%22`, and others as `\"`.
    static func parameter(_ name: String, of value: String) -> String? {
        var rest = Substring(value)
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0.isWhitespace }
            guard let equals = rest.firstIndex(where: { $0 == "=" || $0 == ";" }), rest[equals] == "=" else { continue }
            let key = rest[..<equals].trimmed.lowercased()
            rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            var text = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    text.append(character == "\\" && rest.first == "\"" ? rest.removeFirst() : character)
                }
            } else {
                text = rest.prefix { $0 != ";" }.trimmed
            }
            guard key == name else { continue }
            if key.hasSuffix("*") { return text.split(separator: "'", maxSplits: 2).last?.removingPercentEncoding }
            return text.replacingOccurrences(of: "%22", with: "\"").replacingOccurrences(of: "%0D%0A", with: "\n")
        }
        return nil
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
