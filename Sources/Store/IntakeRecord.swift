import Civic

/// All that one message makes, decided and ready to be written in one transaction.
public struct IntakeRecord: Sendable {
    public var message: Message
    /// The bytes as they came.
    public var raw: [UInt8]
    public var citizen: Identifier?
    public var identities: [Identity]
    public var outcome: Outcome
    public var kind = MessageKind.opening
    /// What only e-mail has.
    public var mail: MailFacts?
    public var attachments: [StoredAttachment] = []
    /// Of the citizen, for all that concerns them; only from one whom the channel vouches for.
    public var wish: ContactWish?

    public enum Outcome: Sendable {
        case ticket(NewTicket)
        /// Kept, never answered; the reason a rule gave, or what speaks.
        case discarded(reason: String)
        /// Added to a ticket that is there.
        case appended(to: Int64)
    }

    public init(message: Message, raw: [UInt8], citizen: Identifier?, identities: [Identity], outcome: Outcome) {
        self.message = message
        self.raw = raw
        self.citizen = citizen
        self.identities = identities
        self.outcome = outcome
    }
}

public struct NewTicket: Sendable {
    public var number: Int64
    public var code: String
    public var category: String?
    public var office: String
    public var priority: Priority
    public var area: String?
    public var language: String
    public var openedAt: Timestamp
    public var dueAt: Timestamp?
    public var contact: Contact?
    public var tags: [String]
    public var undecided: Bool
    /// JSON.
    public var decision: String
    public var config: String
    public var openedEvent: Identifier
    public var links: [TicketLink] = []
    /// Why the contact is this one.
    public var contactWhy: String?
    /// What the citizen said of this ticket alone.
    public var wish: ContactWish?
    /// Of the opening event: what was left out of the message.
    public var note: String?
    /// Hand-overs that the catalogue foresees, and their notes.
    public var notifications: [OwedNotification]

    public init(
        number: Int64, code: String, category: String?, office: String, priority: Priority, area: String?,
        language: String, openedAt: Timestamp, dueAt: Timestamp?, contact: Contact?, tags: [String], undecided: Bool,
        decision: String, config: String, openedEvent: Identifier, notifications: [OwedNotification]
    ) {
        self.number = number
        self.code = code
        self.category = category
        self.office = office
        self.priority = priority
        self.area = area
        self.language = language
        self.openedAt = openedAt
        self.dueAt = dueAt
        self.contact = contact
        self.tags = tags
        self.undecided = undecided
        self.decision = decision
        self.config = config
        self.openedEvent = openedEvent
        self.notifications = notifications
    }
}

/// The channel that reaches a citizen.
public struct Contact: Hashable, Sendable {
    public var medium: Medium
    public var address: String
    /// What is tried when this does not reach them (`Fallback`).
    public var fallback: String?

    public init(medium: Medium, address: String, fallback: String? = nil) {
        self.medium = medium
        self.address = address
        self.fallback = fallback
    }
}

/// A notification that must be attempted until it is delivered, refused for good, or its time is over; with the facts
/// its text needs.
public struct OwedNotification: Sendable, Identifiable {
    public var id: Identifier
    public var ticket: Int64
    public var event: Identifier
    public var code: String
    public var medium: Medium
    public var recipient: String
    public var fallback: String?
    public var template: String
    public var language: String
    public var attempts: Int
    public var createdAt: Timestamp
    public var nextAttemptAt: Timestamp
    public var expiresAt: Timestamp
    public var priority: Priority
    public var category: String?
    public var office: String
    public var openedAt: Timestamp
    public var dueAt: Timestamp?
    public var eventAt: Timestamp
    public var note: String?
    public var forwardedTo: String?
    /// The Message-ID of the mail that opened the ticket: what is sent is shown below it.
    public var inReplyTo: String?
    /// What the event asks the citizen to pay.
    public var payment: PaymentNotice?
    /// Earlier events that are told together with this one, the oldest first.
    public var earlier: [Earlier] = []
    /// Their ids, as the table has them.
    public var bundled: [Identifier] = []
    /// An office gave files to its event, or to one of the bundled.
    public var hasFiles = false
    /// The notification that did not reach the citizen, whose place this one takes.
    public var insteadOf: Identifier?
    /// The template of what was told last before this: what an erratum corrects.
    public var corrects: String?
    /// Why it is written down and not sent.
    public var withheld: String?
    /// The daemon that holds it in memory, in whose name it was written; nil: it is left in the table for whoever has room.
    /// Known once it is written.
    public var heldBy: Int64?
    public var isHeld: Bool { heldBy != nil }

    /// An event that is told together with a later one.
    public struct Earlier: Hashable, Sendable {
        public var kind: TicketEvent.Kind
        public var at: Timestamp
        public var note: String?
        public init(kind: TicketEvent.Kind, at: Timestamp, note: String?) {
            self.kind = kind
            self.at = at
            self.note = note
        }
    }

    public var isToOffice: Bool { template.hasPrefix("office_") }

    public init(
        id: Identifier, ticket: Int64, event: Identifier, code: String, medium: Medium, recipient: String,
        fallback: String?, template: String, language: String, attempts: Int = 0, createdAt: Timestamp,
        nextAttemptAt: Timestamp, expiresAt: Timestamp, priority: Priority, category: String?, office: String,
        openedAt: Timestamp, dueAt: Timestamp?, eventAt: Timestamp, note: String? = nil, forwardedTo: String? = nil,
        inReplyTo: String? = nil
    ) {
        self.id = id
        self.ticket = ticket
        self.event = event
        self.code = code
        self.medium = medium
        self.recipient = recipient
        self.fallback = fallback
        self.template = template
        self.language = language
        self.attempts = attempts
        self.createdAt = createdAt
        self.nextAttemptAt = nextAttemptAt
        self.expiresAt = expiresAt
        self.priority = priority
        self.category = category
        self.office = office
        self.openedAt = openedAt
        self.dueAt = dueAt
        self.eventAt = eventAt
        self.note = note
        self.forwardedTo = forwardedTo
        self.inReplyTo = inReplyTo
    }
}

/// What became of a message.
public enum IntakeResult: Sendable {
    /// Written now.
    case stored
    /// It was here already; nothing changed.
    case duplicate(message: Identifier, ticket: String?)
}
