/// Files within plain text, as programs before MIME sent them: `begin 644 name` to `end`.
enum Uuencoded {
    /// What stands between `begin` and `end`. Six bits a character from the space on; a line's first tells its bytes.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 3 / 4)
        var isInside = false
        for line in bytes.split(separator: 0x0A) {
            if !isInside {
                isInside = line.starts(with: Array("begin ".utf8))
                continue
            }
            if line.starts(with: Array("end".utf8)), line.count <= 4 { break }
            guard let first = line.first, first >= 0x20 else { continue }
            let end = result.count + Int((first - 0x20) & 0x3F)
            // Blanks that were lost at the end of a line are zeros.
            func bits(_ index: Int) -> UInt8 { index < line.endIndex ? (line[index] &- 0x20) & 0x3F : 0 }
            var at = line.startIndex + 1
            while result.count < end, at < line.endIndex {
                let (a, b, c, d) = (bits(at), bits(at + 1), bits(at + 2), bits(at + 3))
                result += [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
                at += 4
            }
            if result.count > end { result.removeLast(result.count - end) }
        }
        return result
    }

    /// The text without its files. What only looks like one stays.
    static func extract(from text: String) -> (text: String, files: [MailAttachment]) {
        guard text.utf8.starts(with: "begin ".utf8) || Array(text.utf8)[...].firstLine(startingWith: "begin ") != nil
        else {
            return (text, [])
        }
        let lines = text.lineSlices
        guard lines.contains(where: { $0.utf8.starts(with: "begin ".utf8) }) else { return (text, []) }
        var files: [MailAttachment] = []
        var kept: [Substring] = []
        var at = 0
        while at < lines.count {
            if let name = name(lines[at]), let end = end(of: lines, from: at + 1) {
                let content = decode(Array(lines[at...end].joined(separator: "\n").utf8)[...])
                files.append(MailAttachment(name: name, type: "application/octet-stream", content: content))
                at = end + 1
            } else {
                kept.append(lines[at])
                at += 1
            }
        }
        return files.isEmpty ? (text, []) : (kept.joined(separator: "\n"), files)
    }

    private static func name(_ line: Substring) -> String? {
        guard line.hasPrefix("begin ") else { return nil }
        let words = line.dropFirst(6).split(separator: " ", maxSplits: 1)
        guard words.count == 2, (3...4).contains(words[0].count), words[0].allSatisfy({ ("0"..."7").contains($0) })
        else { return nil }
        return words[1].trimmingSpaces
    }

    /// The line `end`, if all lines before it have the length that their first character says.
    private static func end(of lines: [Substring], from start: Int) -> Int? {
        var at = start
        while at < lines.count {
            let bytes = lines[at].utf8
            if lines[at] == "end" { return at > start ? at : nil }
            guard let first = bytes.first, (0x20...0x60).contains(first) else { return nil }
            let count = Int((first - 0x20) & 0x3F)
            // Some encoders leave out blanks at the end, some add a character.
            guard bytes.count <= (count + 2) / 3 * 4 + 2, bytes.count + 4 >= (count + 2) / 3 * 4 else { return nil }
            at += 1
        }
        return nil
    }
}
