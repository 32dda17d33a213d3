import Civic

/// What a stored message is to its ticket.
public enum MessageKind: String, Hashable, Sendable, CaseIterable {
    /// It opened a ticket, or a rule discarded it.
    case opening
    /// A person wrote again.
    case reply
    /// A further piece of the message before it, such as a picture of an album.
    case part
    /// Said by a messenger, or to it rather than to the city: a command, an event without words.
    case notice
    /// A robot answered.
    case automatic
    /// A report on the delivery of a mail of ours.
    case delivery
    /// A mail of ours was displayed, or not.
    case disposition
    /// A certified mail system's receipt.
    case receipt
}

/// What only e-mail has.
public struct MailFacts: Hashable, Sendable {
    /// The Message-ID, without angle brackets.
    public var id: String?
    public var quoted: String?
    public var signature: String?
    /// JSON: what the certified mail's envelope or receipt says.
    public var certificate: String?

    public init(id: String? = nil, quoted: String? = nil, signature: String? = nil, certificate: String? = nil) {
        self.id = id
        self.quoted = quoted
        self.signature = signature
        self.certificate = certificate
    }
}

/// How a new ticket belongs to another one.
public struct TicketLink: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// A reply that came too late to reopen it.
        case follows
        /// It names the other, but its sender is not known there.
        case possibly
        /// A person made it of a message of the other.
        case split
    }
    public var other: Int64
    public var kind: Kind

    public init(other: Int64, kind: Kind) {
        self.other = other
        self.kind = kind
    }
}
