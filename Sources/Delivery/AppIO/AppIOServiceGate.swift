import Civic

/// Whether one service of the account may be used: a key that was revoked, or a permission that is missing, stops this
/// service and no other. A value: it decides, `AppIOServices` acts.
struct AppIOServiceGate: Sendable {
    /// After a stop one attempt in this time finds out whether anybody has acted.
    static let probeEvery = Duration.seconds(60)

    private(set) var reason: String?
    private var probeAt = Timestamp(microseconds: 0)

    /// - Returns: nil if an attempt may be made now; else how long it has to wait.
    mutating func admit(at now: Timestamp) -> Duration? {
        guard reason != nil else { return nil }
        let rest = probeAt - now
        // The clock may have been set back.
        if rest > .zero, rest <= AppIOServiceGate.probeEvery { return rest }
        probeAt = now + AppIOServiceGate.probeEvery
        return nil
    }

    /// - Returns: whether this is news.
    mutating func stop(_ reason: String, at now: Timestamp) -> Bool {
        defer { self.reason = reason }
        probeAt = now + AppIOServiceGate.probeEvery
        return self.reason == nil
    }

    /// - Returns: whether this is news.
    mutating func worked() -> Bool {
        defer { reason = nil }
        return reason != nil
    }
}
