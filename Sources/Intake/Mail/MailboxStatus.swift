import Civic

/// How a mailbox does, for `status` and metrics.
public struct MailboxStatus: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case connecting
        /// Mails are being taken.
        case working
        /// All that lay there is done.
        case resting
        /// The connection is lost, or mails cannot be recorded now. Mends itself.
        case interrupted(reason: String)
        /// Somebody has to do something.
        case troubled(reason: String)
        case stopped
    }

    public var mailbox: String
    public var state = State.connecting
    public var connectedSince: Timestamp?
    /// When the folder was last worked through, or a mail marked.
    public var lastSuccess: Timestamp?
    /// Mails in the folder that are not marked.
    public var waiting = 0
    /// Of these, mails that failed and are tried again later.
    public var failing = 0
    /// Since the start.
    public var fetched = 0
    public var accepted = 0
    public var marked = 0
    public var movedAside = 0
    public var failures = 0

    public init(mailbox: String) { self.mailbox = mailbox }
}

/// What an operator should hear of a mailbox.
public enum MailboxEvent: Sendable, Equatable {
    case connected
    /// Once an outage. Mends itself.
    case interrupted(reason: String)
    /// Once for each reason: what is wrong, and what to do.
    case troubled(reason: String, advice: String)
    /// After `interrupted` or `troubled`.
    case recovered
    /// A mail failed, and is tried again.
    case mailFailed(FetchedMail.Origin, reason: String, retryIn: Duration)
    /// To the folder for failed mails, for people to look at.
    case movedAside(FetchedMail.Origin, reason: String)
    /// It is dealt with, but the server would not move it; it stays, and is marked where the server allows it.
    case notMoved(FetchedMail.Origin, reason: String)
}
