/// What stands at the end and says nothing of the matter: behind `-- `, a telephone's line, a list's foot, an office's
/// legal text. A greeting with a name is the sender's own text.
enum SignatureReader {
    /// Marks within each run of new lines.
    static func mark(_ lines: [Line], _ marks: inout [QuotationReader.Mark], from first: Int) {
        var start = first
        while start < lines.count {
            guard marks[start] == .fresh else {
                start += 1
                continue
            }
            let end = marks[start...].firstIndex { $0 != .fresh } ?? lines.count
            var last = end
            if let delimiter = delimiter(lines, start..<end) {
                for index in delimiter..<end { marks[index] = .signature }
                last = delimiter
            }
            markEnd(lines, &marks, start..<last)
            start = end
        }
    }

    /// `-- ` on its own (RFC 3676, 4.3), or `--`, which many write.
    private static func delimiter(_ lines: [Line], _ range: Range<Int>) -> Int? {
        for index in range {
            let text = lines[index].text
            guard text.utf8.count <= 6, lines[index].first == 0x2D || lines[index].first == 0xE2 else { continue }
            let bare = text.trimmingSpaces
            guard bare == "--" || bare == "- --" || bare == "—" && text.utf8.first == 0xE2 else { continue }
            let rest = lines[(index + 1)..<range.upperBound].lazy.filter { !$0.isBlank }
            // A long text behind two dashes is text, and so is a question; behind RFC 3676's mark it is what the sender's
            // program says it is.
            if text == "-- " || rest.prefix(16).reduce(0, { count, _ in count + 1 }) <= 15 && !asks(rest.prefix(15)) {
                return index
            }
        }
        return nil
    }

    private static func asks(_ lines: some Sequence<Line>) -> Bool { lines.contains { $0.last == 0x3F } }

    /// Goes up from the end as long as there is something to take.
    private static func markEnd(_ lines: [Line], _ marks: inout [QuotationReader.Mark], _ range: Range<Int>) {
        var end = range.upperBound
        for _ in 0..<8 {
            while end > range.lowerBound, lines[end - 1].isBlank { end -= 1 }
            guard end > range.lowerBound, let start = foot(lines, range.lowerBound..<end) else { break }
            for index in start..<range.upperBound { marks[index] = .signature }
            end = start
        }
        if end < range.upperBound, end > range.lowerBound, isDashedName(lines, end - 1, range) {
            marks[end - 1] = .signature
        } else if end == range.upperBound || lines[end..<range.upperBound].allSatisfy(\.isBlank),
            end > range.lowerBound, isDashedName(lines, end - 1, range)
        {
            for index in (end - 1)..<range.upperBound { marks[index] = .signature }
        }
    }

    /// Where the last thing begins that is no text, if the last is such.
    private static func foot(_ lines: [Line], _ range: Range<Int>) -> Int? {
        let last = range.upperBound - 1
        if MobileLine.recognises(lines[last].bare) { return last }
        // A list's foot: a rule and a few lines with its name.
        let near = max(range.lowerBound, range.upperBound - 8)
        if let rule = (near..<range.upperBound).first(where: { isRule(lines[$0]) }),
            lines[rule..<range.upperBound].contains(where: {
                let text = $0.text.prefix(200).lowercased()
                return text.contains("mailing list") || text.contains("/listinfo") || text.contains("unsubscribe")
            })
        {
            return rule
        }
        return LegalText.start(lines, range)
    }

    private static func isRule(_ line: Line) -> Bool {
        let text = line.text.trimmingSpaces
        return text.utf8.count >= 10 && text.utf8.allSatisfy { $0 == 0x5F || $0 == 0x2D || $0 == 0x3D }
    }

    /// `-Anna Bianchi` as the last paragraph.
    private static func isDashedName(_ lines: [Line], _ index: Int, _ range: Range<Int>) -> Bool {
        guard index > range.lowerBound, lines[index - 1].isBlank,
            lines[range.lowerBound..<index].contains(where: { !$0.isBlank })
        else { return false }
        let text = lines[index].text.trimmingSpaces
        guard text.first == "-", text.utf8.count <= 40 else { return false }
        let words = text.dropFirst().split(separator: " ", omittingEmptySubsequences: false)
        return words.count <= 3
            && words.allSatisfy { $0.first?.isUppercase ?? false && $0.allSatisfy { $0.isLetter || $0 == "." } }
    }
}

/// `Inviato da iPhone`, `Sent from my …`, `Scarica Outlook per Android`.
enum MobileLine {
    static func recognises(_ line: String) -> Bool {
        guard line.utf8.count < 200 else { return false }
        let text = bare(line)
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count <= 12 else { return false }
        if products.contains(where: { text.hasPrefix($0) }) { return words.count <= 10 }
        guard openings.contains(where: { text.hasPrefix($0) }) else { return false }
        let excuses = text.contains("scus") || text.contains("excuse") || text.contains("brev")
        guard !text.contains(",") || excuses, !text.contains(". ") || excuses else { return false }
        let own = [
            "dal mio ", "dalla mia ", "from my ", "de mon ", "von meinem", "desde mi ", "do meu ", "de pe ", "från min",
        ]
        if own.contains(where: { text.contains($0) }) { return words.count <= 7 || excuses }
        return words.count <= 9 && devices.contains { text.contains($0) }
    }

    /// Without the addresses that stand beside the words, in lower case.
    private static func bare(_ line: String) -> String {
        var text = ""
        var depth = 0
        for character in line.lowercased() {
            if character == "<" || character == "[" { depth += 1 }
            if depth == 0 { text.append(character) }
            if character == ">" || character == "]" { depth = max(0, depth - 1) }
        }
        return text.split(separator: " ").filter { !$0.hasPrefix("http") && !$0.hasPrefix("(http") }.joined(
            separator: " "
        )
        .trimmingCharacters { $0 == "." || $0 == "_" || $0 == "-" || $0.isWhitespace }
    }

    private static let openings = [
        "inviato da", "inviato dal", "inviato con", "inviato tramite", "inviato via", "inviata da", "inviato su",
        "spedito da", "mandato da", "messaggio inviato da", "e-mail inviata da", "mail inviata da", "email inviata da",
        "sent from", "sent via", "sent with", "sent using", "sent by", "gesendet von", "gesendet mit", "von meinem",
        "diese nachricht wurde von meinem", "envoyé de", "envoyé depuis", "envoyé à partir", "envoyé avec",
        "envoyé par",
        "enviado desde", "enviado do meu", "enviado con", "enviado de", "trimis de pe", "trimis din", "trimis de",
        "verzonden vanaf", "verzonden met", "skickat från", "sendt fra", "wysłane z", "wysłano z", "отправлено с",
        "lähetetty",
    ]

    private static let products = [
        "scarica outlook per", "ottieni outlook per", "get outlook for", "outlook für", "télécharger outlook pour",
        "obtenez outlook", "obtenir outlook", "obtener outlook", "descargar outlook", "descarga outlook",
        "holen sie sich outlook", "outlook per ios", "outlook per android", "outlook for ios", "outlook for android",
        "obțineți outlook", "obțineți outlook", "ottieni bluemail", "get bluemail",
    ]

    private static let devices = [
        "iphone", "ipad", "ios", "android", "samsung", "galaxy", "huawei", "honor", "xiaomi", "redmi", "oppo",
        "smartphone",
        "telefono", "cellulare", "tablet", "blackberry", "mobile", "outlook", "mail", "yahoo", "libero", "virgilio",
        "windows", "posta", "proton", "thunderbird", "handy", "téléphone", "móvil", "telefon", "nokia", "motorola",
        "lg",
        "sony", "vodafone", "app", "tim", "aruba", "spark", "bluemail", "alto", "aol", "gmail", "mac",
    ]
}
