/// Notices that a mail was displayed, or deleted unread (RFC 8098).
enum DispositionReader {
    /// `Original-Message-ID` of the report.
    static func original(_ mail: ParsedMail, own: [Int]) -> String? {
        guard let part = own.first(where: { mail.parts[$0].type.hasSuffix("disposition-notification") }) else {
            return nil
        }
        return ReportFields.groups(mail.text(part)).lazy.compactMap { $0["original-message-id"] }.first
            .flatMap { MessageIDs.read($0).first }
    }

    /// Programs that only write a title: it must come with a system's sign. The value is the original's id, if known.
    static func byWords(_ signs: Signs) -> String?? {
        let titles = [
            "letto:", "read:", "gelesen:", "lu :", "lu:", "leído:", "citit:", "non letto:", "not read:",
            "conferma di lettura",
            "ricevuta di lettura", "read receipt", "return receipt", "eliminato senza essere letto:", "lida:",
            "gelezen:",
        ]
        guard titles.contains(where: { signs.subject.hasPrefix($0) }) else { return nil }
        guard
            signs.hasNullReturnPath || signs["auto-submitted"].map({ !$0.hasPrefix("no") }) ?? false
                || signs["x-auto-response-suppress"] != nil || signs["x-ms-exchange-generated-message-source"] != nil
        else { return nil }
        return .some(signs.header.inReplyTo.first)
    }
}
