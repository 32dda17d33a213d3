import Civic
import Store

/// What this daemon held and left to the table, for want of room or for a long wait. What is later of the same ticket, and
/// was written while the table still said that this daemon held the earlier one, is left to the table, too: begun here it
/// would go first.
///
/// Three generations, each of `memory` at least, which turn when a batch has been written. One batch at most, which was
/// under way already, is written between a notification's being left and its own batch: so each is remembered for `memory`
/// after the table knows of it, however long that takes. Bounded: beyond `most` in a generation none is remembered.
struct LeftBehind {
    private var generations: [[Chains.Key: Identifier]] = [[:], [:], [:]]
    private var turned = Timestamp(microseconds: 0)

    /// Once the table knows of one, nothing that was written before comes later than this.
    static let memory = Duration.seconds(20)
    private static let most = 20_000

    mutating func note(_ owed: OwedNotification) {
        guard generations[0].count < LeftBehind.most else { return }
        let key = Chains.Key(owed)
        generations[0][key] = min(generations[0][key] ?? owed.id, owed.id)
    }

    /// A batch has been written.
    mutating func recorded(at now: Timestamp) {
        guard now - turned >= LeftBehind.memory || now < turned else { return }
        generations = [[:]] + generations.dropLast()
        turned = now
    }

    /// It is held again.
    mutating func isBack(_ owed: OwedNotification) {
        guard !isEmpty else { return }
        let key = Chains.Key(owed)
        for index in generations.indices where generations[index][key] == owed.id { generations[index][key] = nil }
    }

    func isBefore(_ owed: OwedNotification) -> Bool {
        guard !isEmpty else { return false }
        let key = Chains.Key(owed)
        return generations.contains { $0[key].map { $0 < owed.id } ?? false }
    }

    private var isEmpty: Bool { generations.allSatisfy(\.isEmpty) }

    mutating func forget() { generations = [[:], [:], [:]] }
}
