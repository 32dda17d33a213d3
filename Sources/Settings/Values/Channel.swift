import Civic

public struct Channel: Sendable {
    public enum Kind: Sendable {
        /// The generic webhook.
        case webhook
        case email(EmailIntake)
        case telegram(TelegramAccount)
        case whatsapp(MetaAccount)
        case messenger(MetaAccount)
        case instagram(MetaAccount)
        case sms(SMSAccount)
        case mastodon(MastodonAccount)
        case open311(Open311Intake)
    }
    public var name: String
    public var kind: Kind
    /// Takes messages. A closed one keeps its name, for the rules that speak of it.
    public var isOpen: Bool
    public var token: Secret?
    public var signingSecrets: [Secret]
    public var attests: Set<IdentityKind>
    public var language: String?
    public var areaField: String
    public var messagesPerMinute: Int?
    public var defaultCategory: String?
    public var defaultTags: [String]
    public var files: FileBounds
    /// Of a webhook: where the token is, if not in `Authorization: Bearer`.
    public var tokenPlace: TokenPlace?
    /// Of a webhook: a foreign sender's signature.
    public var bodySignature: BodySignature?
    /// Of a webhook: how foreign data becomes a message; nil if it is the contract's own.
    public var mapping: FieldMapping?
    /// Of a webhook: its senders do not come again, so that what they post while PostgreSQL is away is kept in the spool.
    public var isSpooled = false

    public init(
        name: String, kind: Kind = .webhook, isOpen: Bool = true, token: Secret?, signingSecrets: [Secret] = [],
        attests: Set<IdentityKind> = [],
        language: String? = nil, areaField: String = "municipio", messagesPerMinute: Int? = nil,
        defaultCategory: String? = nil, defaultTags: [String] = [], files: FileBounds = FileBounds()
    ) {
        self.name = name
        self.kind = kind
        self.isOpen = isOpen
        self.token = token
        self.signingSecrets = signingSecrets
        self.attests = attests
        self.language = language
        self.areaField = areaField
        self.messagesPerMinute = messagesPerMinute
        self.defaultCategory = defaultCategory
        self.defaultTags = defaultTags
        self.files = files
    }

    /// Of a messenger's: where citizens chat.
    public var medium: Medium? {
        switch kind {
        case .telegram: .telegram
        case .whatsapp: .whatsapp
        case .messenger: .messenger
        case .instagram: .instagram
        case .sms: .sms
        case .mastodon: .mastodon
        default: nil
        }
    }
    public var isWebhook: Bool { if case .webhook = kind { true } else { false } }
    public var email: EmailIntake? { if case .email(let intake) = kind { intake } else { nil } }
    public var open311: Open311Intake? { if case .open311(let intake) = kind { intake } else { nil } }
}

/// What a message may bring in files; what is beyond is named and left out.
public struct FileBounds: Hashable, Sendable {
    public var count = 10
    public var bytesEach = 25 << 20
    public var bytesTogether = 50 << 20

    public init() {}
}

/// How mail comes in, and what it may cause.
public struct EmailIntake: Sendable {
    /// A box that is looked into by IMAP.
    public struct Mailbox: Sendable {
        /// `imaps://HOST` or `imap://HOST`, with a port if it is not the usual one.
        public var server: String
        public var tls: Mail.TLS
        /// A file of certificates to trust instead of the system's.
        public var authority: String?
        public var user: String
        public var password: Secret
        public var folder: String
        /// Where mail goes that is taken in; null: it stays and is marked.
        public var done: String?
        /// Where mail goes that cannot be taken in.
        public var failed: String
        /// Between two looks.
        public var pause: Duration
        /// At most so many mails a minute, so that a backlog does not hurt the other channels.
        public var perMinute: Int
    }
    public var mailboxes: [Mailbox] = []
    /// A certified box (PEC): only here its envelopes and receipts are believed.
    public var isCertified = false
    /// How long after its end a ticket is reopened by a reply; later a reply opens a new one.
    public var reopenWithin = Duration.seconds(14 * 86_400)
    /// Automatic answers to one address.
    public var answersPerHour = 5
    /// Tickets that one address opens; what it writes beyond them joins its last one.
    public var ticketsPerHour = 20
    /// Bytes of one mail.
    public var size = 30 << 20

    public init() {}
}
