import Civic

/// Whether anything may go to a line: a circuit breaker. A value: it decides, the queue acts.
///
/// A dead server does not use up the attempts of everybody who waits for it: while the breaker is open nothing is
/// attempted and nothing counted; then a single attempt finds out.
public struct Breaker: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// Everything goes.
        /// → `open` once the failures in a row weigh `limit`; → `paused` if the other side asks for time; → `stopped` if
        /// our side is wrong. An answer that is no failure sets the weight to zero.
        case closed(failures: Int)
        /// Nothing goes, because the other side fails. → `halfOpen` at `until`. `times`: how often in a row.
        case open(until: Timestamp, reason: String, times: Int)
        /// One attempt finds out. → `closed` if it is answered; → `open`, for longer, if not; → `stopped`.
        case halfOpen(reason: String, times: Int, isProbing: Bool)
        /// Nothing goes, because the other side asked for time. → `closed` at `until`, with what it had failed before.
        case paused(until: Timestamp, reason: String, failures: Int)
        /// Nothing goes, because our side is wrong. → `halfOpen` at `until`; → `closed` with a new configuration.
        case stopped(until: Timestamp, reason: String)
    }

    /// What an attempt says of the other side as a whole.
    public enum Finding: Hashable, Sendable {
        /// It works, whatever it thinks of this notification.
        case works
        /// This notification failed; the other side may, or only its recipient.
        case failed(reason: String)
        /// The other side fails, or cannot take more now; how long it asked to be left alone.
        case fails(reason: String, after: Duration?)
        /// Our side is wrong.
        case stopped(reason: String)
    }

    /// What came of a finding.
    public enum Change: Hashable, Sendable {
        case none
        /// Nothing goes for so long.
        case held(Duration, reason: String)
        /// It works again.
        case recovered
    }

    public private(set) var state = State.closed(failures: 0)
    /// What the last failure of the other side was, until it works again.
    public private(set) var trouble: String?

    /// A failure of the other side weighs `heavy`, one that may be the recipient's 1: five in a row of the one open it, or
    /// twenty of the other.
    private static let heavy = 4
    private static let limit = 20
    private static let shortest = Duration.seconds(5)
    private static let longest = Duration.seconds(300)
    /// However long the other side asked for: then one attempt may go.
    private static let patience = Duration.seconds(3600)
    /// After our own mistake.
    static let rest = Duration.seconds(60)

    public init() {}

    /// Why nothing goes, and until when; nil while something does.
    public func hold(at now: Timestamp) -> (until: Timestamp, reason: String)? {
        switch state {
        case .open(let until, let reason, _), .paused(let until, let reason, _), .stopped(let until, let reason):
            (until, reason)
        case .closed, .halfOpen: nil
        }
    }

    public var isStopped: Bool { if case .stopped = state { true } else { false } }

    /// Looks at the clock.
    /// - Returns: whether a pause is over that the other side had asked for.
    public mutating func look(at now: Timestamp) -> Bool {
        // As it is over where the clock was set back.
        func isOver(_ until: Timestamp) -> Bool { until <= now || until - now > Breaker.patience }
        switch state {
        case .open(let until, let reason, let times) where isOver(until):
            state = .halfOpen(reason: reason, times: times, isProbing: false)
        case .stopped(let until, let reason) where isOver(until):
            state = .halfOpen(reason: reason, times: 0, isProbing: false)
        case .paused(let until, _, let failures) where isOver(until):
            state = .closed(failures: failures)
            return true
        default: break
        }
        return false
    }

    /// Whether an attempt may begin; look at the clock first.
    public var allows: Bool {
        switch state {
        case .closed: true
        case .halfOpen(_, _, let isProbing): !isProbing
        case .open, .paused, .stopped: false
        }
    }

    /// An attempt begins.
    /// - Returns: whether it is the one that finds out.
    public mutating func begin() -> Bool {
        guard case .halfOpen(let reason, let times, _) = state else { return false }
        state = .halfOpen(reason: reason, times: times, isProbing: true)
        return true
    }

    /// The one that was to find out was not made after all.
    public mutating func withdraw() {
        guard case .halfOpen(let reason, let times, true) = state else { return }
        state = .halfOpen(reason: reason, times: times, isProbing: false)
    }

    /// - Parameter isProbe: it was the one that finds out. While the breaker is not closed the others tell nothing new: they
    ///   began before.
    public mutating func found(
        _ finding: Finding, isProbe: Bool, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> Change {
        if case .stopped(let reason) = finding {
            let isNews = !isStopped
            state = .stopped(until: now + Breaker.rest, reason: reason)
            trouble = reason
            return isNews ? .held(Breaker.rest, reason: reason) : .none
        }
        switch (state, finding) {
        case (.closed, .works):
            state = .closed(failures: 0)
            trouble = nil
        case (.closed(let failures), .failed(let reason)):
            return fail(reason, weight: failures + 1, asked: nil, now, &random)
        case (.closed(let failures), .fails(let reason, let after)):
            trouble = reason
            return fail(reason, weight: failures + Breaker.heavy, asked: after, now, &random)
        case (.halfOpen, .works) where isProbe:
            state = .closed(failures: 0)
            trouble = nil
            return .recovered
        case (.halfOpen(_, let times, _), .failed(let reason)) where isProbe:
            return open(reason, times: times + 1, asked: nil, now, &random)
        case (.halfOpen(_, let times, _), .fails(let reason, let after)) where isProbe:
            trouble = reason
            return open(reason, times: times + 1, asked: after, now, &random)
        // What else was under way when the other side asked for time may ask for more.
        case (.paused(let until, _, let failures), .fails(let reason, let after?)):
            state = .paused(until: max(until, now + min(after, Breaker.patience)), reason: reason, failures: failures)
        default: break
        }
        return .none
    }

    private mutating func fail(
        _ reason: String, weight: Int, asked: Duration?, _ now: Timestamp, _ random: inout some RandomNumberGenerator
    ) -> Change {
        if weight >= Breaker.limit { return open(reason, times: 1, asked: asked, now, &random) }
        guard let asked else {
            state = .closed(failures: weight)
            return .none
        }
        let time = min(asked, Breaker.patience)
        state = .paused(until: now + time, reason: reason, failures: weight)
        return .held(time, reason: reason)
    }

    /// The pause doubles each time, and is never the same: what failed together does not return together.
    private mutating func open(
        _ reason: String, times: Int, asked: Duration?, _ now: Timestamp, _ random: inout some RandomNumberGenerator
    ) -> Change {
        let doubled = Breaker.shortest * (1 << min(max(times, 1) - 1, 6))
        let pause = min(doubled, Breaker.longest) * Double.random(in: 0.75...1.25, using: &random)
        let time = max(pause, min(asked ?? .zero, Breaker.patience))
        state = .open(until: now + time, reason: reason, times: times)
        trouble = reason
        return times == 1 ? .held(time, reason: reason) : .none
    }

    /// A new configuration may be just what it waited for.
    public mutating func forgive() { if isStopped { self = Breaker() } }
}
