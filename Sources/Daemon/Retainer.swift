import Civic
import Observability
import Settings
import Store
import Synchronization

/// Removes what is old enough, a small batch with each beat, and only while no message waits for a writer.
///
/// One round looks at each kind until nothing of it is left; then it rests. Several daemons share one database: each
/// batch is done by one of them.
final class Retainer: Sendable {
    private struct State {
        /// Of the round under way: what is still to be looked at, and what has been removed.
        var left: [RetentionSweep.Kind] = []
        var removed: [String: Int] = [:]
        var restsUntil: Timestamp?
    }

    private let sweep: RetentionSweep
    private let retention: @Sendable () -> Retention
    private let isBusy: @Sendable () -> Bool
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let pace = LookPace()
    private let state = Mutex(State())

    static let rest = Duration.seconds(600)

    init(
        sweep: RetentionSweep, retention: @escaping @Sendable () -> Retention, isBusy: @escaping @Sendable () -> Bool,
        observe: Observer, now: @escaping @Sendable () -> Timestamp
    ) {
        self.sweep = sweep
        self.retention = retention
        self.isBusy = isBusy
        self.observe = observe
        self.now = now
    }

    /// With each beat: one batch, or all that is left of the round if there is nothing to remove.
    /// - Throws: what PostgreSQL said; the next pass goes on where this one was.
    func pass() async throws {
        let now = now()
        guard !isBusy(), pace.isDue, begin(at: now) else { return }
        let start = ContinuousClock.now
        defer { pace.looked(for: ContinuousClock.now - start) }
        let ages = retention().ages
        while let kind = state.withLock({ $0.left.first }) {
            // A configuration that came meanwhile may keep it.
            guard let age = ages[kind] else {
                state.withLock { _ = $0.left.removeFirst() }
                continue
            }
            guard let done = try await sweep.run(kind, before: now + (.zero - age), at: now) else {
                // Another daemon is at it.
                return end(at: now)
            }
            state.withLock { state in
                if done.removed > 0 { state.removed[kind.rawValue, default: 0] += done.removed }
                if !done.isMore { state.left.removeFirst() }
            }
            if done.removed > 0 || done.isMore { break }
        }
        if state.withLock({ $0.left.isEmpty }) { end(at: now) }
    }

    /// - Returns: whether a round is under way.
    private func begin(at now: Timestamp) -> Bool {
        state.withLock { state in
            // A clock that was set back must not silence it.
            if let rest = state.restsUntil, now < rest, rest <= now + Retainer.rest { return false }
            if state.left.isEmpty {
                let ages = retention().ages
                state.left = RetentionSweep.Kind.allCases.filter { ages[$0] != nil }
            }
            state.restsUntil = nil
            return true
        }
    }

    private func end(at now: Timestamp) {
        let removed = state.withLock { state in
            defer { state = State(restsUntil: now + Retainer.rest) }
            return state.removed
        }
        if !removed.isEmpty { observe(.retained(removed: removed)) }
    }
}

extension Retention {
    /// How long each kind is kept; what is not in it, for ever.
    public var ages: [RetentionSweep.Kind: Duration] {
        var ages: [RetentionSweep.Kind: Duration] = [.remains: .zero]
        ages[.tickets] = tickets
        ages[.raw] = raw
        ages[.discarded] = discarded
        ages[.unreadMail] = unreadMail
        ages[.correspondents] = correspondents
        ages[.shadowDifferences] = shadowDifferences
        ages[.attempts] = attempts
        ages[.audit] = audit
        return ages
    }
}
