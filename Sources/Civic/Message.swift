/// What a citizen said, through whichever channel: the one value that every channel adapter makes.
public struct Message: Hashable, Sendable {
    /// Ours: a UUIDv7, so that rows of one hour lie together.
    public var id: Identifier
    /// The configured channel's name.
    public var channel: String
    /// The sender's own id for it; the same id in the same scope is the same message.
    public var externalID: String
    /// Within which `externalID` is unique: the channel, if it is not said otherwise. All channels of e-mail share one,
    /// since one mail may reach several of them.
    public var scope: String
    public var receivedAt: Timestamp
    public var sentAt: Timestamp?
    public var sender: Sender
    public var subject: String?
    public var text: String
    /// An ISO 639-1 code the sender declared, or the channel's default.
    public var language: String?
    public var location: Location?
    public var attachments: [Attachment]
    /// A form's structured fields, flattened: nested members joined with dots.
    public var fields: [String: String]
    /// The category that the sender chose, if the channel lets it choose; one of the catalogue's.
    public var declaredCategory: String?

    public init(
        id: Identifier, channel: String, externalID: String, receivedAt: Timestamp, sentAt: Timestamp? = nil,
        sender: Sender = Sender(), subject: String? = nil, text: String, language: String? = nil,
        location: Location? = nil, attachments: [Attachment] = [], fields: [String: String] = [:],
        scope: String? = nil, declaredCategory: String? = nil
    ) {
        self.id = id
        self.channel = channel
        self.scope = scope ?? channel
        self.externalID = externalID
        self.receivedAt = receivedAt
        self.sentAt = sentAt
        self.sender = sender
        self.subject = subject
        self.text = text
        self.language = language
        self.location = location
        self.attachments = attachments
        self.fields = fields
        self.declaredCategory = declaredCategory
    }
}

/// Who speaks, as far as the channel tells. Values are normalised (see `FiscalCode`, `EmailAddress`, `PhoneNumber`).
public struct Sender: Hashable, Sendable {
    public var name: String?
    public var email: String?
    public var phone: String?
    public var fiscalCode: String?
    /// With a messenger: `telegram:4711`. What follows the colon is the messenger's own.
    public var account: String?
    /// The kinds that the channel vouches for (it authenticated the citizen); the others are only declared.
    public var attested: Set<IdentityKind>
    /// How they want to be told, if they said so with this message.
    public var wish: ContactWish?

    public init(
        name: String? = nil, email: String? = nil, phone: String? = nil, fiscalCode: String? = nil,
        account: String? = nil, attested: Set<IdentityKind> = [], wish: ContactWish? = nil
    ) {
        self.name = name
        self.email = email
        self.phone = phone
        self.fiscalCode = fiscalCode
        self.account = account
        self.attested = attested
        self.wish = wish
    }

    /// Strongest first: attested before declared, and in each the fiscal code, then e-mail, phone and account.
    public var identities: [Identity] {
        let all: [Identity] = [
            fiscalCode.map { Identity(kind: .fiscalCode, value: $0, attested: attested.contains(.fiscalCode)) },
            email.map { Identity(kind: .email, value: $0, attested: attested.contains(.email)) },
            phone.map { Identity(kind: .phone, value: $0, attested: attested.contains(.phone)) },
            account.map { Identity(kind: .account, value: $0, attested: attested.contains(.account)) },
        ].compactMap(\.self)
        return all.filter(\.attested) + all.filter { !$0.attested }
    }
}

public enum IdentityKind: String, Hashable, Sendable, CaseIterable {
    case fiscalCode = "fiscal_code"
    case email
    case phone
    /// An account on a messaging channel.
    case account
}

/// One way to recognise a citizen. An attested identity is never merged with a declared one.
public struct Identity: Hashable, Sendable {
    public let kind: IdentityKind
    public let value: String
    public let attested: Bool

    public init(kind: IdentityKind, value: String, attested: Bool) {
        self.kind = kind
        self.value = value
        self.attested = attested
    }
}

public struct Location: Hashable, Sendable {
    public var point: GeoPoint?
    /// In metres: how far off the point may be. Null: nothing is said.
    public var accuracy: Double?
    public var address: String?
    public init(point: GeoPoint? = nil, accuracy: Double? = nil, address: String? = nil) {
        self.point = point
        self.accuracy = accuracy
        self.address = address
    }
}

/// WGS84 degrees.
public struct GeoPoint: Hashable, Sendable {
    public let latitude: Double
    public let longitude: Double
    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }
}

public struct Attachment: Hashable, Sendable {
    public var name: String
    /// The media type that the sender declared.
    public var type: String
    public var content: [UInt8]
    /// It stands within the text of a mail.
    public var isInline: Bool
    public init(name: String, type: String, content: [UInt8], isInline: Bool = false) {
        self.name = name
        self.type = type
        self.content = content
        self.isInline = isInline
    }
    /// Declared as `image/…`.
    public var isImage: Bool { type.lowercased().hasPrefix("image/") }
}
