import CMail

/// What the fields that describe an entity say (RFC 2045, 2183, 2231), read by GMime.
enum FieldReader {
    /// Sets type, parameters, disposition, name, encoding and id from the header.
    static func describe(_ part: inout Part, defects: inout Set<String>) {
        if let value = part.header.first("Content-Type"), !EncodedWords.unfold(value.prefix(8)).isEmpty {
            let (type, parameters) = read(value, isType: true)
            if let type, type.contains("/") { part.type = type }
            part.isTyped = true
            part.parameters = parameters
        }
        if let value = part.header.first("Content-Disposition") {
            let (disposition, parameters) = read(value, isType: false)
            part.disposition = disposition
            part.name = parameters["filename"] ?? parameters["name"]
        }
        part.name = (part.name ?? part.parameters["name"] ?? part.parameters["filename"]).flatMap(cleanName)
        part.encoding = part.header.first("Content-Transfer-Encoding").map(token) ?? ""
        part.contentID = part.header.first("Content-ID").flatMap { MessageIDs.read($0).first }
    }

    /// The value and its parameters, names in lower case.
    static func read(_ raw: ArraySlice<UInt8>, isType: Bool) -> (value: String?, parameters: [String: String]) {
        final class Found {
            var value: String?
            var parameters: [String: String] = [:]
        }
        let text = Charset.decode(EncodedWords.unfold(raw.prefix(Limits.parameters))[...], label: nil)
        let found = Found()
        withExtendedLifetime(found) {
            cmail_parameters(text.utf8.cString, isType ? 1 : 0, Unmanaged.passUnretained(found).toOpaque()) {
                let found = Unmanaged<Found>.fromOpaque($0!).takeUnretainedValue()
                guard let value = $2.map({ String(cString: $0) }) else { return }
                guard let name = $1 else { return found.value = value.lowercased() }
                let key = String(cString: name).lowercased()
                if found.parameters[key] == nil { found.parameters[key] = value }
            }
        }
        // What GMime gives up on for a missing semicolon or quote is looked for by its name.
        for key in ["boundary", "charset", "name", "filename"] where found.parameters[key] == nil {
            found.parameters[key] = crude(key, in: text)
        }
        if var boundary = found.parameters["boundary"], boundary.hasPrefix("\"") {
            boundary.removeFirst()
            found.parameters["boundary"] = boundary
        }
        // GMime calls a type of one word application/octet-stream.
        let written = text.prefix { $0 != ";" && !$0.isWhitespace && $0 != "," }.lowercased()
        if isType, found.value == "application/octet-stream", !written.hasPrefix("application") {
            found.value =
                ["text": "text/plain", "html": "text/html"][written]
                ?? (written.contains("/") ? "application/octet-stream" : "text/plain")
        }
        return (found.value, found.parameters)
    }

    /// `key=value` anywhere behind the type.
    private static func crude(_ key: String, in text: String) -> String? {
        let bytes = Array(text.utf8)
        let pattern = Array((key + "=").utf8)
        guard bytes.count > pattern.count else { return nil }
        for start in 1..<(bytes.count - pattern.count + 1) {
            let before = bytes[start - 1]
            guard before == 0x3B || before.isSpace || before == 0x22 else { continue }
            guard bytes[start..<(start + pattern.count)].map(\.lowered) == pattern else { continue }
            var rest = bytes[(start + pattern.count)...]
            let isQuoted = rest.first == 0x22
            if isQuoted { rest = rest.dropFirst() }
            let value = rest.prefix { isQuoted ? $0 != 0x22 : $0 != 0x3B && !$0.isSpace }
            return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    /// Without folders, control characters and encoded words that are still there.
    private static func cleanName(_ name: String) -> String? {
        var name = name
        if name.contains("=?") { name = EncodedWords.decode(Array(name.utf8)[...]) }
        name = String(String.UnicodeScalarView(name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        name = name.withFewMarks.trimmingSpaces
        return name.isEmpty ? nil : name
    }

    /// The first word, in lower case, without a comment or a semicolon.
    private static func token(_ raw: ArraySlice<UInt8>) -> String {
        let text = String(decoding: EncodedWords.unfold(raw.prefix(200)), as: UTF8.self).lowercased()
        let word = text.prefix { $0 != ";" && $0 != "(" }.trimmingSpaces
        return word.trimmingCharacters { $0 == "\"" || $0 == "'" }
    }
}

extension StringProtocol {
    var trimmingSpaces: String { trimmingCharacters(\.isWhitespace) }

    func trimmingCharacters(_ unwanted: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !unwanted($0) }), let last = lastIndex(where: { !unwanted($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
