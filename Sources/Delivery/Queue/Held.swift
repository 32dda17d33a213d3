import Civic
import Store

/// A notification that the queue holds in memory. Belongs to the queue's actor.
final class Held {
    enum State {
        /// An earlier one of its ticket goes first.
        case behind
        /// In its line. Of its entries in the line's heaps only the one of this turn counts.
        case inLine(turn: UInt32)
        case underWay
        /// Its outcome is being written, and what takes its place: those behind it wait for that.
        case done
    }

    var owed: OwedNotification
    var state = State.behind
    /// Since when it could have been sent, as far as we are concerned.
    var dueSince: Timestamp
    private var turns: UInt32 = 0

    init(_ owed: OwedNotification) {
        self.owed = owed
        dueSince = owed.nextAttemptAt
    }

    var id: Identifier { owed.id }

    func nextTurn() -> UInt32 {
        turns &+= 1
        state = .inLine(turn: turns)
        return turns
    }
}

/// A binary heap of notifications. What left its line stays in it until its turn would come, and is skipped then.
struct NotificationHeap {
    private struct Entry {
        let held: Held
        let turn: UInt32
        let urgency: UInt8
        let time: Timestamp
    }

    private var entries: [Entry] = []
    /// The most urgent first, then the oldest; else the earliest attempt first.
    let byPriority: Bool

    init(byPriority: Bool) { self.byPriority = byPriority }

    var first: Held? {
        mutating get {
            while let top = entries.first {
                if case .inLine(top.turn) = top.held.state { return top.held }
                pop()
            }
            return nil
        }
    }

    private func before(_ a: Entry, _ b: Entry) -> Bool {
        if byPriority, a.urgency != b.urgency { return a.urgency > b.urgency }
        return a.time < b.time
    }

    /// Its place in any other heap does not count any more.
    mutating func push(_ held: Held) {
        entries.append(
            Entry(
                held: held, turn: held.nextTurn(),
                urgency: UInt8(Priority.allCases.firstIndex(of: held.owed.priority) ?? 0),
                time: held.owed.nextAttemptAt))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard before(entries[child], entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() { pop() }

    private mutating func pop() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            let left = parent * 2 + 1
            guard left < entries.count else { return }
            let child = left + 1 < entries.count && before(entries[left + 1], entries[left]) ? left + 1 : left
            guard before(entries[child], entries[parent]) else { return }
            entries.swapAt(child, parent)
            parent = child
        }
    }

    mutating func removeAll() { entries = [] }
}
