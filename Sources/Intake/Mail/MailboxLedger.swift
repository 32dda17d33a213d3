import Transfer

/// What a mailbox's mails have to be marked with.
enum MailMark: Sendable, Equatable {
    case done
    /// Into the folder for mails that people have to look at.
    case aside
}

/// What is remembered of single mails between rounds. A value: it decides, the poller acts. Times are durations since
/// the poller's start.
struct MailboxLedger {
    struct Failure: Equatable {
        var attempts = 0
        /// Not tried again before.
        var due = Duration.zero
    }

    enum Verdict: Equatable {
        case later(Duration)
        /// It has failed too often.
        case aside
    }

    private let attempts: Int
    private var uidValidity: UInt32 = 0
    private var failures: [UInt32: Failure] = [:]
    /// Accepted, and not marked yet: they need not be fetched again.
    private(set) var accepted: [UInt32: MailMark] = [:]

    /// The first interval after a failure; each is twice the one before.
    static let firstDelay = Duration.seconds(60)
    static let lastDelay = Duration.seconds(3600)

    init(attempts: Int) { self.attempts = max(1, attempts) }

    var failing: Int { failures.count }

    /// The folder was opened. Under another UIDVALIDITY the UIDs mean other mails: nothing is known of them.
    mutating func opened(uidValidity: UInt32) {
        guard uidValidity != self.uidValidity else { return }
        self.uidValidity = uidValidity
        failures = [:]
        accepted = [:]
    }

    /// What is to be done now of all that lies in the folder, in its order. Forgets what lies there no longer.
    mutating func due(of uids: [UInt32], at now: Duration) -> [UInt32] {
        let present = Set(uids)
        failures = failures.filter { present.contains($0.key) }
        accepted = accepted.filter { present.contains($0.key) }
        return uids.filter { (failures[$0]?.due ?? .zero) <= now }
    }

    /// When the next of those that wait may be tried.
    var nextDue: Duration? {
        accepted.keys.contains { failures[$0] == nil } ? .zero : failures.values.map(\.due).min()
    }

    /// - Parameter isLoss: the connection broke while the mail was under way, which is rarely the mail's fault; the first
    ///   time it is simply tried again.
    mutating func failed(_ uid: UInt32, at now: Duration, isLoss: Bool = false) -> Verdict {
        var failure = failures[uid] ?? Failure()
        failure.attempts += 1
        let doublings = failure.attempts - (isLoss ? 2 : 1)
        let delay = doublings < 0 ? .zero : min(Self.firstDelay * (1 << min(doublings, 10)), Self.lastDelay)
        failure.due = now + delay
        failures[uid] = failure
        // It may be the mark itself that fails: that is tried for ever, at long intervals.
        guard failure.attempts >= attempts, accepted[uid] == nil else { return .later(delay) }
        accepted[uid] = .aside
        failures[uid] = nil
        return .aside
    }

    mutating func accepted(_ uid: UInt32, _ mark: MailMark) {
        failures[uid] = nil
        accepted[uid] = mark
    }

    mutating func marked(_ uid: UInt32) {
        failures[uid] = nil
        accepted[uid] = nil
    }
}
