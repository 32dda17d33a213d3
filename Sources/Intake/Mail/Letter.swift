import Civic
import Crypto
import Mail
import Settings
import Store

/// A mail as the city's front desk sees it: who writes, what it is the same as, and what it refers to. Pure.
struct Letter: Sendable {
    let mail: MailMessage
    /// To be answered there.
    let replyTo: EmailAddress?
    /// Who wrote it, as far as mail tells.
    let author: EmailAddress?
    /// A certified mail system vouches for the author.
    let isCertified: Bool
    /// It is the certified mail system itself that speaks.
    let isReceipt: Bool
    /// The same for every copy of one mail, whichever boxes it reaches.
    let externalID: String
    /// Tickets that it answers for certain: their tokens are in it.
    let proven: [String]
    /// Notifications of ours that it refers to, by the tokens in their Message-IDs.
    let notifications: [Instance.OwnMail]
    /// Other mails that it refers to.
    let references: [String]
    /// Tickets that it names in its subject.
    let named: [String]
    /// It is a mail of ours that came back.
    let isOurs: Bool

    /// A name under which no channel can be configured.
    static let scope = "@mail"

    /// - Parameters:
    ///   - own: addresses that are ours, in lower case.
    ///   - prefix: of ticket codes.
    ///   - instance: null where only its words matter.
    init(_ mail: MailMessage, raw: [UInt8], certified box: Bool, own: Set<String>, prefix: String, instance: Instance?)
    {
        self.mail = mail
        let header = mail.header
        author = header.from.lazy.compactMap { EmailAddress($0.address) }.first
        // For one address alone: the mail inside may name another, or hold an envelope that its sender made.
        let vouched = mail.envelope?.certificate?.sender.flatMap { EmailAddress($0)?.key }
        isCertified = box && mail.envelope?.isCertified == true && vouched != nil && vouched == author?.key
        // What lies in an envelope is its sender's word, whatever it claims to be.
        isReceipt = if case .receipt = mail.kind { box && mail.envelope == nil } else { false }
        externalID = Letter.digest(of: mail, certified: isCertified, raw: raw)

        let ids = Array((header.inReplyTo + header.references.reversed()).prefix(50))
        let ours = ids.compactMap { instance?.ownMail(messageID: $0) }
        notifications = ours
        // A certified copy of a mail that came before, under the id that its sender gave it, belongs to the same ticket.
        let certified = isCertified ? mail.envelope?.certificate?.messageID : nil
        references = (ids + [certified].compactMap(\.self)).filter {
            instance?.ownMail(messageID: $0) == nil && $0.utf8.count <= 500 && $0.contains("@")
        }
        let addressed =
            (header.deliveredTo + header.to.map(\.address) + header.cc.map(\.address)).prefix(200)
            .compactMap { instance?.code(inAddress: $0) }
        proven = Letter.unique(addressed + ours.map(\.code))
        named = Letter.codes(in: header.subject ?? "", prefix: prefix)
        // Whoever names us as the one to be answered would have us talk to ourselves.
        let asked = header.replyTo.lazy.compactMap { EmailAddress($0.address) }.first ?? author
        replyTo = asked.flatMap { own.contains($0.key) || instance?.code(inAddress: $0.text) != nil ? nil : $0 }
        let isSent = header.messageID.map { instance?.ownMail(messageID: $0) != nil } ?? false
        // A form of the city may write in our name; what answers one of our own mails does not speak to us.
        isOurs = isSent || !proven.isEmpty && (author.map { own.contains($0.key) } ?? false)
    }

    /// What makes two mails the same: what their sender wrote, not what the servers on the way added. One without id and
    /// date is the same only to the byte: somebody may ask the same thing twice.
    private static func digest(of mail: MailMessage, certified: Bool, raw: [UInt8]) -> String {
        var hash = SHA256()
        if mail.header.messageID == nil, mail.header.date == nil { hash.update(data: raw) }
        if certified { hash.update(data: [1]) }
        func add(_ text: String?) {
            hash.update(data: Array((text ?? "\u{0}").utf8))
            hash.update(data: [0xFF])
        }
        add(mail.header.messageID)
        add(mail.header.from.first?.address)
        add(mail.header.date.map { "\($0.microseconds)" })
        add(mail.header.subject)
        add(mail.text)
        for attachment in mail.attachments {
            add(attachment.name)
            hash.update(data: attachment.content)
        }
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Codes that stand in a text, whole and with a right check symbol.
    static func codes(in text: String, prefix: String) -> [String] {
        let words = text.bounded(to: 2000).split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")) }
        return unique(
            words.filter { $0.uppercased().hasPrefix(prefix + "-") }
                .compactMap { TicketCode(parsing: String($0), prefix: prefix)?.text })
    }

    private static func unique(_ list: [String]) -> [String] {
        var seen: Set<String> = []
        return list.filter { seen.insert($0).inserted }
    }
}

extension Letter {
    /// Neither words nor files nor a sender: nothing that a person could act upon.
    var isEmpty: Bool {
        author == nil && mail.attachments.isEmpty && mail.header.subject?.isEmpty != false
            && mail.text.allSatisfy(\.isWhitespace)
    }

    /// What the rules see of it, and what is stored as its text.
    func message(channel: Channel, limits: Limits, now: Timestamp) -> Message {
        var sender = Sender(name: author.flatMap { _ in name }, email: author.flatMap { $0.isASCII ? $0.text : nil })
        if isCertified { sender.attested = [.email] }
        let words = [mail.reading.fresh, mail.text].first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        let subject = mail.header.subject.map { $0.storable.bounded(to: 1000) }
        return Message(
            id: .timeOrdered(at: now), channel: channel.name, externalID: externalID, receivedAt: now,
            sentAt: mail.header.date, sender: sender, subject: subject.flatMap { $0.isEmpty ? nil : $0 },
            text: words.storable.bounded(to: limits.text), attachments: files,
            scope: Letter.scope)
    }

    private var files: [Attachment] {
        mail.attachments.map {
            Attachment(
                name: ($0.name ?? "").storable, type: $0.type.storable, content: $0.content, isInline: $0.isInline)
        }
    }

    private var name: String? {
        mail.header.from.first?.name.flatMap { $0.isEmpty ? nil : $0.storable.bounded(to: 200) }
    }

    func facts(limits: Limits) -> MailFacts {
        func kept(_ text: String) -> String? {
            text.allSatisfy(\.isWhitespace) ? nil : text.storable.bounded(to: limits.text)
        }
        return MailFacts(
            id: referredID.flatMap { $0.utf8.count <= 500 ? $0.storable : nil },
            quoted: kept(mail.reading.quoted), signature: kept(mail.reading.signature), certificate: certificate?.text)
    }

    /// The id by which mail programs will refer to it. Providers of certified mail give a mail another than its sender
    /// did: who sent it knows the sender's, and who gets ours knows the provider's, of which the receipts tell.
    private var referredID: String? {
        if isCertified, let id = mail.envelope?.certificate?.messageID { return id }
        if isReceipt, case .receipt(let receipt) = mail.kind, let id = receipt.certificate?.identifier { return id }
        return mail.header.messageID
    }

    /// What the certified mail's envelope or receipt says, for the ticket's record.
    private var certificate: JSON? {
        let data: CertifiedData?
        let kind: String
        switch (mail.kind, mail.envelope) {
        case (.receipt(let receipt), _): (kind, data) = (receipt.kind.rawValue, receipt.certificate)
        case (_, let envelope?):
            (kind, data) = (envelope.kind == .transport ? "posta-certificata" : "errore", envelope.certificate)
        case (_, nil): return nil
        }
        return .object([
            ("kind", .string(kind)), ("believed", .bool(isCertified || isReceipt)),
            ("error", .optional(data?.error?.storable)),
            ("sender", .optional(data?.sender?.storable)), ("provider", .optional(data?.provider?.storable)),
            ("identifier", .optional(data?.identifier?.storable)),
            ("message_id", .optional(data?.messageID?.storable)), ("at", .moment(data?.at)),
            ("delivery", .optional(data?.delivery?.storable)), ("detail", .optional(data?.detail?.storable)),
        ])
    }
}

extension String {
    /// At most so many Unicode scalars: a `Character` may hold thousands.
    func bounded(to characters: Int) -> String {
        utf8.count <= characters ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(characters)))
    }
}
