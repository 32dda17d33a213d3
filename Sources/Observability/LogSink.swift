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
}

/// Keeps everything; for tests.
public final class MemorySink: LogSink {
    private let kept = Mutex<[LogRecord]>([])
    public init() {}
    public var records: [LogRecord] { kept.withLock { $0 } }
    public func write(_ record: LogRecord) -> Bool {
        kept.withLock { $0.append(record) }
        return true
    }
}
