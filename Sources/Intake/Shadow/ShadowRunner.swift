import Civic
import Dispatch
import Observability
import Postgres
import Store
import Synchronization

/// Decides messages once more by the shadow's rules and keeps what differs. It begins when a message has been
/// acknowledged, and nothing waits for it.
///
/// Limits: one thread of low priority, which rests three times as long as it works, so that the shadow takes a quarter of
/// one processor at most, whatever its rules cost. At most `capacity` messages wait, of 16 MiB of text together; what
/// comes beyond that is skipped and counted. Differences that cannot be written wait for the next beat, `capacity` of
/// them at most. What waits when the daemon is killed is lost: the shadow decides nothing that anybody was promised.
public final class ShadowRunner: Sendable {
    public typealias Record = @Sendable ([ShadowDifference], [ShadowTally]) async throws(PostgresError) -> Void

    fileprivate struct Item: Sendable {
        let message: Message
        let live: Conclusion.Outline
        let ticket: Int64?
        let shadow: Classifier
        var size: Int { message.text.utf8.count + 500 }
    }

    fileprivate struct State {
        var queue: [Item] = []
        var bytes = 0
        var isRunning = false
        /// Not shown yet.
        var skipped = 0
        // Not written yet.
        var differences: [ShadowDifference] = []
        var tallies: [ShadowTally] = []
    }

    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "pasquino.shadow", qos: .utility)
    private let record: Record
    private let observe: Observer
    private let capacity: Int
    private let rest: @Sendable (Duration) async -> Void
    /// One at a time, so that differences are written in their order and never twice.
    private let writing = Mutex(false)

    private static let capacityBytes = 16 << 20
    private static let batch = 50

    /// - Parameters:
    ///   - record: writes differences and counts down.
    ///   - rest: waits; a parameter for tests.
    public init(
        record: @escaping Record, observe: Observer, capacity: Int = 1000,
        rest: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.record = record
        self.observe = observe
        self.capacity = capacity
        self.rest = rest
    }

    /// Takes a message that has been acknowledged. Never waits.
    /// - Parameters:
    ///   - live: what was decided about it.
    ///   - record: what was written.
    public func offer(_ message: Message, decided live: Verdict, record: IntakeRecord, shadow: Classifier) {
        var ticket: Int64?
        if case .ticket(let opened) = record.outcome { ticket = opened.number }
        var message = message
        // Rules see that there are attachments, never what is in them.
        message.attachments = message.attachments.map { Attachment(name: $0.name, type: $0.type, content: []) }
        let item = Item(message: message, live: live.outline, ticket: ticket, shadow: shadow)
        let begins = state.withLock { state in
            guard state.queue.count < capacity, state.bytes + item.size <= ShadowRunner.capacityBytes else {
                state.skipped += 1
                return false
            }
            state.queue.append(item)
            state.bytes += item.size
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if begins { Task(priority: .utility) { await run() } }
    }

    private func run() async {
        while let batch = take() {
            let work = await decide(batch)
            let skipped = state.withLock { state in
                defer { state.skipped = 0 }
                state.add(work.differences, work.tallies, capacity: capacity)
                return state.skipped
            }
            if skipped > 0 { observe(.shadowSkipped(messages: skipped)) }
            for failure in work.failures { observe(.shadowFailed(error: failure)) }
            observe(.shadowDecided(messages: batch.count, differing: work.fields, seconds: work.seconds))
            if !work.differences.isEmpty { await flush() }
            await rest(.seconds(work.seconds) * 3)
        }
    }

    private func take() -> [Item]? {
        state.withLock { state in
            let batch = Array(state.queue.prefix(ShadowRunner.batch))
            state.queue.removeFirst(batch.count)
            state.bytes -= batch.reduce(0) { $0 + $1.size }
            state.isRunning = !batch.isEmpty
            return batch.isEmpty ? nil : batch
        }
    }

    fileprivate struct Work: Sendable {
        var differences: [ShadowDifference] = []
        var tallies: [ShadowTally] = []
        /// How many messages differ, by field.
        var fields: [String: Int] = [:]
        /// Each once.
        var failures: Set<String> = []
        var seconds = 0.0
    }

    private func decide(_ batch: [Item]) async -> Work {
        await withCheckedContinuation { continuation in
            thread.async {
                var work = Work()
                let start = ContinuousClock.now
                for item in batch { work.take(item.live, item.message, item.ticket, by: item.shadow) }
                work.seconds = (ContinuousClock.now - start).inSeconds
                continuation.resume(returning: work)
            }
        }
    }

    /// Writes what has gathered: with every difference, and with the daemon's beat. What cannot be written now is kept
    /// for the next time.
    public func flush() async {
        guard
            writing.withLock({ busy in
                defer { busy = true }
                return !busy
            })
        else { return }
        defer { writing.withLock { $0 = false } }
        let (differences, tallies) = state.withLock { state in
            defer {
                state.differences = []
                state.tallies = []
            }
            return (state.differences, state.tallies)
        }
        guard !differences.isEmpty || !tallies.isEmpty else { return }
        do {
            try await record(differences, tallies)
        } catch {
            if !error.isRetriable { observe(.internalError(place: "the shadow's journal", error: "\(error)")) }
            state.withLock { state in
                // What PostgreSQL refuses for good must not keep back what comes after it.
                if error.isRetriable { state.add(differences, tallies, capacity: capacity) }
            }
        }
    }

    /// Returns when all that came has been decided and written, or `patience` has passed.
    public func drain(within patience: Duration) async {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end, !isIdle || writing.withLock({ $0 }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
        await flush()
    }

    /// Whether all that came has been decided.
    var isIdle: Bool { state.withLock { !$0.isRunning } }
}

extension ShadowRunner.State {
    fileprivate mutating func add(_ more: [ShadowDifference], _ counts: [ShadowTally], capacity: Int) {
        let room = max(0, capacity - differences.count)
        differences += more.prefix(room)
        skipped += max(0, more.count - room)
        for count in counts {
            if let index = tallies.firstIndex(where: {
                $0.config == count.config && $0.shadowConfig == count.shadowConfig
            }) {
                tallies[index].messages += count.messages
            } else {
                tallies.append(count)
            }
        }
    }
}

extension ShadowRunner.Work {
    fileprivate mutating func take(
        _ live: Conclusion.Outline, _ message: Message, _ ticket: Int64?, by shadow: Classifier
    ) {
        let conclusion = shadow.conclude(message)
        if let failure = conclusion.outcome.failed.first {
            failures.insert(failure.message)
            return
        }
        let last = tallies.indices.last
        if let last, tallies[last].config == live.config, tallies[last].shadowConfig == conclusion.config {
            tallies[last].messages += 1
        } else {
            tallies.append(ShadowTally(config: live.config, shadowConfig: conclusion.config, messages: 1))
        }
        let changes = live.changes(to: conclusion, rules: shadow.configuration.rules)
        guard !changes.isEmpty else { return }
        for change in changes { fields[change.field.rawValue, default: 0] += 1 }
        differences.append(
            ShadowDifference(
                message: message.id, ticket: ticket, at: message.receivedAt, config: live.config,
                shadowConfig: conclusion.config, changes: changes))
    }
}
