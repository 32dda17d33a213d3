/// The header fields at the start of a mail or of one of its parts; the first of each name.
struct MIMEHeaders {
    private var fields: [String: String] = [:]
    /// Where the body begins.
    let bodyStart: Int

    /// Beyond this the header section is not a header section.
    private static let maximumBytes = 256 << 10

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    init(_ bytes: ArraySlice<UInt8>) {
        var name = ""
        var position = bytes.startIndex
        let end = min(bytes.endIndex, bytes.startIndex + Self.maximumBytes)
        var value: [UInt8] = []
        while position < end {
            let lineEnd = bytes[position..<end].firstIndex(of: 10) ?? end
            var line = bytes[position..<lineEnd]
            position = min(lineEnd + 1, end)
            if line.last == 13 { line.removeLast() }
            if line.isEmpty { break }
            if line.first == 32 || line.first == 9 {
                value.append(contentsOf: line)
                continue
            }
            Self.keep(&fields, name, value)
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            name = colon < line.endIndex ? String(decoding: line[..<colon], as: UTF8.self).lowercased() : ""
            value = Array(line[min(colon + 1, line.endIndex)...])
        }
        Self.keep(&fields, name, value)
        bodyStart = position
    }

    subscript(name: String) -> String? { fields[name] }

    private static func keep(_ fields: inout [String: String], _ name: String, _ value: [UInt8]) {
        guard !name.isEmpty, fields[name] == nil, fields.count < 1000 else { return }
        let blanks: Set<UInt8> = [32, 9]
        let trimmed = value.drop { blanks.contains($0) }
        let last = trimmed.lastIndex { !blanks.contains($0) } ?? trimmed.startIndex - 1
        fields[name] = String(decoding: trimmed[..<(last + 1)], as: UTF8.self)
    }

    /// The media type in lower case, without parameters; `text/plain` when absent.
    var mediaType: String {
        let type = (fields["content-type"] ?? "").prefix { $0 != ";" }.lowercased()
        let trimmed = type.filter { !$0.isWhitespace }
        return trimmed.isEmpty ? "text/plain" : trimmed
    }

    /// A parameter of `Content-Type`, unquoted.
    func parameter(_ name: String) -> String? {
        for part in (fields["content-type"] ?? "").split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }).lowercased() == name else { continue }
            return String(pair[1].drop(while: \.isWhitespace).filter { $0 != "\"" })
        }
        return nil
    }
}
