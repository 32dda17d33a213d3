/// How far a poller has come: durable, so that after an outage or a restart it finds what it missed.
public protocol PollLedger: Sendable {
    /// The last id that was dealt with; null before the first.
    func lastID() async throws -> String?
    func remember(_ id: String) async throws
}

/// What an operator should hear of a poller.
public enum PollEvent: Sendable, Hashable {
    case connected
    /// Once an outage. Mends itself.
    case interrupted(reason: String)
    /// Once for each reason: what is wrong, and what to do.
    case troubled(reason: String, advice: String)
    /// After `interrupted` or `troubled`.
    case recovered
}
