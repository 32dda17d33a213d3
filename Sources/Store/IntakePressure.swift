import Synchronization

/// Whether messages wait although every writer is at work: the machine is at its limit, and what can wait should.
public final class IntakePressure: Sendable {
    private let high = Atomic(false)

    public init() {}

    public package(set) var isHigh: Bool {
        get { high.load(ordering: .relaxed) }
        set { high.store(newValue, ordering: .relaxed) }
    }
}
