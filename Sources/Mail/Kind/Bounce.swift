/// Delivery reports in their writers' own words: qmail, Exim, Exchange, Notes, and all before RFC 3464.
enum Bounce {
    /// - Parameter holdsMail: a mail that came back, or its header, is a part of this one.
    static func recognises(_ signs: Signs, text: String, holdsMail: Bool) -> Bool {
        if signs["x-failed-recipients"] != nil { return true }
        if signs.isFromDaemon { return true }
        let start = String(decoding: text.utf8.prefix(6_000), as: UTF8.self).lowercased()
        // What is quoted was said by another.
        let lines = start.split(separator: "\n").filter { $0.first != ">" || signs.hasNullReturnPath }
        let bySubject = subjects.contains { signs.subject.contains($0) }
        lazy var byText = phrases.contains { phrase in lines.contains { $0.contains(phrase) } }
        // Who writes about a mail that did not arrive uses the same words: a program's sign must stand beside them.
        lazy var isProgram =
            signs.isAutoSubmitted || signs.isFromNobody || !asks(lines) && (holdsMail || holdsHeader(lines))
        // An out-of-office answer has a null return path too.
        if AutomaticReply.isTitled(signs) || !bySubject && AutomaticReply.isMarked(signs) { return false }
        if signs.isFromPostmaster {
            return signs.hasNullReturnPath
                || (bySubject || byText) && !signs.isAnswerOrForward
                    && (isProgram || bySubject && byText && namesFault(lines) && !asks(lines) && !greets(lines))
        }
        if signs.hasNullReturnPath { return bySubject || byText }
        // Some reports come in a person's name or a service's: then title and words must both say so.
        return bySubject && (byText || signs.isFromNobody) && !signs.isAnswerOrForward && isProgram
    }

    /// A question above the mail that came back.
    private static func asks(_ lines: [Substring]) -> Bool {
        lines.prefix { !isField($0) }.contains { Question.isIn($0) }
    }

    /// A person who minds a mail system writes of its troubles too, and as people do.
    private static func greets(_ lines: [Substring]) -> Bool {
        let first = lines.first { $0.contains(where: \.isLetter) }?.drop { !$0.isLetter } ?? ""
        return [
            "hi", "hello", "dear", "good ", "buon", "salve", "gentil", "egregi", "spett", "ciao", "hallo", "guten",
            "sehr geehrte", "bonjour", "hola", "bună",
        ].contains { first.hasPrefix($0) }
    }

    /// The address that was not reached, or a mail server's code.
    private static func namesFault(_ lines: [Substring]) -> Bool {
        lines.contains { line in
            line.contains("@") && !BounceWords.addresses(line).isEmpty || EnhancedStatus.find(String(line)) != nil
        }
    }

    /// The header of the mail that came back stands in the text.
    private static func holdsHeader(_ lines: [Substring]) -> Bool { lines.lazy.filter(isField).prefix(2).count == 2 }

    private static func isField(_ line: Substring) -> Bool {
        [
            "received:", "message-id:", "return-path:", "mime-version:", "reporting-mta:", "final-recipient:",
            "content-type:", "x-mailer:", "diagnostic-code:", "from:", "to:", "subject:", "date:",
        ].contains { line.hasPrefix($0) }
    }

    private static let subjects = [
        "undeliver", "delivery status notification", "delivery failure", "failure delivery", "delivery failed",
        "failure notice", "mail delivery fail", "returned mail", "returned to sender", "returning message",
        "delivery has failed", "mail failure", "mail system error", "non-delivery", "nondeliver", "be delivered",
        "not delivered", "error sending your mail", "failed mail", "email bounce", "mail bounce", "delivery error",
        "delivery delayed", "delivery delay", "could not send message", "mail failed", "delivery notification:",
        "non recapitabile", "mancata consegna", "mancato recapito", "consegna non riuscita", "consegna fallita",
        "impossibile recapitare", "impossibile consegnare", "recapito non riuscito", "errore di consegna",
        "non consegnato", "non recapitato", "stato del recapito", "stato della consegna", "ritardo nella consegna",
        "unzustellbar", "nicht zustellbar", "nicht zugestellt", "non remis", "non distribu", "échec de remise",
        "échec de la remise", "no se puede entregar", "no entregado", "no se ha podido entregar", "nelivrat",
        "недоставлен", "niedostarczon", "aws notification message", "メールエラー", "配信エラー",
        "配信不能", "送信できません",
    ]

    private static let phrases = [
        "this is the qmail-send program", "permanent fatal error", "be delivered", "not delivered", "been delivered",
        "following recipient", "undeliver", "following address", "failed permanently", "delivery failed",
        "delivery failure", "failed recipient", "unable to deliver", "to have to inform you", "user unknown",
        "unknown user", "mailbox unavailable", "returned to you", "returned to sender",
        "original message was received at",
        "created automatically by mail delivery software", "delivery has failed", "failed to deliver",
        "could not deliver", "delivery to ", "no such user", "mailbox full", "mailbox is full", "over quota",
        "\"notificationtype\":\"", "delivery temporarily suspended", "does not exist", "did not reach",
        "non è stato possibile recapitare", "non è stato possibile consegnare", "impossibile recapitare",
        "impossibile consegnare", "non è stato recapitato", "non è stato consegnato", "non può essere recapitat",
        "destinatario sconosciuto", "casella piena", "ne peut être remis", "n'a pas pu être", "konnte nicht zugestellt",
        "no se pudo entregar", "no se ha podido entregar", "nu a putut fi livrat", "не может быть доставлено",
    ]
}
