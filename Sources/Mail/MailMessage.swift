import Civic

/// One e-mail as it was read from its bytes: what people see of it, and what mail systems say with it.
///
/// Reading never fails: what is broken is read as far as it goes, and `defects` says what was wrong.
public struct MailMessage: Sendable {
    public var header: MailHeader
    /// All readable text: the plain part, or the HTML made readable.
    public var text: String
    /// The same text in three: what is new, what is quoted, and the signature.
    public var reading: MailReading
    /// In the order in which they stand, inline pictures too.
    public var attachments: [MailAttachment]
    public var kind: MailKind
    /// What the certified mail's envelope says, if the message came in one. The other members are those of the message
    /// inside.
    public var envelope: CertifiedEnvelope?
    /// In words for an administrator; without personal data.
    public var defects: [String]
    /// The tree of parts as the mail holds them, the envelope's too.
    public var structure: MailPart

    public init(
        header: MailHeader, text: String, reading: MailReading, attachments: [MailAttachment], kind: MailKind,
        envelope: CertifiedEnvelope? = nil, defects: [String] = [], structure: MailPart = MailPart()
    ) {
        self.header = header
        self.text = text
        self.reading = reading
        self.attachments = attachments
        self.kind = kind
        self.envelope = envelope
        self.defects = defects
        self.structure = structure
    }
}

/// One entity in the tree of a mail, for administrators and tests.
public struct MailPart: Hashable, Sendable {
    /// In lower case, without parameters.
    public var type: String
    public var charset: String?
    public var name: String?
    /// Bytes of the content, decoded; of a multipart 0.
    public var size: Int
    public var children: [MailPart]
    public init(
        type: String = "text/plain", charset: String? = nil, name: String? = nil, size: Int = 0,
        children: [MailPart] = []
    ) {
        self.type = type
        self.charset = charset
        self.name = name
        self.size = size
        self.children = children
    }
}

/// The fields that matter, decoded. Message-IDs are without their angle brackets.
public struct MailHeader: Sendable {
    public var messageID: String?
    public var inReplyTo: [String]
    public var references: [String]
    public var from: [MailAddress]
    public var replyTo: [MailAddress]
    public var to: [MailAddress]
    public var cc: [MailAddress]
    /// `Delivered-To`, `X-Original-To`, `Envelope-To`: for whom the mail server took it.
    public var deliveredTo: [String]
    /// Null: there is no such field. Empty: the null return path `<>`.
    public var returnPath: String?
    public var subject: String?
    public var date: Timestamp?
    /// All fields in their order, unfolded, with encoded words decoded.
    public var fields: [Field]

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        messageID: String? = nil, inReplyTo: [String] = [], references: [String] = [], from: [MailAddress] = [],
        replyTo: [MailAddress] = [], to: [MailAddress] = [], cc: [MailAddress] = [], deliveredTo: [String] = [],
        returnPath: String? = nil, subject: String? = nil, date: Timestamp? = nil, fields: [Field] = []
    ) {
        self.messageID = messageID
        self.inReplyTo = inReplyTo
        self.references = references
        self.from = from
        self.replyTo = replyTo
        self.to = to
        self.cc = cc
        self.deliveredTo = deliveredTo
        self.returnPath = returnPath
        self.subject = subject
        self.date = date
        self.fields = fields
    }
}

public struct MailAddress: Hashable, Sendable {
    public var name: String?
    /// `local@domain`, as written.
    public var address: String
    public init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }
}

/// A text split for reading. `fresh + quoted + signature` is the whole, in order of kind, not of place.
public struct MailReading: Hashable, Sendable {
    /// What the sender wrote this time.
    public var fresh: String
    /// What earlier mails said.
    public var quoted: String
    public var signature: String
    public init(fresh: String, quoted: String = "", signature: String = "") {
        self.fresh = fresh
        self.quoted = quoted
        self.signature = signature
    }
}

public struct MailAttachment: Sendable {
    /// As the mail names it, decoded; null if it does not.
    public var name: String?
    /// The media type that the mail declares, in lower case, without parameters.
    public var type: String
    public var content: [UInt8]
    /// Shown within the text (a `cid:` picture), rather than beside it.
    public var isInline: Bool
    public var contentID: String?
    public init(name: String?, type: String, content: [UInt8], isInline: Bool = false, contentID: String? = nil) {
        self.name = name
        self.type = type
        self.content = content
        self.isInline = isInline
        self.contentID = contentID
    }
}

/// Who or what speaks, and so what may follow.
public enum MailKind: Sendable {
    /// A person, to be answered.
    case personal
    /// A person or a system, whom no automatic answer may reach: lists, newsletters, senders who ask for none
    /// (RFC 3834, 2).
    case unanswerable(reason: String)
    /// An automatic reply: kept with its ticket, never opens one, never answered.
    case automatic(reason: String)
    /// A report on the delivery of a mail of ours (RFC 3464, and those who write it in their own words).
    case delivery(DeliveryReport)
    /// A notice that a mail was displayed, or not (RFC 8098).
    case disposition(original: String?)
    /// A certified mail system's receipt (RFC 6109) for a mail of ours.
    case receipt(CertifiedReceipt)
}

public struct DeliveryReport: Sendable {
    public struct Recipient: Hashable, Sendable {
        public enum Action: String, Sendable { case failed, delayed, delivered, relayed, expanded }
        public var address: String?
        public var action: Action
        /// RFC 3463, such as 5.1.1.
        public var status: String?
        /// What the other server said, one line.
        public var diagnostic: String?
        public init(address: String?, action: Action, status: String? = nil, diagnostic: String? = nil) {
            self.address = address
            self.action = action
            self.status = status
            self.diagnostic = diagnostic
        }
    }
    public var recipients: [Recipient]
    /// The Message-ID of the mail that it reports on.
    public var original: String?
    public init(recipients: [Recipient], original: String? = nil) {
        self.recipients = recipients
        self.original = original
    }
}

/// The transport envelope of an Italian certified mail (PEC; RFC 6109, D.M. 2 November 2005).
public struct CertifiedEnvelope: Sendable {
    public enum Kind: Sendable {
        /// `busta di trasporto`: between certified boxes, or so it says.
        case transport
        /// `busta di anomalia`: ordinary mail, or a broken one, that reached a certified box.
        case anomaly
    }
    public var kind: Kind
    public var certificate: CertifiedData?
    public init(kind: Kind, certificate: CertifiedData? = nil) {
        self.kind = kind
        self.certificate = certificate
    }
    /// The sender's own certified system took it from the sender: only to be believed of mail in a certified box.
    public var isCertified: Bool { kind == .transport && certificate?.type == "posta-certificata" }
}

public struct CertifiedReceipt: Sendable {
    /// The values of `X-Ricevuta`.
    public enum Kind: String, Sendable, CaseIterable {
        case accepted = "accettazione"
        case notAccepted = "non-accettazione"
        case takenInCharge = "presa-in-carico"
        case delivered = "avvenuta-consegna"
        case notDelivered = "errore-consegna"
        case warning = "preavviso-errore-consegna"
        case virus = "rilevazione-virus"
    }
    public var kind: Kind
    /// The Message-ID of our mail (`X-Riferimento-Message-ID`, or the certificate's).
    public var original: String?
    public var certificate: CertifiedData?
    public init(kind: Kind, original: String? = nil, certificate: CertifiedData? = nil) {
        self.kind = kind
        self.original = original
        self.certificate = certificate
    }
}

/// What stands in daticert.xml.
public struct CertifiedData: Hashable, Sendable {
    public struct Recipient: Hashable, Sendable {
        public var address: String
        /// Has a certified box.
        public var isCertified: Bool
        public init(address: String, isCertified: Bool) {
            self.address = address
            self.isCertified = isCertified
        }
    }
    /// `postacert@tipo`
    public var type: String
    /// `postacert@errore`; null for `nessuno`.
    public var error: String?
    public var sender: String?
    public var recipients: [Recipient]
    public var subject: String?
    /// The certifying provider.
    public var provider: String?
    /// The provider's own id of the message.
    public var identifier: String?
    /// The Message-ID that the sender gave.
    public var messageID: String?
    public var at: Timestamp?
    /// To whom it was, or was not, delivered.
    public var delivery: String?
    /// `errore-esteso`
    public var detail: String?
    public init(
        type: String, error: String? = nil, sender: String? = nil, recipients: [Recipient] = [],
        subject: String? = nil, provider: String? = nil, identifier: String? = nil, messageID: String? = nil,
        at: Timestamp? = nil, delivery: String? = nil, detail: String? = nil
    ) {
        self.type = type
        self.error = error
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
        self.provider = provider
        self.identifier = identifier
        self.messageID = messageID
        self.at = at
        self.delivery = delivery
        self.detail = detail
    }
}
