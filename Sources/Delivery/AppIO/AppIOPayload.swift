import Civic

/// The bodies of the two requests that bring a message to App IO, `POST /profiles` and `POST /messages`.
///
/// App IO refuses for good what is not within its lengths, so texts are brought within them here; it counts UTF-16
/// units. What is deprecated, or needs a permission that cities do not have, is never sent: `time_to_live`,
/// `default_addresses`, `payee` (without it the payee is the service's own organisation).
/// Source: openapi of pagopa/io-functions-services v4.1.1.
public enum AppIOPayload {
    public static let subjectLengths = 10...120
    public static let markdownLengths = 80...10_000

    /// What the city says of itself where a text is too short.
    public struct Sender: Hashable, Sendable {
        public let city: String
        /// Of the message: `it`, `en`; anything else speaks Italian.
        public let language: String
        public init(city: String, language: String) {
            self.city = city
            self.language = language
        }
    }

    public static func profile(of recipient: AppIORecipient) -> [UInt8] {
        JSON.object([("fiscal_code", .string(recipient.fiscalCode))]).bytes
    }

    /// - Parameters:
    ///   - markdown: as rendered, with the buttons' front matter before it if there is one. Texts of others in it must
    ///     have gone through `MarkdownText.neutralised`.
    ///   - dueDate: shown as a reminder. Left out where App IO could not read it, beyond the year 9999.
    ///   - isAdvanced: a premium message, for which the service needs a contract.
    ///   - requiresSecureChannels: nothing of the content shows outside the app; nil leaves it to the service's setting.
    public static func message(
        to recipient: AppIORecipient, subject: String, markdown: String, dueDate: Timestamp? = nil,
        payment: PaymentNotice? = nil, isAdvanced: Bool = false, requiresSecureChannels: Bool? = nil,
        from sender: Sender
    ) -> [UInt8] {
        var content: [(String, JSON)] = [
            ("subject", .string(self.subject(subject, from: sender))),
            ("markdown", .string(self.markdown(markdown, from: sender))),
        ]
        if let dueDate, let text = dueDateText(dueDate) { content.append(("due_date", .string(text))) }
        if let payment { content.append(("payment_data", paymentData(payment))) }
        if let requiresSecureChannels { content.append(("require_secure_channels", .bool(requiresSecureChannels))) }
        var members: [(String, JSON)] = [("fiscal_code", .string(recipient.fiscalCode))]
        if isAdvanced { members.append(("feature_level_type", .string("ADVANCED"))) }
        return JSON.object(members + [("content", .object(content))]).bytes
    }

    private static func paymentData(_ payment: PaymentNotice) -> JSON {
        .object([
            ("amount", .int(payment.amount)), ("notice_number", .string(payment.noticeNumber)),
            ("invalid_after_due_date", .bool(payment.invalidAfterDue && payment.due != nil)),
        ])
    }

    /// The last second of the day on which `moment` falls in the city: 22:59:59Z in a Roman winter, 21:59:59Z in
    /// summer. A reminder shows the day, and must not show the next one.
    public static func endOfDay(of moment: Timestamp, in zone: Zone) -> Timestamp {
        endOfDay(zone.local(moment).date, in: zone)
    }

    public static func endOfDay(_ day: CivilDate, in zone: Zone) -> Timestamp {
        zone.moment(LocalTime(date: day, secondOfDay: 86_399))
    }

    static func subject(_ text: String, from sender: Sender) -> String {
        var subject = PlainText.singleLine(text)
        if subject.fits(utf16: subjectLengths.lowerBound - 1) {
            let city = PlainText.singleLine(sender.city)
            subject = subject.isEmpty ? city : "\(city): \(subject)"
        }
        if subject.fits(utf16: subjectLengths.lowerBound - 1) {
            subject = (sender.language == "en" ? "Communication: " : "Comunicazione: ") + subject
        }
        return PlainText.shortened(subject, toUTF16: subjectLengths.upperBound)
    }

    static func markdown(_ text: String, from sender: Sender) -> String {
        let parts = AppIOFrontMatter(splitting: text)
        // Whether App IO counts the front matter is not written anywhere: the body alone must be long enough, and both
        // together not too long.
        var body = parts.body
        if body.fits(utf16: markdownLengths.lowerBound - 1) {
            body += (body.isEmpty ? "" : "\n\n") + closing(from: sender)
        }
        var front = parts.block.map { $0 + "\n\n" } ?? ""
        if !front.fits(utf16: markdownLengths.upperBound / 2) { front = "" }
        return front + shortenedMarkdown(body, toUTF16: markdownLengths.upperBound - front.utf16.count)
    }

    /// Long enough by itself.
    private static func closing(from sender: Sender) -> String {
        let city = MarkdownText.neutralised(PlainText.singleLine(sender.city))
        return sender.language == "en"
            ? "This is an automatic message from \(city). If you need help, ask the city's offices and tell them the code of your report."
            : "Questo è un messaggio automatico di \(city). Se ti serve aiuto, rivolgiti agli uffici e comunica il codice della segnalazione."
    }

    private static func shortenedMarkdown(_ body: String, toUTF16 limit: Int) -> String {
        let short = PlainText.shortened(body, toUTF16: limit)
        guard short != body else { return body }
        // A backslash that has lost the character it escaped would escape the ellipsis.
        var kept = short.dropLast()
        while let last = kept.last, last == "\\" || last.isWhitespace { kept.removeLast() }
        return kept + "…"
    }

    private static func dueDateText(_ moment: Timestamp) -> String? {
        let text = Timestamp(seconds: moment.seconds).rfc3339
        return text.utf8.count == "2026-01-31T22:59:59Z".utf8.count && !text.hasPrefix("-") ? text : nil
    }
}
