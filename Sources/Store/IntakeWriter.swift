import Civic
import EventLoop
import Postgres
import Synchronization

/// Makes messages durable, many at a time.
///
/// Natural batching: what arrives while the previous commit is in flight goes into the next one. There is no timer, so
/// nothing waits when the city sleeps. Two writers, each with its own connection, share one queue.
/// Limits: at most `capacity` messages wait, of at most 64 MiB together; beyond that, and while PostgreSQL is away,
/// `submit` throws `PostgresError` at once and the sender is asked to come again, which is safe: the same id is the same
/// message. A PostgreSQL that is silent for longer than `patience` is away: nobody waits longer behind it.
public final class IntakeWriter: Sendable {
    public struct Batch: Sendable {
        public let rows: Int
        public let seconds: Double
    }

    private struct Pending: Sendable {
        let record: IntakeRecord
        let continuation: CheckedContinuation<Result<IntakeResult, PostgresError>, Never>
    }

    private struct State {
        var queue: [Pending] = []
        var queuedBytes = 0
        /// When a writer last took a batch.
        var takenAt = ContinuousClock.now
        var idle: [BatchWriter]
        var closed = false

        /// One message at least, however large.
        mutating func takeBatch() -> [Pending] {
            var count = 0
            var bytes = 0
            while count < min(queue.count, IntakeWriter.batchLimit) {
                bytes += queue[count].record.size
                if count > 0, bytes > IntakeWriter.batchBytes { break }
                count += 1
            }
            let batch = Array(queue.prefix(count))
            queue.removeFirst(count)
            queuedBytes -= batch.reduce(0) { $0 + $1.record.size }
            takenAt = .now
            return batch
        }
    }

    private let state: Mutex<State>
    let writers: [BatchWriter]
    private let capacity: Int
    /// How long PostgreSQL may be silent, and a message wait behind it, unless told otherwise.
    public static let patience = Duration.seconds(10)
    private static let batchLimit = 400
    private static let batchBytes = 8 << 20
    private static let queueBytes = 64 << 20
    /// A writer that is not back by then may be stuck, and the other one joins whatever the crowd.
    private static let lateness = Duration.seconds(1)
    /// Messages that must wait before a second writer joins: fewer and larger batches cost less, and at a lower rate the
    /// first writer is back before it matters.
    private static let crowd = 64

    /// Returns once the loops of all writers have gone round.
    public func roundTrip() async { for writer in writers { await writer.roundTrip() } }

    /// - Parameters:
    ///   - patience: how long PostgreSQL may be silent in one statement until it counts as away.
    ///   - owner: this daemon's id while it may hold notifications in memory, else null.
    ///   - committed: the notifications of what was just written, to be delivered from memory.
    public init(
        configuration: PostgresConfiguration, connections: Int = 2, capacity: Int = 20_000,
        patience: Duration = IntakeWriter.patience,
        owner: @escaping @Sendable () -> Holder?, observe: @escaping @Sendable (PostgresEvent) -> Void,
        measured: @escaping @Sendable (Batch) -> Void,
        committed: @escaping @Sendable ([OwedNotification]) -> Void
    ) throws {
        self.capacity = capacity
        var configuration = configuration
        // Planning forty arrays takes longer than writing them, and the plan never depends on what is in them.
        configuration.settings["plan_cache_mode"] = "force_generic_plan"
        // And is made for the empty tables of a first day: it must go by an index. Lists that were sent are still joined by
        // hashing; tables are looked up row by row (`lateral`).
        configuration.settings["enable_seqscan"] = "off"
        configuration.settings["enable_mergejoin"] = "off"
        configuration.statementTimeout = min(configuration.statementTimeout, patience)
        writers = try (0..<connections).map { index in
            let loop = try EventLoop(label: "pasquino.intake.\(index)")
            return BatchWriter(
                connection: PostgresConnection(configuration: configuration, loop: loop, observe: observe), loop: loop,
                owner: owner, measured: measured, committed: committed)
        }
        state = Mutex(State(idle: writers))
    }

    /// Returns once the message and all that follows from it are committed (or were, by an earlier delivery).
    /// - Throws: `PostgresError` if it could not be made durable now.
    public func submit(_ record: IntakeRecord) async throws(PostgresError) -> IntakeResult {
        let result = await withCheckedContinuation { continuation in
            let pending = Pending(record: record, continuation: continuation)
            let (accepted, writer) = state.withLock { state -> (Bool, BatchWriter?) in
                guard !state.closed, state.queue.count < capacity, state.queuedBytes < IntakeWriter.queueBytes else {
                    return (false, nil)
                }
                state.queue.append(pending)
                state.queuedBytes += record.size
                let wanted =
                    state.idle.count == writers.count || state.queue.count >= IntakeWriter.crowd
                    || ContinuousClock.now - state.takenAt > IntakeWriter.lateness
                return (true, wanted ? state.idle.popLast() : nil)
            }
            if !accepted {
                continuation.resume(returning: .failure(PostgresError(.unavailable, "the intake is full")))
            }
            if let writer { Task(executorPreference: writer.loop.taskExecutor) { await self.run(writer) } }
        }
        return try result.get()
    }

    /// Refuses what comes from now on, and returns when what had come is written, or `patience` has passed.
    public func drain(within patience: Duration = IntakeWriter.patience) async {
        state.withLock { $0.closed = true }
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end, !isIdle { try? await Task.sleep(for: .milliseconds(10)) }
        for writer in writers { await writer.finish() }
    }

    /// Messages that no writer has taken yet.
    var waiting: Int { state.withLock { $0.queue.count } }

    var isClosed: Bool { state.withLock { $0.closed } }

    private var isIdle: Bool { state.withLock { $0.queue.isEmpty && $0.idle.count == writers.count } }

    private func run(_ writer: BatchWriter) async {
        while true {
            let batch = state.withLock { state -> [Pending] in
                guard !state.queue.isEmpty else {
                    state.idle.append(writer)
                    return []
                }
                return state.takeBatch()
            }
            if batch.isEmpty { return }
            let results = await writer.write(batch.map(\.record))
            for (pending, result) in zip(batch, results) { pending.continuation.resume(returning: result) }
            if case .failure(let error)? = results.last, error.isAbsence { refuseAll(error) }
        }
    }

    /// Those who wait behind a PostgreSQL that is away are told so, too.
    private func refuseAll(_ error: PostgresError) {
        let refused = state.withLock { state in
            defer {
                state.queue = []
                state.queuedBytes = 0
            }
            return state.queue
        }
        let reason = PostgresError(.unavailable, error.message)
        for pending in refused { pending.continuation.resume(returning: .failure(reason)) }
    }
}

extension PostgresError {
    /// There is no PostgreSQL to be reached, whatever is asked of it.
    fileprivate var isAbsence: Bool {
        switch kind {
        case .connectionLost, .unavailable, .timeout: true
        case .server, .usage: false
        }
    }
}

extension IntakeRecord {
    /// Bytes that it takes, roughly.
    fileprivate var size: Int { raw.count + message.text.utf8.count + attachments.reduce(2000) { $0 + $1.weight } }
}
