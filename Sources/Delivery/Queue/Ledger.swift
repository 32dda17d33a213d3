import Civic

/// Which notifications the queue answers for, so that none is begun twice: not one that is under way, and not one that
/// is finished while the table, or what was just read from it, still says that it waits.
struct Ledger {
    /// In memory: waiting, or under way.
    private var held: Set<Identifier> = []
    /// Under way, also those begun before everything was forgotten.
    private var underWay: Set<Identifier> = []
    /// Finished, and perhaps still waiting in what somebody reads.
    private var finished: Set<Identifier> = []
    /// Of the finished, those that the table knows about.
    private var recorded: Set<Identifier> = []
    private var readings = 0
    /// Recorded within the last seconds, in two generations.
    private var (lately, before): (Set<Identifier>, Set<Identifier>) = ([], [])
    private var turned = Timestamp(microseconds: 0)

    /// What was read from the table may be finished before it is handed over by whoever wrote it.
    private static let memory = Duration.seconds(5)

    var count: Int { held.count }

    func holds(_ id: Identifier) -> Bool { held.contains(id) }

    /// Whether this one would need room.
    func isNew(_ id: Identifier) -> Bool { !held.contains(id) && !finished.contains(id) }

    /// Whether it was finished a moment ago.
    func wasFinished(_ id: Identifier) -> Bool { lately.contains(id) || before.contains(id) }

    /// - Returns: whether it must be put in line; one under way is held from now on, and its outcome counts.
    mutating func take(_ id: Identifier) -> Bool {
        guard !finished.contains(id), held.insert(id).inserted else { return false }
        return !underWay.contains(id)
    }

    /// Stops answering for those that are not under way, nor finished and not yet so in the table.
    /// - Returns: these.
    mutating func drop(_ ids: [Identifier]) -> [Identifier] {
        let dropped = ids.filter { !underWay.contains($0) && !finished.contains($0) }
        held.subtract(dropped)
        return dropped
    }

    mutating func begin(_ id: Identifier) { underWay.insert(id) }

    mutating func attempted(_ id: Identifier) { underWay.remove(id) }

    mutating func finish(_ id: Identifier) {
        held.remove(id)
        finished.insert(id)
    }

    /// The table knows that these are finished.
    mutating func record(_ ids: some Sequence<Identifier>, at now: Timestamp) {
        if now - turned >= Ledger.memory || now < turned {
            (before, lately) = (lately, [])
            turned = now
        }
        lately.formUnion(ids)
        recorded.formUnion(ids)
        tidy()
    }

    /// Whether somebody reads from the table.
    var isRead: Bool { readings > 0 }

    mutating func forget() { held.removeAll() }

    mutating func beginReading() { readings += 1 }

    mutating func endReading() {
        readings -= 1
        tidy()
    }

    /// Who began to read before an outcome was recorded may find the notification waiting.
    private mutating func tidy() {
        guard readings == 0 else { return }
        finished.subtract(recorded)
        recorded.removeAll()
    }
}
