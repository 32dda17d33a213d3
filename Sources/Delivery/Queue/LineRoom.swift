import Civic
import Store
import Synchronization

/// For which lines this daemon has room in memory; the queue keeps it, and whoever writes what is owed looks at it.
public final class LineRoom: Sendable {
    private struct State {
        var isFull = false
        var full: Set<String> = []
    }
    private let state = Mutex(State())

    public init() {}

    /// How the daemon holds what is written now; nil: not at all.
    public func holder(_ id: Int64) -> Holder? {
        state.withLock { $0.isFull ? nil : Holder(id, full: $0.full) }
    }

    func set(isFull: Bool, full: Set<String>) {
        state.withLock {
            $0.isFull = isFull
            $0.full = full
        }
    }
}
