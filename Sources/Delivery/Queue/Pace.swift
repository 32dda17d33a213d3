import Civic

/// How much may be under way to a line at once, and how fast: learned from the other side's answers. A value.
///
/// Additive increase, multiplicative decrease (as TCP's congestion control, RFC 5681): each delivery raises the window
/// until the carrier's own limit; when the other side cannot take more, window and rate are halved, once for all that was
/// under way. After a failure it begins with one and doubles with each round, up to half of what it had.
///
/// The rate is not limited until the other side first says that it is too high; then to half of what it was, and each
/// second a little more, until it is so high again that it says nothing any more.
public struct Pace: Sendable {
    private struct Budget {
        /// A second.
        var rate: Double
        /// What a second without complaint adds.
        let step: Double
        /// Above it the limit is forgotten.
        let enough: Double
        var place: Timestamp
        var raisedAt: Timestamp
    }

    /// The carrier's own.
    public let limit: Int
    private var window: Double
    /// Below it each delivery adds one, above it each round does.
    private var threshold: Double
    private var budget: Budget?
    private var halvedAt: Timestamp?
    /// Attempts begun in this period and in the one before.
    private var begun = (now: 0, before: 0, since: Timestamp(microseconds: 0))

    private static let period = Duration.seconds(5)
    /// Between two attempts at the lowest rate, and a little more.
    private static let longest = Duration.seconds(10)
    /// Fewer in a period do not tell a rate.
    private static let telling = 10

    public init(limit: Int) {
        self.limit = max(1, limit)
        window = Double(self.limit)
        threshold = window
    }

    public var concurrency: Int { max(1, Int(window)) }
    /// A second; nil while it is not limited.
    public var rate: Double? { budget?.rate }

    /// From when on the next attempt may begin; nil: now.
    public func place(at now: Timestamp) -> Timestamp? {
        // A clock that was set back must not stop the line.
        guard let budget, budget.place > now, budget.place - now < Pace.longest else { return nil }
        return budget.place
    }

    public mutating func begin(at now: Timestamp) {
        if now - begun.since >= Pace.period || now < begun.since {
            let isNext = now - begun.since < Pace.period * 2
            begun = (0, isNext ? begun.now : 0, now)
        }
        begun.now += 1
        guard let budget else { return }
        // Up to a tenth of a second's worth may go at once.
        let earliest = now + .milliseconds(-100)
        self.budget?.place = max(budget.place, earliest) + .microseconds(Int64(1_000_000 / budget.rate))
    }

    /// The other side took one.
    public mutating func delivered(at now: Timestamp) {
        window = min(Double(limit), window + (window < threshold ? 1 : 1 / window))
        guard var budget else { return }
        let time = now - budget.raisedAt
        guard time > .zero else { return }
        budget.rate += budget.step * (time / .seconds(1))
        budget.raisedAt = now
        self.budget = budget.rate < budget.enough ? budget : nil
    }

    /// The other side cannot take more now.
    /// - Parameter begunAt: when the attempt that says so began: what began before the last halving says nothing new.
    public mutating func overloaded(begunAt: Timestamp, at now: Timestamp) {
        if let halvedAt, begunAt <= halvedAt { return }
        halvedAt = now
        window = max(1, window / 2)
        threshold = window
        let rate: Double
        if let budget {
            rate = budget.rate
        } else {
            let count = begun.now + begun.before
            guard count >= Pace.telling else { return }
            let time = now - begun.since + (begun.before > 0 ? Pace.period : .zero)
            rate = Double(count) / max(time / .seconds(1), 0.1)
        }
        budget = Budget(
            rate: max(rate / 2, 0.2), step: max(rate / 20, 0.1), enough: max(rate * 4, budget?.enough ?? 0), place: now,
            raisedAt: now)
    }

    /// The other side works again after it failed.
    public mutating func restart() {
        threshold = max(1, min(threshold, Double(limit) / 2))
        window = 1
    }
}
