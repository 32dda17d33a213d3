/// How long data about people are kept; what is nil is kept for ever.
public struct Retention: Hashable, Sendable {
    /// After a ticket's end: then nothing tells any more whose it was or what was written.
    public var tickets: Duration?
    /// The bytes of messages as they came.
    public var raw: Duration?
    /// Messages that a rule discarded.
    public var discarded: Duration?
    /// What could not be understood.
    public var unreadMail: Duration?
    /// Counters of addresses that wrote.
    public var correspondents: Duration?
    public var shadowDifferences: Duration?
    /// Single attempts to deliver.
    public var attempts: Duration?
    public var audit: Duration?

    public init() {}
}
