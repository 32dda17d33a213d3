/// Which statements a session has prepared. A name is never used twice, not even in the next session: a name that has
/// outlived its session must not mean another statement there.
struct StatementCache {
    private struct Entry {
        let name: String
        let types: [UInt32]
        var used: UInt64
    }

    private let capacity: Int
    /// A text prepared for different parameter types is several statements.
    private var entries: [String: [Entry]] = [:]
    private(set) var count = 0
    private var clock: UInt64 = 0
    private var named = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The statement for this text and these types. NULL (type 0) fits where any type was prepared, but what was
    /// prepared with an inferred type fits only NULL: the server's inference is not known here.
    mutating func find(_ sql: String, _ types: [UInt32]) -> String? {
        guard let place = entries.index(forKey: sql),
            let variant = entries.values[place].firstIndex(where: { entry in
                entry.types.count == types.count && zip(entry.types, types).allSatisfy { $1 == 0 || $0 == $1 }
            })
        else { return nil }
        clock += 1
        entries.values[place][variant].used = clock
        return entries.values[place][variant].name
    }

    /// A name nobody has used before.
    mutating func newName() -> String {
        named += 1
        return "s\(named)"
    }

    /// Takes up a statement that the server has prepared.
    /// - Returns: the statement to deallocate in its place, if the cache was full.
    mutating func insert(_ sql: String, _ types: [UInt32], name: String) -> String? {
        let evicted = count >= capacity ? removeOldest() : nil
        clock += 1
        entries[sql, default: []].append(Entry(name: name, types: types, used: clock))
        count += 1
        return evicted
    }

    /// The session is gone, and its statements with it.
    mutating func removeAll() {
        entries = [:]
        count = 0
    }

    /// The server no longer knows it, or it no longer fits the tables.
    mutating func forget(_ sql: String, name: String) {
        guard let index = entries[sql]?.firstIndex(where: { $0.name == name }) else { return }
        remove(sql, index)
    }

    private mutating func removeOldest() -> String? {
        let all = entries.lazy.flatMap { sql, variants in variants.enumerated().map { (sql, $0.offset, $0.element) } }
        guard let (sql, index, entry) = all.min(by: { $0.2.used < $1.2.used }) else { return nil }
        remove(sql, index)
        return entry.name
    }

    private mutating func remove(_ sql: String, _ index: Int) {
        entries[sql]?.remove(at: index)
        if entries[sql]?.isEmpty == true { entries[sql] = nil }
        count -= 1
    }
}
