import Civic

/// When the account may make its next call. App IO counts all calls of the city's account together, 150 in five
/// seconds, and never exactly.
///
/// A generic cell rate algorithm: calls are `1 / callsPerSecond` apart, except that after a silence up to `burst` may
/// go at once. Each `take` reserves a place, so those that wait go one after the other, also after a pause.
/// Calls that can wait (`takeSpare`) get a fifth of the rate at most, and a twentieth while others wait for their places:
/// enough to go on, too little to be felt.
///
/// The clock is a parameter; if it is set back, what was reserved moves with it.
public struct AppIORate: Sendable {
    /// App IO's own period (pagopa/io-infra, `rate-limit-by-key`).
    private static let period = 5.0

    private var interval: Duration
    private let burst: Int
    private var nextPlace: Timestamp?
    /// Of calls that can wait.
    private var nextSpare: Timestamp?
    private var pausedUntil: Timestamp?
    private var lastSeen: Timestamp?
    /// Slower, while others of the city use up the account.
    private var slow: (interval: Duration, until: Timestamp)?

    /// - Parameter burst: calls that may go at once after a silence, at least 1.
    public init(callsPerSecond: Double = 25, burst: Int = 10) {
        interval = AppIORate.interval(callsPerSecond)
        self.burst = max(1, burst)
    }

    private static func interval(_ callsPerSecond: Double) -> Duration {
        let rate = callsPerSecond.isFinite && callsPerSecond > 0 ? min(max(callsPerSecond, 0.01), 1_000_000) : 25
        return .microseconds(Int64(1_000_000 / rate))
    }

    /// What was reserved stays so.
    public mutating func adapt(callsPerSecond: Double) { interval = AppIORate.interval(callsPerSecond) }

    /// Reserves one call.
    /// - Returns: how long to wait before making it; then ask `pause(at:)` whether a 429 came in the meantime.
    public mutating func take(at now: Timestamp) -> Duration {
        follow(now)
        let interval = currentInterval(at: now)
        let earliest = now + (.zero - interval * (slow == nil ? burst - 1 : 0))
        let place = max(nextPlace ?? earliest, earliest)
        nextPlace = place + interval
        return max(.zero, place - now)
    }

    public enum Spare: Hashable, Sendable {
        /// A call is reserved; it may be made after this time.
        case granted(after: Duration)
        /// Nothing is reserved.
        case askAgain(after: Duration)
    }

    /// Reserves a call that can wait, if there is room for one.
    public mutating func takeSpare(at now: Timestamp) -> Spare {
        if let rest = pause(at: now) { return .askAgain(after: rest) }
        if let slow, slow.until > now { return .askAgain(after: slow.until - now) }
        if let nextSpare, nextSpare > now { return .askAgain(after: nextSpare - now) }
        let othersWait = nextPlace.map { $0 > now } ?? false
        nextSpare = now + interval * (othersWait ? 20 : 5)
        return .granted(after: take(at: now))
    }

    /// After a 429: nobody calls before `until`.
    public mutating func paused(until: Timestamp) {
        pausedUntil = max(pausedUntil ?? until, until)
        nextPlace = max(nextPlace ?? until, until)
    }

    /// What is left of a pause.
    public mutating func pause(at now: Timestamp) -> Duration? {
        follow(now)
        guard let pausedUntil else { return nil }
        if pausedUntil > now { return pausedUntil - now }
        self.pausedUntil = nil
        return nil
    }

    /// `x-rate-limit-remaining` of an answer. Calls slow down while fewer are left than a burst, for one period at
    /// most; the rate never rises above the configured one.
    public mutating func answered(remaining: Int, at now: Timestamp) {
        follow(now)
        guard remaining < burst else {
            slow = nil
            return
        }
        let seconds = AppIORate.period / Double(max(1, remaining))
        slow = (max(interval, .microseconds(Int64(seconds * 1_000_000))), now + .seconds(AppIORate.period))
    }

    private mutating func currentInterval(at now: Timestamp) -> Duration {
        if let slow, slow.until > now { return slow.interval }
        slow = nil
        return interval
    }

    private mutating func follow(_ now: Timestamp) {
        defer { lastSeen = now }
        guard let lastSeen, now < lastSeen else { return }
        let back = now - lastSeen
        nextPlace = nextPlace.map { $0 + back }
        nextSpare = nextSpare.map { $0 + back }
        pausedUntil = pausedUntil.map { $0 + back }
        slow = slow.map { ($0.interval, $0.until + back) }
    }
}
