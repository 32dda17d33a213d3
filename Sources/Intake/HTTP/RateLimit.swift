import Civic
import Synchronization

/// A token bucket: `perMinute` on average, a tenth of it at once. Time is a parameter.
public final class RateLimit: Sendable {
    private struct State {
        var tokens: Double
        var at: Timestamp?
    }

    private let perSecond: Double
    private let burst: Double
    private let state: Mutex<State>

    public init(perMinute: Int) {
        perSecond = Double(perMinute) / 60
        burst = max(1, Double(perMinute) / 10)
        state = Mutex(State(tokens: burst, at: nil))
    }

    /// - Returns: nil if one more may pass, else the seconds to wait.
    public func take(at now: Timestamp) -> Int? {
        state.withLock { state in
            if let last = state.at, now > last {
                state.tokens = min(burst, state.tokens + Double(now.microseconds - last.microseconds) / 1e6 * perSecond)
            }
            state.at = max(state.at ?? now, now)
            if state.tokens >= 1 {
                state.tokens -= 1
                return nil
            }
            return max(1, Int(((1 - state.tokens) / perSecond).rounded(.up)))
        }
    }
}
