/// Senders whom no automatic answer may reach (RFC 3834, 2; RFC 2919; RFC 2369). What they say may still open a ticket.
enum Unanswerable {
    static func reason(_ signs: Signs) -> String? {
        if let field = list(signs) { return field }
        if let value = signs["precedence"], ["list", "bulk", "junk"].contains(value) { return "Precedence: \(value)" }
        if let value = signs["auto-submitted"], !value.hasPrefix("no") { return "Auto-Submitted" }
        if let value = signs["x-auto-response-suppress"], value != "none" { return "X-Auto-Response-Suppress" }
        if signs.isFromNobody { return "sender" }
        if signs.isFromDaemon || signs.isFromPostmaster { return "sender" }
        if signs.header.from.allSatisfy({ !$0.address.contains("@") }) { return "no sender" }
        return nil
    }

    /// A sentence in which the mail calls itself a program's and wants no answer. Who writes about such a mail begins
    /// otherwise.
    static func saysSo(_ text: String) -> Bool {
        let start = String(decoding: text.utf8.prefix(20_000), as: UTF8.self).lowercased()
        let words = start.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard wantsNone.contains(where: words.contains) else { return false }
        return start.split { $0 == "\n" || $0 == "." }.contains { sentence in
            let bare = sentence.trimmingCharacters { !$0.isLetter }
            return beginnings.contains { bare.hasPrefix($0) } && byProgram.contains { bare.contains($0) }
        }
    }

    private static let beginnings = [
        "quest", "il presente", "la presente", "messaggio generato", "messaggio inviato", "messaggio automatico",
        "e-mail generata", "email generata", "mail generata", "this ", "please do not", "non rispondere",
        "si prega di non",
    ]
    private static let byProgram = [
        "generato automaticamente", "generata automaticamente", "inviato automaticamente", "inviata automaticamente",
        "generato in automatico", "generata in automatico", "messaggio automatico", "automatically generated",
        "generated automatically", "sent automatically", "automatically sent", "automated message", "automated email",
        "automated e-mail", "automatic message",
    ]
    private static let wantsNone = [
        "non rispondere", "non risponda", "non rispondete", "non rispondeteci", "do not reply", "do not respond",
        "don't reply", "cannot be answered", "non è presidiat", "not monitored", "unmonitored",
    ]

    /// A field that lists and newsletters write.
    static func list(_ signs: Signs) -> String? {
        signs.has([
            "list-id", "list-unsubscribe", "list-post", "list-help", "mailing-list", "x-mlserver", "x-ml-name",
            "x-mailman-version", "feedback-id",
        ])
    }
}
