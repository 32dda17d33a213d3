/// Italian certified mail (PEC): envelopes around mail, and receipts for ours (RFC 6109; D.M. 2 November 2005).
///
/// Only the mail's own header tells what it is. Whether it may be believed is for those to say who know the box.
struct CertifiedMail {
    private let mail: ParsedMail
    private let signs: Signs

    init(_ mail: ParsedMail, header: MailHeader) {
        self.mail = mail
        signs = Signs(header)
    }

    /// A receipt for a mail of ours. What is attached to it is ours, and no new mail.
    var receipt: CertifiedReceipt? {
        let named = signs["x-ricevuta"]
        guard named != nil || isFromSystem else { return nil }
        let data = certificate
        guard
            let kind = named.flatMap(CertifiedReceipt.Kind.init)
                ?? (named != nil || data != nil ? data.flatMap { CertifiedReceipt.Kind(rawValue: $0.type) } : nil)
                ?? titled ?? (named != nil ? .takenInCharge : nil)
        else { return nil }
        let reference = signs.header.value("X-Riferimento-Message-ID").flatMap { MessageIDs.read($0).first }
        return CertifiedReceipt(kind: kind, original: reference ?? data?.messageID, certificate: data)
    }

    /// The envelope, and the mail in it; the mail is null if it is missing.
    var envelope: (envelope: CertifiedEnvelope, inner: Int?)? {
        let kind: CertifiedEnvelope.Kind
        switch signs["x-trasporto"] {
        case "posta-certificata": kind = .transport
        case "errore": kind = .anomaly
        case nil where isFromSystem && attached != nil && signs.subject.hasPrefix("posta certificata:"):
            kind = .transport
        case nil where isFromSystem && attached != nil && signs.subject.hasPrefix("anomalia messaggio:"):
            kind = .anomaly
        default: return nil
        }
        return (CertifiedEnvelope(kind: kind, certificate: kind == .transport ? certificate : nil), attached)
    }

    /// `posta-certificata@` is the name of every provider's system (technical rules, 6.3).
    private var isFromSystem: Bool { signs.senderLocalPart == "posta-certificata" }

    /// The title of receipts whose own field was lost on the way.
    private var titled: CertifiedReceipt.Kind? {
        let titles: [(String, CertifiedReceipt.Kind)] = [
            ("accettazione:", .accepted), ("avviso di non accettazione", .notAccepted), ("consegna:", .delivered),
            ("avviso di mancata consegna per sup. tempo", .warning), ("avviso di mancata consegna per virus", .virus),
            ("avviso di mancata consegna", .notDelivered), ("presa in carico:", .takenInCharge),
            ("problema di sicurezza", .virus),
        ]
        return titles.first { signs.subject.hasPrefix($0.0) }?.1
    }

    private var certificate: CertifiedData? {
        let own = mail.own
        let part =
            own.first { mail.parts[$0].name?.lowercased() == "daticert.xml" }
            ?? own.first { ["application/xml", "text/xml"].contains(mail.parts[$0].type) }
        return part.flatMap { CertificateReader.read(mail.content($0)) }
    }

    /// `postacert.eml`; anomalies have it under any name.
    private var attached: Int? {
        let messages = mail.own.filter { index in
            index > 0 && (mail.parts[index].kind == .message || mail.parts[index].name?.lowercased() == "postacert.eml")
        }
        return messages.first { mail.parts[$0].name?.lowercased() == "postacert.eml" } ?? messages.first
    }
}
