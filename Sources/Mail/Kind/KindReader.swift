/// Who or what speaks: by structure first, then by header, by words only together with another sign.
///
/// What a mail has attached says nothing of itself: a citizen may send on the bounce that she got.
struct KindReader {
    private let mail: ParsedMail
    private let signs: Signs
    private let text: String
    private let reading: MailReading

    init(_ mail: ParsedMail, header: MailHeader, text: String, reading: MailReading) {
        self.mail = mail
        signs = Signs(header)
        self.text = text
        self.reading = reading
    }

    var kind: MailKind {
        let root = mail.parts[0]
        let own = mail.own
        let report = root.type == "multipart/report" ? root.parameters["report-type"]?.lowercased() ?? "" : nil
        func part(_ types: String...) -> Int? {
            own.first { types.contains(mail.parts[$0].type) && (mail.parts[$0].parent ?? 0) == 0 }
        }
        if report == "feedback-report" || report != nil && part("message/feedback-report") != nil {
            return .automatic(reason: "feedback report (RFC 5965)")
        }
        if report == "disposition-notification"
            || part("message/disposition-notification", "message/global-disposition-notification") != nil
        {
            return .disposition(original: DispositionReader.original(mail, own: own) ?? signs.header.inReplyTo.first)
        }
        let status = part("message/delivery-status", "message/global-delivery-status")
        let isSystem = signs.hasNullReturnPath || signs.isFromDaemon || signs.isFromPostmaster
        if report == "delivery-status" || status != nil && (report != nil || isSystem || !signs.isAnswerOrForward) {
            return .delivery(DeliveryReader(mail, signs: signs, text: text).report)
        }
        let returned = part(
            "message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "text/rfc822", "message/global")
        if Bounce.recognises(signs, text: text, holdsMail: returned != nil) {
            return .delivery(DeliveryReader(mail, signs: signs, text: text).report)
        }
        if let original = DispositionReader.byWords(signs) { return .disposition(original: original) }
        if let reason = AutomaticReply.reason(signs, text: text) { return .automatic(reason: reason) }
        if answersInvitation(own) { return .automatic(reason: "an answer to an invitation (RFC 5546)") }
        if ForwardedReport.recognises(signs, text: text) {
            return .automatic(reason: "a delivery report, passed on without a word")
        }
        if let reason = Unanswerable.reason(signs) { return .unanswerable(reason: reason) }
        if !signs.isAnswerOrForward, Unanswerable.saysSo(reading.fresh + "\n" + reading.signature) {
            return .unanswerable(reason: "text")
        }
        return .personal
    }

    /// What a calendar program sends when somebody accepts or declines. Who asks something beside it is heard.
    private func answersInvitation(_ own: [Int]) -> Bool {
        own.contains {
            let part = mail.parts[$0]
            return part.type == "text/calendar" && !part.isAttachment
                && part.parameters["method"]?.lowercased() == "reply"
        } && !Question.isIn(reading.fresh)
    }
}
