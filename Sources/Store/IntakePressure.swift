import Civic
import Synchronization

/// Whether intake is at its limit: then what can wait should.
///
/// It rises when `crowd` requests are in hand, received and not answered, and stays for a moment: an answer to many at once
/// is no pause. What may not wait for ever asks for the `deference` it owes: after `patience` of pressure without a pause it
/// goes on all the same, a few at a time.
public final class IntakePressure: Sendable {
    private struct Stretch {
        let since: Timestamp
        var until: Timestamp

        func contains(_ moment: Timestamp) -> Bool { since <= moment && moment < until }
        func isJustOver(at moment: Timestamp) -> Bool { until <= moment && moment < until + IntakePressure.ease }
    }

    /// How much what can wait gives way to intake.
    public enum Deference: Sendable, Hashable {
        case none
        /// A few at a time.
        case some
        /// As little as shows that nothing stands still.
        case most
    }

    /// Two thousand a second have so many in hand if each takes four milliseconds.
    package static let crowd = 8
    /// Intake is at its limit for so long after it was seen to be.
    static let linger = Duration.milliseconds(250)
    /// What has waited does not break loose all at once: for so long it begins gently.
    static let ease = Duration.seconds(2)
    /// What waits longer for intake to be done would be missed.
    package static let patience = Duration.seconds(30)

    private let now: @Sendable () -> Timestamp
    private let stretch = Mutex<Stretch?>(nil)
    private let inHand = Atomic(0)

    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// A request has been received, and is in hand until `end`.
    public func begin() { if inHand.add(1, ordering: .relaxed).newValue >= IntakePressure.crowd { raise() } }

    public func end() { inHand.subtract(1, ordering: .relaxed) }

    package func raise() {
        let now = now()
        stretch.withLock { stretch in
            if stretch?.contains(now) != true { stretch = Stretch(since: now, until: now) }
            stretch?.until = now + IntakePressure.linger
        }
    }

    public var isHigh: Bool {
        let now = now()
        return stretch.withLock { $0?.contains(now) ?? false }
    }

    /// While it is high, and just after.
    public var deference: Deference {
        let now = now()
        return stretch.withLock { stretch in
            guard let stretch else { return .none }
            if stretch.contains(now) { return now - stretch.since < IntakePressure.patience ? .most : .some }
            return stretch.isJustOver(at: now) ? .some : .none
        }
    }
}
