import Civic

/// Reads e-mail: MIME (RFC 2045 to 2049, 2231, 3676), and what people sent before and beside it. Pure: the same bytes give
/// the same message.
///
/// Time and memory grow with the bytes: a mail of 30 MB takes less than a second and three times its size; `Limits` says
/// where reading ends.
public struct MailReader: Sendable {
    public init() {}

    public func read(_ bytes: [UInt8]) -> MailMessage { read(bytes[...], opened: 0) }

    /// - Parameter opened: how many envelopes it lies in.
    private func read(_ bytes: ArraySlice<UInt8>, opened: Int) -> MailMessage {
        let mail = ParsedMail(bytes)
        var defects = mail.defects
        let header = HeaderReader.read(mail.parts[0].header, defects: &defects)
        let certified = CertifiedMail(mail, header: header)
        let receipt = certified.receipt
        let envelope = receipt == nil ? certified.envelope : nil
        if let envelope, let inner = envelope.inner, opened < Limits.opened {
            return open(envelope.envelope, of: header, mail, inner: inner, defects: defects, opened: opened)
        }
        let content = Content(mail, defects: &defects)
        if envelope != nil { defects.insert("a certified envelope without the mail") }
        let text = content.text.withFewMarks
        let reading = QuotationReader.read(text)
        let kind = KindReader(mail, header: header, text: text, reading: reading)
        return MailMessage(
            header: header, text: text, reading: reading, attachments: content.attachments,
            kind: receipt.map(MailKind.receipt) ?? kind.kind,
            envelope: envelope?.envelope, defects: defects.sorted(), structure: content.structure)
    }

    /// The mail in an envelope, with the tree of the whole.
    private func open(
        _ envelope: CertifiedEnvelope, of header: MailHeader, _ mail: ParsedMail, inner: Int, defects: Set<String>,
        opened: Int
    ) -> MailMessage {
        var message = read(mail.content(inner), opened: opened + 1)
        message.envelope = envelope
        message.structure = Content.tree(mail)
        // For whom it came is written on the envelope only.
        if message.header.deliveredTo.isEmpty { message.header.deliveredTo = header.deliveredTo }
        var defects = defects.union(message.defects)
        if let sender = envelope.certificate?.sender, let from = message.header.from.first?.address,
            !sender.equalsIgnoringCase(from)
        {
            defects.insert("the certificate names another sender than the mail")
        }
        message.defects = defects.sorted()
        return message
    }
}
