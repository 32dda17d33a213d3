public enum Priority: String, Hashable, Sendable, CaseIterable, Comparable {
    case low, normal, high, urgent

    private var rank: Int { Priority.allCases.firstIndex(of: self)! }
    public static func < (a: Priority, b: Priority) -> Bool { a.rank < b.rank }
}

/// Where a ticket stands. The words are those of `POST /v1/tickets/{code}/events`.
public enum TicketStatus: String, Hashable, Sendable, CaseIterable {
    /// Received, with its first office. Can become anything below.
    case open
    /// An office has taken it in charge.
    case acknowledged
    case inProgress = "in_progress"
    /// For the citizen: the office cannot go on without them, and its time stands still.
    case waiting
    /// With another body.
    case forwarded
    /// Done. Can only become `reopened`.
    case resolved
    /// Refused with a reason. Can only become `reopened`.
    case rejected
    case reopened

    public var isClosed: Bool { self == .resolved || self == .rejected }

    /// Whether a back office may report `next` after this. The same status again is a further note, never an error.
    public func allows(_ next: TicketStatus) -> Bool {
        if next == .open { return false }
        if isClosed { return next == self || next == .reopened }
        return next != .reopened || self == .reopened
    }
}

/// One line of a ticket's history.
public struct TicketEvent: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case opened, acknowledged, inProgress = "in_progress", waiting, forwarded, resolved, rejected, reopened
        /// Moved to another office or category by hand.
        case moved
        /// The citizen wrote again.
        case message
        /// A note that changes nothing and is not told to the citizen.
        case note
        /// A word to the citizen that changes nothing else.
        case answered
        /// What was told before was wrong; the note says what is right.
        case corrected
        /// The office was reminded that the ticket is due.
        case reminded
        /// The next level was told that the ticket is overdue.
        case escalated

        /// What the daemon or the office does among themselves.
        public var isInternal: Bool { self == .note || self == .reminded || self == .escalated }
    }
    public var at: Timestamp
    public var kind: Kind
    /// `rules`, an office's code, or `operator:NAME`; for citizens `citizen`, `mail` (a mail system), or `open311:NAME`, a
    /// system that hands on what they say.
    public var by: String
    public var note: String?
    public var office: String?
    /// What it asks the citizen to pay.
    public var payment: PaymentNotice?
    public init(
        at: Timestamp, kind: Kind, by: String, note: String? = nil, office: String? = nil, payment: PaymentNotice? = nil
    ) {
        self.at = at
        self.kind = kind
        self.by = by
        self.note = note
        self.office = office
        self.payment = payment
    }

    /// Its note is the citizen's own words.
    public var isFromCitizen: Bool { kind == .message || by == "citizen" || by.hasPrefix("open311:") }
    /// The city says it to the citizen. What a machine noted (`rules`: what was left out of a message) is for offices.
    public var isTold: Bool { !kind.isInternal && !isFromCitizen && !["rules", "mail"].contains(by) }
}

public enum Medium: String, Hashable, Sendable, CaseIterable {
    case email
    /// Certified mail (posta elettronica certificata).
    case pec
    case appIO = "app_io"
    // To offices: a recipient is an office's code.
    case webhook, open311
    // Messengers: a recipient is CHANNEL/CHAT, since a city may have several accounts.
    case telegram, whatsapp, messenger, instagram, sms, mastodon

    /// What is said there is said in a chat: in short, without a subject.
    public var isChat: Bool {
        switch self {
        case .telegram, .whatsapp, .messenger, .instagram, .sms, .mastodon: true
        case .email, .pec, .appIO, .webhook, .open311: false
        }
    }
}
