import Store

/// What an attempt came to. The decision is separate from the reason, which is a label or a short sentence without
/// anything personal in it.
public enum Verdict: Hashable, Sendable {
    /// Accepted by the other side; its id, if it gave one.
    case delivered(remoteID: String?)
    /// Not now. `pause` holds the whole destination back, not only this notification.
    case tryAgain(reason: String, after: Duration?, pause: Bool)
    /// No attempt was made: its part of the other side is closed for so long. Says nothing of the others, and does not
    /// count.
    case held(reason: String, for: Duration)
    /// The answer was lost after the request was sent, and repeating it could tell the citizen twice.
    case uncertain(reason: String)
    /// This medium does not reach the citizen: use the fallback, if there is one.
    case unreachable(reason: String)
    /// The citizen is not to be found on this medium, and what is owed to them within so long begins with the next one:
    /// like `unreachable`, and remembered.
    case absent(reason: String, for: Duration)
    /// Refused for good.
    case givenUp(reason: String)
    /// Our side is wrong (a key, a permission, a password): nothing more goes there until somebody acts; this
    /// notification keeps waiting.
    case stopped(reason: String)
}

/// One way to bring a notification to its recipient. Adding a medium is a folder with a carrier, and a line where the
/// daemon composes them.
public protocol Carrier: Sendable {
    /// The name under which the destination is counted and shown.
    var destination: String { get }
    /// How many attempts may be under way at once.
    var concurrency: Int { get }
    /// - Parameter markSending: makes durable that a request which must not be repeated blindly is about to be made.
    ///   Throws if that failed; then the request must not be made.
    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict
}
