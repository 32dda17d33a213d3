import Civic
import Store
import Synchronization

/// For which lines this daemon has room in memory; the queue keeps it, and whoever writes what is owed looks at it. Also
/// whether the table may hold more in this daemon's name than the queue knows.
public final class LineRoom: Sendable {
    private struct State {
        var isFull = false
        var full: Set<String> = []
        var doubt: Doubt?
        /// While in doubt: of what was made before this the queue knows all that is in its name.
        var known: Timestamp?
    }

    /// A commit's answer was lost, or what was held was forgotten.
    public struct Doubt: Hashable, Sendable {
        /// What was committed by then may be unknown here.
        public let latest: ContinuousClock.Instant
    }
    private let state = Mutex(State())

    public init() {}

    /// How the daemon holds what is written now; nil: not at all.
    public func holder(_ id: Int64) -> Holder? {
        state.withLock { $0.isFull ? nil : Holder(id, full: $0.full) }
    }

    public var doubt: Doubt? { state.withLock { $0.doubt } }

    /// Until the queue knows all of it (`DeliveryQueue.resolve`), what is handed over is laid aside: an earlier one
    /// of its ticket may have to be found first.
    public func raiseDoubt(at now: ContinuousClock.Instant) {
        state.withLock { $0.doubt = Doubt(latest: now) }
    }

    /// What is held by nobody may have to wait for what is in this daemon's name and not known: while that is in doubt only
    /// what was made before this may be claimed; nil: nothing.
    public func claimable(at now: Timestamp) -> Timestamp? {
        state.withLock { $0.doubt == nil ? now + .seconds(86_400) : $0.known }
    }

    func learn(_ known: Timestamp?) { state.withLock { $0.known = known } }

    /// - Returns: whether it was this one, and no newer one.
    func end(_ doubt: Doubt) -> Bool {
        state.withLock { state in
            guard state.doubt == doubt else { return false }
            state.doubt = nil
            state.known = nil
            return true
        }
    }

    func set(isFull: Bool, full: Set<String>) {
        state.withLock {
            $0.isFull = isFull
            $0.full = full
        }
    }
}
