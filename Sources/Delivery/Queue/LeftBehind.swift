import Civic
import Store

/// What this daemon held and left to the table, for want of room or for a long wait. What is later of the same ticket, and
/// was written while the table still said that this daemon held the earlier one, is left to the table, too: begun here it
/// would go first.
struct LeftBehind {
    private var first: [Chains.Key: (id: Identifier, at: Timestamp)] = [:]

    /// From the moment in which the table knows that one is left: nothing that was written before is handed over later.
    static let memory = Duration.seconds(20)
    /// Beyond it what is over is looked for; nearly always there is nothing.
    private static let many = 1000

    mutating func note(_ owed: OwedNotification, at now: Timestamp) {
        if first.count >= LeftBehind.many { first = first.filter { LeftBehind.isFresh($0.value.at, at: now) } }
        let key = Chains.Key(owed)
        first[key] = (min(first[key]?.id ?? owed.id, owed.id), now)
    }

    /// The table knows of these.
    mutating func recorded(_ ids: some Collection<Identifier>, at now: Timestamp) {
        guard !first.isEmpty, !ids.isEmpty else { return }
        let ids = Set(ids)
        first = first.mapValues { ids.contains($0.id) ? ($0.id, now) : $0 }
    }

    /// It has been claimed again.
    mutating func isBack(_ owed: OwedNotification) {
        guard !first.isEmpty else { return }
        let key = Chains.Key(owed)
        if first[key]?.id == owed.id { first[key] = nil }
    }

    func isBefore(_ owed: OwedNotification, at now: Timestamp) -> Bool {
        guard !first.isEmpty, let left = first[Chains.Key(owed)] else { return false }
        return left.id < owed.id && LeftBehind.isFresh(left.at, at: now)
    }

    mutating func forget() { first.removeAll() }

    private static func isFresh(_ moment: Timestamp, at now: Timestamp) -> Bool {
        now - moment < memory && now >= moment
    }
}
