import Civic
import Mail
import Observability
import Postgres
import Settings
import Store

/// Takes in one mail: read, joined to its ticket or decided, durable, and only then acknowledged. Whoever brings mail
/// (a mailbox, a mail server's pipe, an operator who replays) comes through here.
public struct MailDesk: Sendable {
    public enum Outcome: Hashable, Sendable {
        case opened(ticket: String)
        case appended(ticket: String)
        /// A rule discarded it, or a machine speaks and no ticket is its.
        case kept(reason: String)
        case duplicate(ticket: String?)
        /// It could not be taken in; it is kept as it came, for an operator.
        case unread(reason: String)
    }

    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case noChannel(String)
        case tooLarge(limit: Int)

        public var description: String {
            switch self {
            case .noChannel(let name): "there is no channel \(name) of type email"
            case .tooLarge(let limit): "the mail is larger than \(limit) bytes"
            }
        }
    }

    let desk: Desk
    let correspondence: Correspondence
    let unread: UnreadMail

    public init(desk: Desk, correspondence: Correspondence, unread: UnreadMail) {
        self.desk = desk
        self.correspondence = correspondence
        self.unread = unread
    }

    /// - Throws: `Refusal`; `PostgresError` if it could not be made durable now: it may come again.
    public func accept(_ raw: [UInt8], on channel: String) async throws -> Outcome {
        let rulebook = desk.current
        guard let settings = rulebook.configuration.channels[channel], settings.isOpen,
            let intake = settings.email
        else {
            throw Refusal.noChannel(channel)
        }
        guard raw.count <= intake.size else { throw Refusal.tooLarge(limit: intake.size) }
        let entry = MailEntry(raw: raw, channel: settings, intake: intake, rulebook: rulebook, mail: self)
        do {
            return try await entry.take()
        } catch let error as PostgresError where !error.isRetriable {
            return try await keep(raw, on: channel, reason: "PostgreSQL does not take it: \(error.message)")
        }
    }

    /// Keeps what cannot be taken in.
    public func keep(_ raw: [UInt8], on channel: String, reason: String) async throws -> Outcome {
        try await unread.keep(raw, channel: channel, reason: reason, at: desk.now())
        desk.observe(.messageRefused(channel: channel, status: 422, reason: reason))
        return .unread(reason: reason)
    }
}

extension MailDesk.Outcome {
    /// For logs, metrics and answers.
    public var word: String {
        switch self {
        case .opened: "opened"
        case .appended: "appended"
        case .kept: "discarded"
        case .duplicate: "duplicate"
        case .unread: "unread"
        }
    }

    public var ticket: String? {
        switch self {
        case .opened(let code), .appended(let code): code
        case .duplicate(let code): code
        case .kept, .unread: nil
        }
    }
}
