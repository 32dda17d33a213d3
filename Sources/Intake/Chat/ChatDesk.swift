import Boundaries
import Civic
import Observability
import Postgres
import Settings
import Store

/// Takes in what messengers tell: a citizen's word goes to the chat's ticket or opens one, a command is obeyed, a receipt
/// is noted, and the rest is kept. Whoever reads a messenger (an address that it calls, a poller) comes through here.
public struct ChatDesk: Sendable {
    public enum Outcome: Hashable, Sendable {
        case opened(ticket: String)
        case appended(ticket: String)
        /// By a rule.
        case discarded
        case duplicate
        /// Nothing that the city can use; kept.
        case ignored
        case obeyed
        /// `known`: it spoke of a notification of ours.
        case noted(known: Bool)
    }

    let desk: Desk
    let conversations: Conversations
    let outbox: Outbox
    let unread: UnreadMail
    /// Says something once, without being waited for.
    let say: @Sendable (Saying) -> Void
    /// There are files to be fetched.
    let fetch: @Sendable () -> Void

    public init(
        desk: Desk, conversations: Conversations, outbox: Outbox, unread: UnreadMail,
        say: @escaping @Sendable (Saying) -> Void, fetch: @escaping @Sendable () -> Void
    ) {
        self.desk = desk
        self.conversations = conversations
        self.outbox = outbox
        self.unread = unread
        self.say = say
        self.fetch = fetch
    }

    /// - Parameter raw: the delivery that told it.
    /// - Throws: `PostgresError` if it could not be made durable now: it may come again. `EarlyReceipt`.
    @discardableResult
    func take(
        _ event: ChatEvent, raw: [UInt8], on channel: Channel, medium: Medium, by rulebook: Desk.Rulebook
    ) async throws -> Outcome {
        let entry = ChatEntry(raw: raw, channel: channel, medium: medium, rulebook: rulebook, chats: self)
        let started = ContinuousClock.now
        let (outcome, verdict) = try await entry.take(event)
        Boundary.chatTaken.pass()
        if case .noted = outcome { return outcome }
        desk.observe(
            .messageAccepted(
                channel: channel.name, outcome: outcome.word, ticket: outcome.ticket, category: verdict?.category,
                office: verdict?.office, rule: verdict?.explanation.because.first { $0.field == .category }?.rule,
                undecided: verdict?.undecided ?? false, seconds: (ContinuousClock.now - started).inSeconds))
        return outcome
    }

    /// A failure was told before its message's id was recorded. It will be told again.
    struct EarlyReceipt: Error {}
}

extension ChatDesk.Outcome {
    /// For logs, metrics and tests.
    public var word: String {
        switch self {
        case .opened: "opened"
        case .appended: "appended"
        case .discarded: "discarded"
        case .duplicate: "duplicate"
        case .ignored: "ignored"
        case .obeyed: "command"
        case .noted: "receipt"
        }
    }

    public var ticket: String? {
        switch self {
        case .opened(let code), .appended(let code): code
        case .discarded, .duplicate, .ignored, .obeyed, .noted: nil
        }
    }
}
