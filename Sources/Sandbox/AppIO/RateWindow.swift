import Foundation

/// The account's limit on calls: so many in a sliding window, all endpoints and keys together.
struct RateWindow {
    /// Length of the window in seconds, that of the real gateway.
    static let seconds = 5.0

    private var calls: [Date] = []
    private var first = 0

    /// What the gateway says about one call.
    enum Answer: Equatable {
        case allowed(remaining: Int)
        case refused(retryAfter: Int)
    }

    /// Counts a call at `now`; a refused one is not counted.
    mutating func call(at now: Date, limit: Int) -> Answer {
        forget(before: now.addingTimeInterval(-Self.seconds))
        let used = calls.count - first
        guard used < limit else {
            let oldest = first < calls.count ? calls[first] : now
            let wait = oldest.addingTimeInterval(Self.seconds).timeIntervalSince(now)
            return .refused(retryAfter: max(1, Int(wait.rounded(.up))))
        }
        calls.append(now)
        return .allowed(remaining: limit - used - 1)
    }

    private mutating func forget(before start: Date) {
        while first < calls.count, calls[first] <= start { first += 1 }
        if first > 4096 {
            calls.removeFirst(first)
            first = 0
        }
    }
}
