/// How fast mails are taken: so many in a minute, evenly, after a few at once. Times as in `MailboxLedger`.
struct MailboxPace {
    private let interval: Duration
    private let burst: Int
    /// When all that was taken so far has been paid for; longer ago than any burst at the start.
    private var paid = Duration.seconds(-60)

    init(perMinute: Int) {
        interval = .seconds(60) / max(1, perMinute)
        burst = max(1, perMinute / 30)
    }

    /// Takes one.
    /// - Returns: how long to wait before.
    mutating func take(at now: Duration) -> Duration {
        paid = max(paid, now - interval * (burst - 1))
        defer { paid += interval }
        return max(.zero, paid - now)
    }
}

/// Growing intervals between attempts, spread so that many do not come back in step.
struct BackOff {
    let first: Duration
    let last: Duration
    private var failures = 0

    init(first: Duration, last: Duration) {
        self.first = first
        self.last = last
    }

    /// - Parameter random: from 0 to 1.
    mutating func next(random: Double) -> Duration {
        let delay = min(first * (1 << min(failures, 20)), last)
        failures += 1
        return delay / 2 + delay / 2 * random
    }

    mutating func reset() { failures = 0 }
}
