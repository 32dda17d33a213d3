import NIOCore

/// How long a connection may keep the daemon waiting. Without them a few thousand silent connections take every
/// descriptor there is.
public struct ConnectionLimits: Sendable {
    /// From the connection, or the last answer, to the end of the next request's head; and the time that an answer may
    /// wait to be taken. Longer than any sender's pause in one head, short enough that silence costs little.
    public var idle: TimeAmount
    /// From the end of a head to the end of its body: 1 MiB at 18 kB a second, a poor mobile line.
    public var body: TimeAmount
    /// How long the answer to a request that was not read to its end may be fetched before the connection is reset.
    public var linger: TimeAmount

    public init(idle: TimeAmount = .seconds(30), body: TimeAmount = .seconds(60), linger: TimeAmount = .seconds(2)) {
        self.idle = idle
        self.body = body
        self.linger = linger
    }
}
