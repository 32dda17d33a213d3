import Civic

/// One mail as it lay in its mailbox.
public struct FetchedMail: Sendable {
    /// Where it came from. The same mail keeps its origin as long as the server keeps `uidValidity`.
    public struct Origin: Sendable, Hashable {
        public var mailbox: String
        public var folder: String
        public var uidValidity: UInt32
        public var uid: UInt32
    }

    public var origin: Origin
    /// When the server got it; nil if it does not say.
    public var receivedAt: Timestamp?
    /// RFC 5322, byte for byte as the server gave it. The same mail always comes with the same bytes.
    public var raw: [UInt8]
    /// Of the whole mail, as the server says.
    public var size: Int
    /// `raw` is only the start of a mail beyond the size limit. It is moved aside whatever becomes of it.
    public var isTruncated: Bool
}

/// What became of a mail that was accepted: it is recorded for good.
public enum MailDisposition: Sendable, Equatable {
    case done
    /// Kept raw and shown, but not understood: it is moved aside.
    case unreadable
}

/// Why a mail was not accepted. Any other error counts as one of that mail's own.
public struct MailNotAccepted: Error, Sendable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        /// Nothing can be accepted now: the database is away, the daemon overloaded. The mailbox waits.
        case unavailable(retryAfter: Duration?)
        /// Something is wrong with this mail. The others go on; it is tried again later.
        case thisMail
    }

    public let cause: Cause
    /// For logs: without personal data.
    public let reason: String

    public init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = reason
    }

    public var description: String { reason }
}
