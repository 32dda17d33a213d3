/// The header of a quoted mail, as Outlook and many others write it: `Da: … Inviato: … A: … Oggetto: …`.
struct HeaderBlock {
    /// The line behind it.
    var end: Int
    /// Beyond doubt a mail's: a sender, and a moment with its hour or an address.
    var isStrong: Bool

    static func find(in lines: [Line], at index: Int) -> HeaderBlock? {
        guard let first = Self.label(lines[index]), first.kind != .other, first.kind != .copy else { return nil }
        // A letter may begin with `A:` and `Oggetto:`, and the block of a mail follow: they are not its first lines.
        let isFromMiddle = first.kind == .to || first.kind == .subject
        if isFromMiddle, index > 0, label(lines[index - 1]) != nil { return nil }
        var kinds: Set<Kind> = [first.kind]
        var hasAddress = first.value.contains("@")
        var hasHour = first.kind == .date && hasHourIn(first.value)
        var isSent = first.isSent
        var end = index + 1
        var at = index + 1
        var loose = 0
        var isParted = false
        // Long lists of recipients are broken into lines; some programs put empty lines between.
        while at < lines.count, at < index + 40 {
            let line = lines[at]
            if let label = label(line), !line.isQuoted {
                if isParted, isFromMiddle { break }
                if kinds.contains(label.kind), label.kind != .other, label.kind != .copy { break }
                kinds.insert(label.kind)
                hasAddress = hasAddress || label.value.contains("@")
                hasHour = hasHour || label.kind == .date && hasHourIn(label.value)
                isSent = isSent || label.isSent
                end = at + 1
                loose = 0
                isParted = false
            } else {
                // Text behind an empty line goes on with nothing: it is the sender's. So is what follows a title or a date
                // and is no list of people.
                if !line.isBlank, isParted || first.kind != .from && !isListOfPeople(line) { break }
                isParted = isParted || line.isBlank
                loose += 1
                guard loose <= (kinds.contains(.subject) && kinds.count >= 3 ? 1 : 3), !line.isQuoted else { break }
            }
            at += 1
        }
        let named = kinds.subtracting([.other, .copy])
        guard named.count >= 2, named.contains(.from) || named.count >= 3 else { return nil }
        let isStrong =
            named.count >= 3 && named.contains(.from) && (hasHour || hasAddress && named.contains(.date))
            || named.count >= 3 && hasHour && hasAddress
            || named.contains(.from) && named.contains(.date) && hasHour && hasAddress
            || named.count >= 3 && named.contains(.from) && isSent && index > 0
        return HeaderBlock(end: end, isStrong: isStrong)
    }

    private static func isListOfPeople(_ line: Line) -> Bool {
        line.text.utf8.prefix(400).contains { $0 == 0x40 || $0 == 0x3B }
    }

    /// `10:11`, `10.11`: a letter's date has no hour, and `3.3.2025` is none.
    static func hasHourIn(_ value: String) -> Bool {
        let numbers = value.utf8.split { !(0x30...0x39).contains($0) && $0 != 0x3A && $0 != 0x2E && $0 != 0x68 }
        return numbers.contains { number in
            let parts = number.split(omittingEmptySubsequences: false) { !(0x30...0x39).contains($0) }
            guard parts.count >= 2, (1...2).contains(parts[0].count), parts[1].count == 2 else { return false }
            return !number.contains(0x2E) || parts.count == 2 || parts[2].isEmpty
        }
    }

    enum Kind { case from, date, to, copy, subject, other }

    private static func label(_ line: Line) -> (kind: Kind, value: String, isSent: Bool)? {
        guard !line.isBlank, let colon = line.text.utf8.prefix(40).firstIndex(of: 0x3A) else { return nil }
        let name = line.text[..<colon].lowercased().trimmingCharacters {
            $0.isWhitespace || $0 == "*" || $0 == "_" || $0 == "|" || $0 == "\u{A0}"
        }
        guard let kind = labels[name] else { return nil }
        let value = String(decoding: line.text[colon...].utf8.dropFirst().prefix(400), as: UTF8.self)
        return (kind, value, sent.contains { name.hasPrefix($0) })
    }

    /// Letters say `Data:`; these only programs write.
    private static let sent = ["inviat", "sent", "gesendet", "envoyé", "enviado", "trimis"]

    private static let labels: [String: Kind] = {
        let names: [(Kind, String)] = [
            (
                .from,
                "da|from|von|de|van|mittente|expéditeur|remitente|fra|från|od|от|от кого|de la|da parte di|feladó|lähettäjä|από|nga|від|šalje|发件人|寄件者"
            ),
            (
                .date,
                "inviato|inviata|inviato il|data|date|sent|gesendet|datum|envoyé|envoyé le|fecha|enviado|enviado el"
                    + "|enviada em|trimis|sendt|skickat|verzonden|wysłano|wysłane|дата|отправлено|data/ora|data invio|sent at"
                    + "|date d'envoi|lähetetty|odesláno|elküldve|dátum|ημερομηνία|dërguar|надіслано|poslano|发送时间|dato|gesendet am"
            ),
            (
                .to,
                "a|to|an|à|para|către|catre|per|destinatario|destinatari|aan|til|till|do|кому|pour|empfänger|la|vastaanottaja|komu|címzett|προς|për|prima|收件人"
            ),
            (.copy, "cc|ccn|bcc|c.c.|copia|copia a|kopie|copie|copie à|per conoscenza|p.c.|kopia|копия|cci|bcc:"),
            (
                .subject,
                "oggetto|subject|betreff|objet|asunto|subiect|ogg|assunto|onderwerp|emne|ämne|temat|tema|тема|soggetto|sujet|aihe|předmět|tárgy|θέμα|predmet|主题"
            ),
            (
                .other,
                "priorità|importanza|importance|reply-to|rispondi a|allegati|attachments|organizzazione|organization"
                    + "|priority|message-id|anlagen|pièces jointes|mailing list|resent-from"
            ),
        ]
        var labels: [String: Kind] = [:]
        for (kind, words) in names { for word in words.split(separator: "|") { labels[String(word)] = kind } }
        return labels
    }()
}
