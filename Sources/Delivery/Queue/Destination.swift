import Civic
import Store

/// The notifications that wait for one destination, and whether anything may go there now. A value: it decides, the
/// queue acts.
struct Destination {
    /// Why nothing goes out.
    enum Gate: Equatable {
        case open
        /// Until a moment, because the other side asked or failed. Becomes `open` by itself.
        case paused(until: Timestamp, reason: String)
        /// Until a moment, because our side is wrong; one attempt then finds out. Becomes `open` by itself.
        case stopped(until: Timestamp, reason: String)
    }

    private(set) var gate = Gate.open
    private(set) var inFlight = 0
    /// After a stop a single attempt finds out whether anybody has acted.
    private var isProbing = false
    /// Ordered by priority, then by time; a binary heap.
    private var due = Heap()
    private var later = Heap()
    let concurrency: Int

    init(concurrency: Int) {
        self.concurrency = concurrency
        due.byPriority = true
    }

    /// Of those in memory.
    var oldest: Timestamp? { (due.items + later.items).lazy.map(\.createdAt).min() }
    var isHeld: Bool { gate != .open }
    var waiting: Int { due.count + later.count }

    mutating func add(_ owed: OwedNotification) { later.push(owed) }

    /// The next notification that may go now.
    /// - Parameter most: attempts under way at once, if fewer than the destination takes.
    mutating func next(at now: Timestamp, most: Int = .max) -> OwedNotification? {
        switch gate {
        case .open: break
        case .paused(let until, _):
            guard until <= now else { return nil }
            gate = .open
        case .stopped(let until, _):
            guard until <= now else { return nil }
            gate = .open
            isProbing = true
        }
        while let first = later.first, first.nextAttemptAt <= now { due.push(later.pop()) }
        guard inFlight < min(limit, most), due.count > 0 else { return nil }
        inFlight += 1
        return due.pop()
    }

    /// When to look again, if nothing else happens before.
    func wake(after now: Timestamp) -> Timestamp? {
        let next = due.count > 0 ? now : later.first?.nextAttemptAt
        guard let next, inFlight < limit else { return nil }
        switch gate {
        case .open: return next
        case .paused(let until, _), .stopped(let until, _): return max(until, next)
        }
    }

    private var limit: Int { isProbing ? 1 : concurrency }

    mutating func finished() {
        inFlight -= 1
        isProbing = false
    }

    /// What is under way when a configuration is replaced still counts.
    mutating func adopt(inFlight: Int) { self.inFlight = inFlight }

    /// - Returns: whether this is news.
    mutating func pause(until: Timestamp, reason: String) -> Bool {
        if case .paused(let earlier, _) = gate {
            gate = .paused(until: max(earlier, until), reason: reason)
            return false
        }
        if case .stopped = gate { return false }
        gate = .paused(until: until, reason: reason)
        return true
    }

    mutating func stop(until: Timestamp, reason: String) -> Bool {
        let news = if case .stopped = gate { false } else { true }
        gate = .stopped(until: until, reason: reason)
        return news
    }

    mutating func remove(_ ids: Set<Identifier>) {
        for owed in removeAll() where !ids.contains(owed.id) { add(owed) }
    }

    mutating func removeAll() -> [OwedNotification] {
        let all = due.items + later.items
        due.items = []
        later.items = []
        return all
    }
}

/// A binary heap of notifications.
private struct Heap {
    var items: [OwedNotification] = []
    /// The most urgent first, then the oldest; else the earliest attempt first.
    var byPriority = false

    var count: Int { items.count }
    var first: OwedNotification? { items.first }

    private func before(_ a: OwedNotification, _ b: OwedNotification) -> Bool {
        if byPriority, a.priority != b.priority { return a.priority > b.priority }
        return a.nextAttemptAt < b.nextAttemptAt
    }

    mutating func push(_ item: OwedNotification) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard before(items[child], items[parent]) else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> OwedNotification {
        items.swapAt(0, items.count - 1)
        let top = items.removeLast()
        var parent = 0
        while true {
            let left = parent * 2 + 1
            guard left < items.count else { return top }
            let child = left + 1 < items.count && before(items[left + 1], items[left]) ? left + 1 : left
            guard before(items[child], items[parent]) else { return top }
            items.swapAt(child, parent)
            parent = child
        }
    }
}
