import Dispatch
import Synchronization

/// Reloads one at a time, so that the last one asked for reads the files last and is the one that stays. Those asked for
/// while one is under way are one more.
final class Reloads: Sendable {
    private struct State {
        var isRunning = false
        var isWanted = false
    }
    private let state = Mutex(State())

    /// Begins `reload` now, or once more after the one under way.
    func ask(_ reload: @escaping @Sendable () async -> Void) {
        let begins = state.withLock { state in
            defer { state.isRunning = true }
            state.isWanted = true
            return !state.isRunning
        }
        guard begins else { return }
        Task { while take() { await reload() } }
    }

    private func take() -> Bool {
        state.withLock { state in
            defer { state.isWanted = false }
            state.isRunning = state.isWanted
            return state.isWanted
        }
    }
}

/// Runs what takes long without giving way (reading files, compiling rules) on a thread of its own, not on Swift's
/// cooperative pool, where it would hold up requests.
func offPool<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "pasquino.offpool", qos: .utility).async { continuation.resume(returning: body()) }
    }
}
