import Civic
import Store

/// The notifications that wait for one other side, and whether anything may go there now. Belongs to the queue's actor.
final class Line {
    let name: String
    var breaker = Breaker()
    private(set) var pace: Pace
    /// In memory: waiting, or under way.
    var held = 0
    private(set) var inFlight = 0
    /// There is, or may be, more in the table than in memory: what is new waits behind it.
    var isFull = false
    private var due = NotificationHeap(byPriority: true)
    private var later = NotificationHeap(byPriority: false)
    /// While intake is at its limit.
    private var slowUntil = Timestamp(microseconds: 0)
    private var lookedForExpired = Timestamp(microseconds: 0)

    /// One notification in this time while intake is at its limit.
    private static let slowPace = Duration.milliseconds(10)
    /// Under way at once just after it was, and while it has been for long.
    private static let few = 4
    static let expiryLook = Duration.seconds(30)

    init(name: String, concurrency: Int) {
        self.name = name
        pace = Pace(limit: concurrency)
    }

    func add(_ held: Held) { later.push(held) }

    /// The next notification that may go now; it counts as under way until `finished`.
    /// - Parameter deference: to intake. `most`: not more than one at once, and not soon after another.
    func next(at now: Timestamp, deference: IntakePressure.Deference) -> (held: Held, isProbe: Bool)? {
        _ = breaker.look(at: now)
        guard breaker.allows, inFlight < room(deference), deference != .most || slowUntil <= now,
            pace.place(at: now) == nil
        else { return nil }
        while let first = later.first, first.owed.nextAttemptAt <= now {
            later.removeFirst()
            due.push(first)
        }
        guard let held = due.first else { return nil }
        due.removeFirst()
        held.state = .underWay
        inFlight += 1
        if deference == .most { slowUntil = now + Line.slowPace }
        return (held, breaker.begin())
    }

    /// The attempt is made now, not only considered.
    func begin(at now: Timestamp) { pace.begin(at: now) }

    /// It was not made after all.
    func withdraw(isProbe: Bool) {
        inFlight -= 1
        if isProbe { breaker.withdraw() }
    }

    /// An attempt came back.
    func finished(
        _ finding: Breaker.Finding, delivered: Bool, isProbe: Bool, begunAt: Timestamp, at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> Breaker.Change {
        inFlight -= 1
        if delivered { pace.delivered(at: now) }
        if case .fails = finding { pace.overloaded(begunAt: begunAt, at: now) }
        let change = breaker.found(finding, isProbe: isProbe, at: now, random: &random)
        if change == .recovered { pace.restart() }
        return change
    }

    /// When to look again, if nothing else happens before.
    func wake(after now: Timestamp, deference: IntakePressure.Deference) -> Timestamp? {
        guard let next = due.first == nil ? later.first?.owed.nextAttemptAt : now else { return nil }
        if let hold = breaker.hold(at: now) { return max(min(hold.until, now + Line.expiryLook), next) }
        guard breaker.allows, inFlight < room(deference) else { return nil }
        return max(next, pace.place(at: now) ?? next, deference == .most ? slowUntil : next)
    }

    /// How many may be under way.
    private func room(_ deference: IntakePressure.Deference) -> Int {
        switch deference {
        case .none: pace.concurrency
        case .some: min(pace.concurrency, Line.few)
        case .most: 1
        }
    }

    /// Whether it is time to look for those whose time is over while nothing goes.
    func looksForExpired(at now: Timestamp) -> Bool {
        guard breaker.hold(at: now) != nil, now - lookedForExpired >= Line.expiryLook else { return false }
        lookedForExpired = now
        return true
    }

    /// With a new configuration. What is under way still counts.
    func reconfigure(concurrency: Int) {
        if concurrency != pace.limit { pace = Pace(limit: concurrency) }
        breaker.forgive()
    }

    func removeAll() {
        due.removeAll()
        later.removeAll()
        held = 0
        isFull = false
    }
}
