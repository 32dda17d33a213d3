/// text/plain as people read it.
enum PlainText {
    /// One line break for all kinds; without the characters that no text has.
    static func normalize(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var wasReturn = false
        // A mark of the byte order is no text.
        for byte in text.utf8.dropFirst(text.utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0) {
            if byte == 0x0D {
                result.append(0x0A)
            } else if byte == 0x0A {
                if !wasReturn { result.append(0x0A) }
            } else if byte >= 0x20 && byte != 0x7F || byte == 0x09 {
                result.append(byte)
            } else if byte == 0x0C || byte == 0x0B {
                result.append(0x0A)
            }
            wasReturn = byte == 0x0D
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `format=flowed` (RFC 3676, 4): lines that end in a space go on in the next one of the same quote depth.
    static func unflow(_ text: String, deletesSpace: Bool) -> String {
        var lines: [String] = []
        var depth = 0
        var paragraph = ""
        var isOpen = false
        func flush() {
            if isOpen { lines.append((depth > 0 ? String(repeating: ">", count: depth) + " " : "") + paragraph) }
            paragraph = ""
            isOpen = false
        }
        for line in text.lineSlices {
            let quotes = line.utf8.prefix { $0 == 0x3E }.count
            var content = line.utf8.dropFirst(quotes)
            if content.first == 0x20 { content = content.dropFirst() }
            let isSignature = content.elementsEqual("-- ".utf8)
            if isOpen, depth != quotes || isSignature { flush() }
            let flows = content.last == 0x20 && !isSignature
            if flows, deletesSpace { content = content.dropLast() }
            depth = quotes
            paragraph += Substring(content)
            isOpen = true
            if !flows { flush() }
        }
        flush()
        return lines.joined(separator: "\n")
    }
}
