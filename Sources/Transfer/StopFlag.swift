internal import Synchronization

/// Asks for a stop from outside the engine's queue; libcurl's progress callback reads it even while libcurl blocks.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}
