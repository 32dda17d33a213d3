import Civic
import Store

/// What is told about one ticket to one reader, in order: the next begins only when the earlier one's outcome is on
/// disk, and that of what takes its place, too. Belongs to the queue's actor.
struct Chains {
    struct Key: Hashable {
        let ticket: Int64
        /// All that goes to the citizen is one chain; each office has its own.
        let office: String?

        init(_ owed: OwedNotification) {
            ticket = owed.ticket
            office = owed.isToCitizen ? nil : owed.recipient
        }
    }

    private struct Chain {
        var head: Held
        /// By id, which is by age; nearly always empty.
        var rest: [Held] = []
    }

    private var chains: [Key: Chain] = [:]

    var all: some Sequence<Held> { chains.values.lazy.flatMap { [$0.head] + $0.rest } }

    /// - Returns: whether it is its turn.
    mutating func add(_ held: Held) -> Bool {
        let key = Key(held.owed)
        guard var chain = chains[key] else {
            chains[key] = Chain(head: held)
            return true
        }
        defer { chains[key] = chain }
        if held.id < chain.head.id, case .inLine = chain.head.state {
            chain.head.state = .behind
            chain.rest.insert(chain.head, at: 0)
            chain.head = held
            return true
        }
        let place = chain.rest.firstIndex { held.id < $0.id } ?? chain.rest.endIndex
        chain.rest.insert(held, at: place)
        return false
    }

    /// Whether the second, which takes the first one's place, stands in the same chain: an office's letter does not.
    static func areOne(_ owed: OwedNotification, _ successor: OwedNotification) -> Bool { Key(owed) == Key(successor) }

    /// The one that is held under this id, if it is the first of its chain.
    func head(_ owed: OwedNotification) -> Held? {
        guard let head = chains[Key(owed)]?.head, head.id == owed.id else { return nil }
        return head
    }

    /// Its outcome is on disk.
    /// - Returns: whose turn it is now.
    mutating func finish(_ owed: OwedNotification) -> Held? {
        let key = Key(owed)
        guard var chain = chains[key] else { return nil }
        guard chain.head.id == owed.id else {
            chain.rest.removeAll { $0.id == owed.id }
            chains[key] = chain
            return nil
        }
        guard !chain.rest.isEmpty else {
            chains[key] = nil
            return nil
        }
        chain.head = chain.rest.removeFirst()
        chains[key] = chain
        return chain.head
    }

    /// What takes the place of the first one is here: it goes before those behind it.
    /// - Returns: whether it is its turn.
    mutating func succeed(_ held: Held) -> Bool {
        let key = Key(held.owed)
        guard let head = chains[key]?.head, case .done = head.state, head.id == held.owed.insteadOf else {
            return add(held)
        }
        chains[key]?.head = held
        return true
    }

    /// The first one is left to others, and with it those behind it.
    mutating func leave(_ owed: OwedNotification) -> [Held] {
        let key = Key(owed)
        guard let chain = chains[key], chain.head.id == owed.id else { return [] }
        chains[key] = nil
        return [chain.head] + chain.rest
    }

    /// Takes out those of these ids that are not under way.
    /// - Returns: these, and whose turn it is now.
    mutating func remove(_ ids: Set<Identifier>) -> (removed: [Held], next: [Held]) {
        var (removed, next): ([Held], [Held]) = ([], [])
        for (key, chain) in chains {
            var chain = chain
            let gone = chain.rest.filter { ids.contains($0.id) }
            removed += gone
            if !gone.isEmpty { chain.rest.removeAll { ids.contains($0.id) } }
            if ids.contains(chain.head.id), case .inLine = chain.head.state {
                chain.head.state = .behind
                removed.append(chain.head)
                guard !chain.rest.isEmpty else {
                    chains[key] = nil
                    continue
                }
                chain.head = chain.rest.removeFirst()
                next.append(chain.head)
            } else if gone.isEmpty {
                continue
            }
            chains[key] = chain
        }
        return (removed, next)
    }

    /// Forgets all but those whose outcome is not on disk yet: what is owed in their place goes before what is later.
    mutating func forget() {
        chains = chains.compactMapValues { chain in
            guard case .done = chain.head.state else { return nil }
            return Chain(head: chain.head)
        }
    }
}
