import Synchronization

/// The bytes of request bodies held at a time in the whole process. Whoever comes beyond is asked to come again.
public final class BodyBudget: Sendable {
    /// Bytes: 64 of the largest bodies, thousands of usual ones.
    public static let standard = 64 * 1024 * 1024

    private let most: Int
    private let held = Mutex(0)

    public init(most: Int = BodyBudget.standard) { self.most = most }

    /// The bytes held now.
    var bytes: Int { held.withLock { $0 } }

    /// - Parameter proven: whether the sender is known already. Others get no further than half, so that they cannot
    ///   keep out those who are.
    /// - Returns: whether the bytes may be held; `release` them then.
    func take(_ count: Int, proven: Bool) -> Bool {
        held.withLock { held in
            guard count <= (proven ? most : most / 2) - held else { return false }
            held += count
            return true
        }
    }

    func release(_ count: Int) { held.withLock { $0 -= count } }
}
