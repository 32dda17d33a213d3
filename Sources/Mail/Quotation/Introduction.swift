/// What a mail program writes above a quotation: `Il giorno … ha scritto:`, `-----Messaggio originale-----`, a block of
/// `Da: Inviato: A: Oggetto:`.
struct Introduction {
    /// The line behind it.
    var end: Int
    /// So clear that what follows is a quotation though no `>` stands before it.
    var isStrong: Bool

    static func find(in lines: [Line], at index: Int) -> Introduction? {
        let line = lines[index]
        // Most lines are none: a quick look spares the rest.
        guard line.text.utf8.count < 500 else { return nil }
        // A rule begins with a dash or a letter that may be one, an announcement ends in a colon.
        let mayRule = !(0x30...0x7D).contains(line.first) || line.first == 0x3D || line.first == 0x5F
        if mayRule || line.last == 0x3A, let separator = separator(lines, index) { return separator }
        if let block = HeaderBlock.find(in: lines, at: index), block.isStrong {
            return Introduction(end: block.end, isStrong: true)
        }
        return attribution(lines, index)
    }

    /// A line of dashes with words in it, or one of underscores above a header block.
    private static func separator(_ lines: [Line], _ index: Int) -> Introduction? {
        let bare = lines[index].bare
        let words = bare.trimmingCharacters { $0.isWhitespace || dashes.contains($0) }
        let isRuled = bare.first.map(dashes.contains) ?? false
        let next = lines[(index + 1)...].prefix(4).firstIndex { !$0.isBlank }
        if isRuled, words.isEmpty {
            // A rule alone means nothing; above a header block it belongs to it.
            guard bare.utf8.count >= 3, let next, let block = HeaderBlock.find(in: lines, at: next) else { return nil }
            return Introduction(end: block.end, isStrong: true)
        }
        let lower = words.lowercased()
        let isNamed =
            isRuled && bare.utf8.count >= words.utf8.count + 4
            ? Phrases.separators.contains { lower.hasPrefix($0) } : Phrases.announcements.contains(lower)
        if isNamed {
            if let next, let block = HeaderBlock.find(in: lines, at: next) {
                return Introduction(end: block.end, isStrong: true)
            }
            // `Original Message`, then `On … wrote:`.
            if let next, let attribution = attribution(lines, next) {
                return Introduction(end: attribution.end, isStrong: true)
            }
            // With nothing above and no header below, somebody shows the line itself.
            guard lines[max(0, index - 20)..<index].contains(where: { !$0.isBlank }) else { return nil }
            return Introduction(end: index + 1, isStrong: true)
        }
        // `---- Il mar, 3 mar … ha scritto ----`
        if isRuled, bare.last.map(dashes.contains) ?? false, hasVerb(lower), lower.contains(where: \.isNumber) {
            return Introduction(end: index + 1, isStrong: true)
        }
        return nil
    }

    private static let dashes: Set<Character> = ["-", "_", "=", "‐", "‑", "–", "—", "―", "*", "#", "~"]

    /// `On …, X wrote:` in one to four lines.
    private static func attribution(_ lines: [Line], _ index: Int) -> Introduction? {
        if startsQuotation(lines[index]) { return Introduction(end: index + 1, isStrong: true) }
        // An ASCII colon, or the last byte of a wide one.
        guard lines[index...].prefix(4).contains(where: { $0.last == 0x3A || $0.last == 0x9A }) else { return nil }
        var joined = ""
        for count in 1...4 {
            let at = index + count - 1
            guard at < lines.count, !lines[at].isBlank, !lines[at].isQuoted else { return nil }
            joined += (count > 1 ? " " : "") + (count == 1 ? unruled(lines[at].bare) : lines[at].bare)
            guard joined.utf8.count < 500 else { return nil }
            guard let last = joined.last, last == ":" || last == "：" else { continue }
            // What stands above it without an empty line between is not part of it.
            if count > 1, !opens(lines[index].bare), (index + 1...at).contains(where: { opens(lines[$0].bare) }) {
                return nil
            }
            let isFirst = index == 0 || lines[index - 1].isBlank || lines[index - 1].isQuoted
            if let strength = judge(joined, isParagraph: isFirst) {
                // A sentence of the sender's own looks the same but for the address: in the first line of all it is one,
                // and where it names no hour or calls the writer by an article.
                let isSure = joined.contains("@") || index > 0 && HeaderBlock.hasHourIn(joined) && !tells(joined)
                return Introduction(end: at + 1, isStrong: strength && isSure)
            }
            return nil
        }
        return nil
    }

    /// `----- Il 3-mar-25, alle …` without its dashes.
    private static func unruled(_ text: String) -> String {
        guard text.utf8.starts(with: "---".utf8) else { return text }
        return String(text.drop { $0 == "-" || $0 == " " })
    }

    /// `  Il lun, 3 mar, 2025 alle 15:40, X<x@example.org> ha scritto:   Gentile signora,`: some programs for telephones
    /// lose the line break.
    private static func startsQuotation(_ line: Line) -> Bool {
        guard line.text.utf8.contains(0x40), line.last != 0x3A else { return false }
        let bytes = Array(line.text.utf8)
        guard let colon = bytes.indices.dropLast(2).first(where: { bytes[$0...].starts(with: ":  ".utf8) }) else {
            return false
        }
        let text = String(decoding: bytes[...colon], as: UTF8.self).trimmingSpaces
        let lower = text.lowercased()
        return lower.contains("@") && endsInVerb(lower) && HeaderBlock.hasHourIn(lower)
            && judge(text, isParagraph: true) == true
    }

    /// `Il 3 marzo 2025 alle 15:40 l'ufficio ha scritto:` — people and offices in a mail's header have no article.
    private static func tells(_ text: String) -> Bool {
        let name = text.lowercased().split(whereSeparator: \.isNumber).last ?? ""
        let words = name.split { !$0.isLetter }
        return words.prefix(4).contains { articles.contains(String($0)) }
    }

    private static let articles: Set<String> = [
        "il", "lo", "l", "i", "gli", "la", "your", "the", "le", "les", "die", "der",
    ]

    /// Begins as an attribution with a date does.
    private static func opens(_ line: String) -> Bool {
        let lower = line.lowercased()
        return Phrases.starts.contains { lower.hasPrefix($0) }
            && (lower.prefix(40).contains(where: \.isNumber) || lower.utf8.count < 12)
    }

    /// Null if it is no attribution; else whether it is a strong one.
    private static func judge(_ text: String, isParagraph: Bool) -> Bool? {
        let lower = text.lowercased()
        let hasAddress = lower.contains("@")
        let start = lower.prefix(40)
        let hasDate = start.contains(where: \.isNumber) && hasYearOrTime(lower)
        if !hasVerb(lower) {
            // `2014-03-03 10:11 GMT+01:00 Maria Rossi <m@example.org>:` and `Quoting Maria Rossi <…>:`
            if hasDate, hasAddress, lower.hasSuffix(">:"), lower.first?.isNumber ?? false { return true }
            if Phrases.citations.contains(where: { lower.hasPrefix($0) }), isParagraph { return hasAddress }
            return nil
        }
        // As words: `Ufficio Centrale ha scritto` tells of nobody.
        let words = " " + lower
        if Phrases.reported.contains(where: { words.contains(" " + $0) }) { return nil }
        if hasDate { return hasAddress || endsInVerb(lower) || Phrases.starts.contains { lower.hasPrefix($0) } }
        if hasAddress { return isParagraph || start.contains("@") }
        // Only a name: a `>` must follow.
        return isParagraph && endsInVerb(lower) && text.split(separator: " ").count <= 12 ? false : nil
    }

    private static func hasVerb(_ lower: String) -> Bool { Phrases.verbs.contains { lower.contains($0) } }

    private static func endsInVerb(_ lower: String) -> Bool {
        let end = lower.trimmingCharacters { $0 == ":" || $0 == "：" || $0.isWhitespace }
        return Phrases.verbs.contains { end.hasSuffix($0) }
    }

    /// `2020`, `'20`, `3/3/20`, `10:11`, `10.11`.
    static func hasYearOrTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func digit(_ index: Int) -> Bool { bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index]) }
        for index in bytes.indices {
            if digit(index), digit(index + 1), digit(index + 2), digit(index + 3), !digit(index - 1), !digit(index + 4),
                bytes[index] == 0x31 && bytes[index + 1] == 0x39 || bytes[index] == 0x32 && bytes[index + 1] == 0x30
            {
                return true
            }
            if [0x3A, 0x2E, 0x2F, 0x68].contains(bytes[index]), digit(index - 1), digit(index + 1), digit(index + 2) {
                return true
            }
        }
        return false
    }
}
