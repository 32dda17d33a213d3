/// Lines of text as they come from markup: blanks run together, empty lines are not doubled, quotations carry `> `.
struct TextLines {
    var quoteDepth = 0

    private var done = ""
    private var line = ""
    /// A blank stands between what is there and what comes.
    private var hasBlank = false
    private var hasCell = false
    /// Empty lines that are owed before the next one with text.
    private var emptyLines = 0
    private var lastDepth = 0

    mutating func append(_ text: String) {
        guard !text.isEmpty else { return }
        if hasCell, !line.isEmpty, line != "| " {
            line += " | "
        } else if hasBlank, !line.isEmpty, line.last != " " {
            line += " "
        }
        hasCell = false
        hasBlank = false
        line += text
    }

    mutating func appendCollapsed(_ text: String) {
        var word: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        var pending: UInt8?
        func isBreak(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        while let byte = pending ?? bytes.next() {
            pending = nil
            var isBlank = isBreak(byte)
            // No-break space, soft hyphen (dropped), and the invisible ones that newsletters pad with.
            if byte == 0xC2 {
                let next = bytes.next()
                if next == 0xA0 {
                    isBlank = true
                } else if next == 0xAD {
                    continue
                } else {
                    word.append(byte)
                    pending = next
                    if pending == nil { break }
                    continue
                }
            }
            if isBlank {
                if !word.isEmpty { append(String(decoding: word, as: UTF8.self)) }
                word = []
                hasBlank = true
            } else {
                word.append(byte)
            }
        }
        if !word.isEmpty { append(String(decoding: word, as: UTF8.self)) }
    }

    /// As it stands, with its line breaks.
    mutating func appendLines(_ text: String) {
        for (index, part) in text.lineSlices.enumerated() {
            if index > 0 { breakLine() }
            line += part
        }
    }

    mutating func separateCell() { hasCell = true }

    /// Ends the line, an empty one too.
    mutating func breakLine() {
        if line.isEmpty { emptyLines = min(emptyLines + 1, 2) } else { flush() }
        hasBlank = false
        hasCell = false
    }

    /// Ends the line if there is one.
    mutating func endLine() {
        // A paragraph of nothing but a no-break space is an empty line.
        if !line.isEmpty { flush() } else if hasBlank, emptyLines == 0, !done.isEmpty { emptyLines = 0 }
        hasBlank = false
        hasCell = false
    }

    mutating func endParagraph() {
        endLine()
        emptyLines = max(emptyLines, 1)
    }

    mutating func finish() -> String {
        endLine()
        return done
    }

    private mutating func flush() {
        let prefix = quoteDepth > 0 ? String(repeating: "> ", count: min(quoteDepth, 20)) : ""
        if !done.isEmpty {
            for _ in 0..<emptyLines {
                let depth = min(quoteDepth, lastDepth, 20)
                done += depth > 0 ? String(repeating: ">", count: depth) + "\n" : "\n"
            }
        }
        emptyLines = 0
        lastDepth = quoteDepth
        while line.last == " " { line.removeLast() }
        done += prefix + line + "\n"
        line = ""
    }
}
