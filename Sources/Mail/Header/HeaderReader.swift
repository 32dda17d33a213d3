/// The fields of a mail's own header as values.
enum HeaderReader {
    static func read(_ raw: [RawField], defects: inout Set<String>) -> MailHeader {
        var header = MailHeader()
        var budget = Limits.words
        header.fields = raw.map { field in
            if field.value.count > Limits.field {
                defects.insert("a header field longer than \(Limits.field >> 10) KiB")
            }
            budget -= min(field.value.count, Limits.field)
            let value =
                budget >= 0
                ? EncodedWords.decode(field.value)
                : String(decoding: EncodedWords.unfold(field.value.prefix(1_000)), as: UTF8.self)
            return MailHeader.Field(name: field.name, value: value)
        }
        if budget < 0 { defects.insert("a header longer than \(Limits.words >> 10) KiB") }
        header.messageID = raw.first("Message-ID").flatMap { MessageIDs.read($0).first }
        header.inReplyTo = raw.first("In-Reply-To").map(MessageIDs.read) ?? []
        header.references = raw.first("References").map(MessageIDs.read) ?? []
        header.from = raw.first("From").map(Addresses.read) ?? []
        header.replyTo = raw.first("Reply-To").map(Addresses.read) ?? []
        header.to = all(raw, "To")
        header.cc = all(raw, "Cc")
        header.deliveredTo = ["Delivered-To", "X-Original-To", "Envelope-To"]
            .flatMap { all(raw, $0) }.map(\.address).filter { !$0.isEmpty }
        header.returnPath = raw.first("Return-Path").map { value in
            let address = Addresses.read(value).first?.address ?? ""
            return address.equalsIgnoringCase("MAILER-DAEMON") ? "" : address
        }
        header.subject = raw.first("Subject").map(EncodedWords.decode)
        header.date = raw.first("Date").flatMap(Dates.read)
        if header.from.isEmpty { defects.insert("no sender") }
        return header
    }

    /// Of several fields of one name all count.
    private static func all(_ raw: [RawField], _ name: String) -> [MailAddress] {
        raw.lazy.filter { $0.name.equalsIgnoringCase(name) }.prefix(20).flatMap { Addresses.read($0.value) }
    }
}

extension MailHeader {
    /// The first field of this name, in any case.
    public func value(_ name: String) -> String? { fields.first { $0.name.equalsIgnoringCase(name) }?.value }
}
