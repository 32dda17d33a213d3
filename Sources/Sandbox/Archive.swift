/// The newest entries in bounded memory: many summaries, few bodies.
///
/// Entries are numbered from 1 without gaps. The oldest summaries are overwritten; bodies go earlier, by number and by
/// total size, because thirty-megabyte mails would otherwise fill the memory with two thousand entries.
struct Archive<Summary, Body> {
    fileprivate struct Item {
        var summary: Summary
        var body: Body?
        let size: Int
    }

    private let capacity: Int
    private let maximumBodies: Int
    private let maximumBytes: Int
    private var items: [Item] = []
    private var firstBody = 1
    private var bytes = 0

    /// Entries ever added, which is also the number of the newest.
    private(set) var count = 0

    init(capacity: Int, bodies: Int, bytes: Int) {
        self.capacity = max(1, capacity)
        maximumBodies = max(0, bodies)
        maximumBytes = max(0, bytes)
    }

    /// The numbers still remembered.
    var numbers: ClosedRange<Int>? {
        count == 0 ? nil : max(1, count - capacity + 1)...count
    }

    /// Adds an entry; answers the summary that had to go for it.
    @discardableResult
    mutating func append(_ summary: Summary, body: Body, size: Int) -> Summary? {
        let item = Item(summary: summary, body: body, size: size)
        var evicted: Summary?
        if items.count < capacity {
            items.append(item)
            count += 1
        } else {
            evicted = items[count % capacity].summary
            if firstBody == count - capacity + 1 { dropOldestBody() }
            items[count % capacity] = item
            count += 1
        }
        bytes += size
        while firstBody <= count, count - firstBody >= maximumBodies || bytes > maximumBytes { dropOldestBody() }
        return evicted
    }

    private mutating func dropOldestBody() {
        let slot = (firstBody - 1) % capacity
        bytes -= items[slot].size
        items[slot].body = nil
        firstBody += 1
    }

    func summary(_ number: Int) -> Summary? {
        guard let numbers, numbers.contains(number) else { return nil }
        return items[(number - 1) % capacity].summary
    }

    func body(_ number: Int) -> Body? {
        guard let numbers, numbers.contains(number) else { return nil }
        return items[(number - 1) % capacity].body
    }

    /// Changes the summary of an entry that is still remembered.
    mutating func update(_ number: Int, _ change: (inout Summary) -> Void) {
        guard let numbers, numbers.contains(number) else { return }
        change(&items[(number - 1) % capacity].summary)
    }

    /// The numbers of entries that satisfy `condition`: those after `since`, oldest first; without it, the newest.
    func search(since: Int?, limit: Int, where condition: (Summary) -> Bool) -> [Int] {
        guard let numbers else { return [] }
        var found: [Int] = []
        if let since {
            guard since < numbers.upperBound else { return [] }
            for number in max(numbers.lowerBound, since + 1)...numbers.upperBound where found.count < limit {
                if condition(items[(number - 1) % capacity].summary) { found.append(number) }
            }
            return found
        }
        for number in numbers.reversed() where found.count < limit {
            if condition(items[(number - 1) % capacity].summary) { found.append(number) }
        }
        return found.reversed()
    }
}

extension Archive: Sendable where Summary: Sendable, Body: Sendable {}
extension Archive.Item: Sendable where Summary: Sendable, Body: Sendable {}
