import Civic
import Synchronization

/// One line for an operator, before it has a form.
public struct LogRecord: Sendable {
    public let at: Timestamp
    public let level: LogLevel
    /// The observation's.
    public let name: String
    public let sentence: String
    public let fields: [(name: String, value: String)]
}

/// Where log lines go.
public protocol LogSink: Sendable {
    /// Never waits.
    /// - Returns: false if the line had to be dropped.
    func write(_ record: LogRecord) -> Bool
    /// Whether every step of a ticket's life is shown here at the level `info`, though it happens with each message.
    var keepsTickets: Bool { get }
}

extension LogSink {
    public var keepsTickets: Bool { false }
}

/// Keeps everything; for tests.
public final class MemorySink: LogSink {
    private let kept = Mutex<[LogRecord]>([])
    public let keepsTickets: Bool
    public init(keepsTickets: Bool = false) { self.keepsTickets = keepsTickets }
    public var records: [LogRecord] { kept.withLock { $0 } }
    public func write(_ record: LogRecord) -> Bool {
        kept.withLock { $0.append(record) }
        return true
    }
}
