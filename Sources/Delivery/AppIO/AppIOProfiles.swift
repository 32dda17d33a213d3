import Civic

/// What App IO said of citizens within the last hours, so that it is not asked before each message.
///
/// Bounded: what was learnt first is forgotten first. No fiscal code is kept, only hashes that mean nothing outside this
/// process. A wrong entry does no harm for long: who has turned the service off since is answered REJECTED and told on
/// another medium, and who has installed the app since is written to in it some hours later.
struct AppIOProfiles: Sendable {
    enum Profile: Hashable, Sendable {
        /// The languages that the citizen prefers, best first.
        case reachable(languages: [String])
        case unreachable(reason: String)
    }

    private struct Key: Hashable {
        let first: Int
        let second: Int
    }
    private struct Entry {
        let profile: Profile
        let learnt: Timestamp
        /// Tells the entry's own place in `order` from one of before.
        let number: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    /// The oldest first, from `head` on; with places of entries that are gone.
    private var order: [(key: Key, number: UInt64)] = []
    private var head = 0
    private var last: UInt64 = 0
    private let salts = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    init(capacity: Int = 100_000) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    /// - Parameter age: how long an entry is believed.
    func find(_ recipient: AppIORecipient, service: String, at now: Timestamp, within age: Duration) -> Profile? {
        guard let entry = entries[key(recipient, service)] else { return nil }
        let since = now - entry.learnt
        // A clock that was set back must not keep an entry for ever.
        return since < age && since >= .zero ? entry.profile : nil
    }

    mutating func learn(_ profile: Profile, of recipient: AppIORecipient, service: String, at now: Timestamp) {
        let key = key(recipient, service)
        last += 1
        entries[key] = Entry(profile: profile, learnt: now, number: last)
        order.append((key, last))
        while entries.count > capacity || order.count - head > 2 * capacity { dropOldest() }
        if head > capacity {
            order.removeFirst(head)
            head = 0
        }
    }

    mutating func forget(_ recipient: AppIORecipient, service: String) {
        entries[key(recipient, service)] = nil
    }

    private mutating func dropOldest() {
        let (key, number) = order[head]
        head += 1
        if entries[key]?.number == number { entries[key] = nil }
    }

    private func key(_ recipient: AppIORecipient, _ service: String) -> Key {
        func hash(_ salt: UInt64) -> Int {
            var hasher = Hasher()
            hasher.combine(salt)
            hasher.combine(service)
            hasher.combine(recipient.fiscalCode)
            return hasher.finalize()
        }
        return Key(first: hash(salts.0), second: hash(salts.1))
    }
}
