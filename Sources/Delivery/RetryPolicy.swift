import Civic

/// When a notification that failed is attempted again, and when its time is over.
///
/// - The n-th pause is `first` × `factor`ⁿ⁻¹, at most `longest`, varied at random by ± `jitter`, so that what failed
///   together does not return together.
/// - The other side may ask for a longer pause, never for a shorter one.
/// - It is given up after `attempts` attempts, or if the next one would come after its time is over.
public struct RetryPolicy: Hashable, Sendable {
    public enum Next: Hashable, Sendable {
        case retry(at: Timestamp)
        case giveUp(reason: String)
    }

    public var first: Duration
    public var factor: Double
    public var longest: Duration
    /// A share of the pause, 0 ..< 1.
    public var jitter: Double
    public var attempts: Int

    public init(
        first: Duration = .seconds(5), factor: Double = 2.5, longest: Duration = .seconds(3600), jitter: Double = 0.25,
        attempts: Int = 100
    ) {
        self.first = first
        self.factor = factor
        self.longest = longest
        self.jitter = jitter
        self.attempts = attempts
    }

    /// - Parameters:
    ///   - attempt: how many attempts were made, the one that just failed included.
    ///   - created: when the notification was owed.
    ///   - expires: when its time is over.
    ///   - serverAsked: the pause that the other side asked for.
    public func next(
        afterAttempt attempt: Int, created: Timestamp, expires: Timestamp, now: Timestamp,
        random: inout some RandomNumberGenerator, serverAsked: Duration?
    ) -> Next {
        guard attempt < attempts else {
            return .giveUp(reason: attempt == 1 ? "1 attempt failed" : "\(attempt) attempts failed")
        }
        let pause = max(backOff(afterAttempt: attempt, random: &random), serverAsked ?? .zero)
        let next = now + pause
        guard next < expires else {
            let minutes = max(0, (expires - created).components.seconds / 60)
            let time = minutes % 60 == 0 ? "\(minutes / 60) hours" : "\(minutes) minutes"
            return .giveUp(reason: "not delivered within \(time)")
        }
        return .retry(at: next)
    }

    private func backOff(afterAttempt attempt: Int, random: inout some RandomNumberGenerator) -> Duration {
        let longest = longest / .seconds(1)
        var pause = min(first / .seconds(1), longest)
        // A loop instead of a power: it ends when the longest pause is reached, whatever the number of attempts.
        var step = 1
        while step < attempt, pause < longest, factor > 1 {
            pause = min(pause * factor, longest)
            step += 1
        }
        let share = jitter > 0 ? Double.random(in: -jitter...jitter, using: &random) : 0
        return .microseconds(Int64(pause * (1 + share) * 1_000_000))
    }
}
