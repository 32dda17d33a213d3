import Civic
import Glibc
import Synchronization

/// Where the parts of the daemon report what happened: it counts every observation, and shows those of a sufficient
/// level. Called from any thread; never waits.
public final class Observer: Sendable {
    public let metrics: Metrics
    private let sink: any LogSink
    private let now: @Sendable () -> Timestamp
    private let threshold: Atomic<Int>
    /// Who floods the daemon with requests that it refuses must not flood the log: ten lines a second tell as much.
    private let refusals = Mutex(LineQuota(perSecond: 10))

    /// - Parameters:
    ///   - level: the lowest level that is shown; metrics count everything.
    ///   - now: the clock of the log lines.
    public init(
        level: LogLevel, sink: any LogSink, metrics: Metrics = Metrics(),
        now: @escaping @Sendable () -> Timestamp = wallClock
    ) {
        self.metrics = metrics
        self.sink = sink
        self.now = now
        threshold = Atomic(level.priority)
    }

    /// To the journal if standard error leads there, else as lines on standard error.
    public static func standard(level: LogLevel) -> Observer {
        let stream = getenv("JOURNAL_STREAM").map { String(cString: $0) }
        if JournalSink.isStream(stream), let journal = JournalSink() { return Observer(level: level, sink: journal) }
        return Observer(level: level, sink: PlainSink())
    }

    /// To the journal, if there is one: for programs beside the daemon that change a ticket.
    public static func journal() -> Observer? {
        guard access(JournalSink.standardPath, W_OK) == 0 else { return nil }
        return JournalSink().map { Observer(level: .info, sink: $0) }
    }

    /// May change while the daemon runs.
    public var level: LogLevel {
        get {
            let priority = threshold.load(ordering: .relaxed)
            return LogLevel.allCases.first { $0.priority == priority } ?? .info
        }
        set { threshold.store(newValue.priority, ordering: .relaxed) }
    }

    public func callAsFunction(_ observation: Observation) {
        observation.count(in: metrics)
        let now = now()
        let level = sink.keepsTickets && observation.ticket != nil ? max(.info, observation.level) : observation.level
        let wanted = level.priority <= threshold.load(ordering: .relaxed)
        let (left, shown) = refusals.withLock { quota in
            // Any observation tells that the second is over; the regular look at the database comes without requests.
            let left = quota.settle(at: now)
            guard wanted, case .messageRefused = observation else { return (left, wanted) }
            return (left, quota.take(at: now))
        }
        if let left { write(.refusalsNotShown(count: left), at: now) }
        if shown { write(observation, at: now) }
    }

    private func write(_ observation: Observation, at now: Timestamp) {
        let record = LogRecord(
            at: now, level: observation.level, name: observation.name, sentence: observation.sentence,
            fields: observation.fields)
        if !sink.write(record) { metrics.logLineDropped() }
    }
}

/// The time of day, for log lines.
@Sendable public func wallClock() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
