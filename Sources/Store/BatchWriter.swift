import Boundaries
import Civic
import EventLoop
import Postgres

/// One connection and the batches that go through it.
actor BatchWriter {
    private let connection: PostgresConnection
    nonisolated let loop: EventLoop
    private let owner: @Sendable () -> Holder?
    private let measured: @Sendable (IntakeWriter.Batch) -> Void
    private let committed: @Sendable ([OwedNotification]) -> Void

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// Returns once the writer's loop has gone round.
    func roundTrip() {}

    init(
        connection: PostgresConnection, loop: EventLoop, owner: @escaping @Sendable () -> Holder?,
        measured: @escaping @Sendable (IntakeWriter.Batch) -> Void,
        committed: @escaping @Sendable ([OwedNotification]) -> Void
    ) {
        self.connection = connection
        self.loop = loop
        self.owner = owner
        self.measured = measured
        self.committed = committed
    }

    func finish() async { await connection.close() }

    func write(_ records: [IntakeRecord]) async -> [Result<IntakeResult, PostgresError>] {
        let start = ContinuousClock.now
        let results = await attempt(records, tries: 3)
        measured(IntakeWriter.Batch(rows: records.count, seconds: (ContinuousClock.now - start).inSeconds))
        return results
    }

    private func attempt(_ records: [IntakeRecord], tries: Int) async -> [Result<IntakeResult, PostgresError>] {
        do throws(PostgresError) {
            return try await commit(records).map { .success($0) }
        } catch {
            // A deadlock between two writers that met the same citizen: the next try finds the rows there.
            if let state = error.sqlstate, ["40P01", "40001"].contains(state), tries > 1 {
                return await attempt(records, tries: tries - 1)
            }
            // One row that PostgreSQL will not take, or that cannot be sent to it, must not hold up the others.
            if !error.isRetriable, records.count > 1 {
                var results: [Result<IntakeResult, PostgresError>] = []
                for record in records { results += await attempt([record], tries: 3) }
                return results
            }
            return records.map { _ in .failure(error) }
        }
    }

    private func commit(_ records: [IntakeRecord]) async throws(PostgresError) -> [IntakeResult] {
        let (unique, positions) = deduplicated(records)
        let owner = owner()
        let statement = IntakeStatement(unique.map { records[$0] }, owner: owner)
        let rows = try await Boundary.intakeSent.whenSent { () async throws(PostgresError) in
            try await connection.query(statement.sql, statement.parameters)
        }
        Boundary.intakeCommitted.pass()
        var fresh = Set<Identifier>(minimumCapacity: rows.count)
        for row in rows { if let id = row.uuid(0) { fresh.insert(Identifier(id)) } }

        // Before anything else: they are on disk in this daemon's name, whatever becomes of the next statement.
        if let owner {
            var owed: [OwedNotification] = []
            for index in unique where fresh.contains(records[index].message.id) {
                guard case .ticket(let ticket) = records[index].outcome else { continue }
                owed += ticket.notifications(heldBy: owner)
            }
            if !owed.isEmpty { committed(owed) }
        }
        let old = unique.filter { !fresh.contains(records[$0].message.id) }
        let known = old.isEmpty ? [:] : try await find(old.map { records[$0].message })
        var results: [IntakeResult] = []
        results.reserveCapacity(records.count)
        for (index, record) in records.enumerated() {
            let first = records[positions[index]]
            if fresh.contains(record.message.id) {
                results.append(.stored)
            } else if fresh.contains(first.message.id) {
                results.append(.duplicate(message: first.message.id, ticket: first.code))
            } else if let earlier = known[MessageKey(record.message)] {
                // Ours all the same if an earlier try committed and its answer was lost. (A message that was kept in the
                // spool then is decided anew, for a ticket that is not the one it has.)
                let isOurs =
                    earlier.message == record.message.id && (record.code == nil || record.code == earlier.ticket)
                results.append(
                    isOurs
                        ? .stored : .duplicate(message: earlier.message, ticket: earlier.ticket))
            } else {
                throw PostgresError(.connectionLost, "a message was neither written nor found")
            }
        }
        return results
    }

    /// The indices of the first record of each key, in key order (two writers then lock in the same order), and for
    /// every record the index of the first one of its key.
    private func deduplicated(_ records: [IntakeRecord]) -> (unique: [Int], first: [Int]) {
        var firstOf = [MessageKey: Int](minimumCapacity: records.count)
        var first: [Int] = []
        var unique: [Int] = []
        for (index, record) in records.enumerated() {
            let key = MessageKey(record.message)
            if let earlier = firstOf[key] {
                first.append(earlier)
            } else {
                firstOf[key] = index
                first.append(index)
                unique.append(index)
            }
        }
        unique.sort { MessageKey(records[$0].message) < MessageKey(records[$1].message) }
        return (unique, first)
    }

    private func find(
        _ messages: [Message]
    ) async throws(PostgresError) -> [MessageKey: (message: Identifier, ticket: String?)] {
        let rows = try await connection.query(
            """
            select k.scope, k.external_id, m.id, (select code from ticket where number = m.ticket)
            from unnest($1::text[], $2::text[]) as k (scope, external_id)
            cross join lateral (
                select id, ticket from message
                where message.scope = k.scope and message.external_id = k.external_id offset 0) m
            """, [.textArray(messages.map(\.scope)), .textArray(messages.map(\.externalID))])
        var found: [MessageKey: (message: Identifier, ticket: String?)] = [:]
        for row in rows {
            guard let scope = row.string(0), let external = row.string(1), let id = row.uuid(2) else { continue }
            found[MessageKey(scope: scope, externalID: external)] = (Identifier(id), row.string(3))
        }
        return found
    }
}

private struct MessageKey: Hashable, Comparable {
    let scope: String
    let externalID: String

    init(scope: String, externalID: String) {
        self.scope = scope
        self.externalID = externalID
    }
    init(_ message: Message) { self.init(scope: message.scope, externalID: message.externalID) }

    // Bytes, not canonical equivalence: PostgreSQL tells composed from decomposed letters.
    static func == (a: MessageKey, b: MessageKey) -> Bool {
        a.scope == b.scope && a.externalID.utf8.elementsEqual(b.externalID.utf8)
    }
    func hash(into hasher: inout Hasher) {
        hasher.combine(scope)
        for byte in externalID.utf8 { hasher.combine(byte) }
    }
    static func < (a: MessageKey, b: MessageKey) -> Bool {
        a.scope != b.scope ? a.scope < b.scope : a.externalID.utf8.lexicographicallyPrecedes(b.externalID.utf8)
    }
}

extension IntakeRecord {
    fileprivate var code: String? {
        if case .ticket(let ticket) = outcome { ticket.code } else { nil }
    }
}

extension Duration {
    /// As a floating-point number of seconds.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
