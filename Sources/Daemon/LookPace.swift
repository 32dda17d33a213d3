import Synchronization

/// When the next look at something in PostgreSQL is due: each rests fifty times as long as it took, and `least`.
final class LookPace: Sendable {
    private let least: Duration
    private let next = Mutex(ContinuousClock.now)

    init(least: Duration = .zero) { self.least = least }

    var isDue: Bool { next.withLock { $0 <= .now } }

    func looked(for time: Duration) { next.withLock { $0 = .now + max(least, time * 50) } }
}
