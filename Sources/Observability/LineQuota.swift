import Civic

/// Decides which of many alike lines are shown: the first few of every second. Time is a parameter.
struct LineQuota {
    let perSecond: Int
    private var second: Int64?
    private var shown = 0
    private var hidden = 0

    init(perSecond: Int) { self.perSecond = perSecond }

    /// Whether one more line is shown; if not, it is counted.
    mutating func take(at now: Timestamp) -> Bool {
        if now.seconds != second {
            second = now.seconds
            shown = 0
        }
        if shown < perSecond {
            shown += 1
            return true
        }
        hidden += 1
        return false
    }

    /// How many were left out, once, as soon as their second is over; nil if none were.
    mutating func settle(at now: Timestamp) -> Int? {
        guard hidden > 0, now.seconds != second else { return nil }
        defer { hidden = 0 }
        return hidden
    }
}
