/// Splits a mail's text into what is new, what is quoted and the signature, line by line: no line is lost.
///
/// What decides, in this order: `>` before a line; what mail programs write above a quotation (`Introduction`); `-- ` and
/// what programs and offices put at the end (`SignatureReader`). In doubt a line is new. Linear in the text.
struct QuotationReader {
    enum Mark { case fresh, quoted, signature }

    private let lines: [Line]
    private var marks: [Mark]

    static func read(_ text: String) -> MailReading {
        var reader = QuotationReader(text)
        reader.mark()
        return reader.reading
    }

    private init(_ text: String) {
        lines = text.lines(most: Limits.lines).map(Line.init)
        marks = lines.map { $0.isQuoted ? .quoted : .fresh }
    }

    private mutating func mark() {
        var start = markQuotations(from: 0)
        // Nothing of the sender's own before what is passed on: then that is what she says. A mail passed on twice is
        // opened twice.
        var rounds = 0
        while let content = start, rounds < 5, !marks[..<content].contains(.fresh), hasText(from: content) {
            for index in content..<lines.count where !lines[index].isQuoted { marks[index] = .fresh }
            start = markQuotations(from: content)
            rounds += 1
        }
        if !hasFreshText { freeContent() }
        freeMarkedLines()
    }

    /// `>` stands before lines of one's own too: prices, a cited rule, `>>> URGENTE <<<`. They are a few in one place, no
    /// mail is announced above, and the text goes on below.
    private mutating func freeMarkedLines() {
        guard let first = lines.firstIndex(where: \.isQuoted) else { return }
        let end = lines[first...].firstIndex { !$0.isQuoted } ?? lines.count
        guard end - first <= 4,
            !lines.indices.contains(where: { marks[$0] == .quoted && !lines[$0].isBlank && !(first..<end).contains($0) }
            ),
            hasFreshText(before: lines.count, from: end)
        else { return }
        let isShout = lines[end - 1].last == 0x3C
        guard let above = lines[..<first].lastIndex(where: { !$0.isBlank }) else {
            if isShout { free(first..<end) }
            return
        }
        let line = lines[above]
        // What is asked is answered below, and stands behind a greeting. Marks set twice are two mails'.
        let isAnswered = lines[end - 1].last == 0x3F || line.last == 0x2C
        let isNested = lines[first..<end].contains { $0.text.utf8.filter { !$0.isBlank }.dropFirst().first == 0x3E }
        let isAnnounced = line.text.utf8.prefix(500).contains(0x40) || HeaderBlock.hasHourIn(line.bare)
        let isPartOfText = line.last == 0x3A || above == first - 1 && end < lines.count && !lines[end].isBlank
        if isShout || !isAnswered && !isNested && !isAnnounced && isPartOfText { free(first..<end) }
    }

    private mutating func free(_ range: Range<Int>) {
        for index in range { marks[index] = .fresh }
    }

    /// - Returns: where the text begins that a strong introduction makes a quotation, if there was one.
    private mutating func markQuotations(from first: Int) -> Int? {
        var index = first
        var cut: Int?
        while index < lines.count {
            guard !lines[index].isQuoted, !lines[index].isBlank,
                let introduction = Introduction.find(in: lines, at: index)
            else {
                index += 1
                continue
            }
            let next = lines[introduction.end...].firstIndex { !$0.isBlank }
            if let next, lines[next].isQuoted {
                for line in index..<introduction.end { marks[line] = .quoted }
                index = introduction.end
            } else if introduction.isStrong {
                for line in index..<lines.count { marks[line] = .quoted }
                cut = introduction.end
                break
            } else {
                index += 1
            }
        }
        SignatureReader.mark(lines, &marks, from: first)
        // Blank lines are nobody's text: for the question whether anything is new they do not count.
        for line in first..<lines.count
        where lines[line].isBlank && marks[line] == .fresh && cut.map({ line < $0 }) ?? false
            && !hasFreshText(before: cut ?? 0, from: first)
        { marks[line] = .quoted }
        return cut
    }

    private func hasFreshText(before end: Int, from start: Int) -> Bool {
        (start..<end).contains { marks[$0] == .fresh && !lines[$0].isBlank }
    }

    private func hasText(from start: Int) -> Bool { lines[start...].contains { !$0.isBlank } }

    private var hasFreshText: Bool { hasFreshText(before: lines.count, from: 0) }

    /// A mail that is all quotation or all signature: its content is new.
    private mutating func freeContent() {
        let from: Mark = lines.indices.contains { marks[$0] == .quoted && lines[$0].isQuoted } ? .quoted : .signature
        for index in lines.indices where marks[index] == from && (from == .signature || lines[index].isQuoted) {
            marks[index] = .fresh
        }
        if !hasFreshText { for index in lines.indices { marks[index] = .fresh } }
    }

    private var reading: MailReading {
        MailReading(fresh: join(.fresh), quoted: join(.quoted), signature: join(.signature))
    }

    private func join(_ mark: Mark) -> String {
        var bytes: [UInt8] = []
        for index in lines.indices where marks[index] == mark {
            bytes += lines[index].text.utf8
            bytes.append(0x0A)
        }
        return String(decoding: bytes, as: UTF8.self).trimmingLineEnds
    }
}

/// One line, with what is asked of it most.
struct Line {
    let text: Substring
    let isBlank: Bool
    /// `>` stands before it, with no more than three blanks.
    let isQuoted: Bool
    /// The first and last byte that is no blank; 0 if there is none.
    let first: UInt8
    let last: UInt8

    init(_ text: Substring) {
        self.text = text
        first = text.utf8.first { !$0.isSpace } ?? 0
        last = text.utf8.last { !$0.isSpace } ?? 0
        let start = text.utf8.prefix(4).drop { $0.isBlank }
        isQuoted = start.first == 0x3E
        isBlank = first == 0
    }

    /// Without blanks and the asterisks that plain text sets for bold letters; at most 600 bytes.
    var bare: String {
        String(decoding: text.utf8.prefix(600).filter { $0 != 0x2A }, as: UTF8.self).trimmingSpaces
    }
}

extension String {
    /// Split at line feeds, by bytes.
    var lineSlices: [Substring] { lines(most: .max) }

    /// The last one holds the rest.
    func lines(most: Int) -> [Substring] {
        utf8.split(separator: 0x0A, maxSplits: most - 1, omittingEmptySubsequences: false).map { Substring($0) }
    }
}
