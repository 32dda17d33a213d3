import Civic
import Postgres

extension Outbox {
    /// A message that the other side took, and of which more is to be learnt.
    public struct Watched: Hashable, Sendable, Identifiable {
        public var id: Identifier
        public var code: String
        public var recipient: String
        public var remoteID: String
        public var category: String?
        public var receipt: Fate?
        public var takenAt: Timestamp
        public var attempts: Int

        public init(
            id: Identifier, code: String, recipient: String, remoteID: String, category: String?, receipt: Fate?,
            takenAt: Timestamp, attempts: Int
        ) {
            self.id = id
            self.code = code
            self.recipient = recipient
            self.remoteID = remoteID
            self.category = category
            self.receipt = receipt
            self.takenAt = takenAt
            self.attempts = attempts
        }
    }

    /// What became of a message after it was taken, in the column `receipt`. From each to any below it, never back.
    public enum Fate: String, Hashable, Sendable, CaseIterable, Comparable {
        /// Delayed by the other side.
        case throttled
        /// Asked for until there was no use in it: nobody said.
        case unknown
        /// In the citizen's inbox; whether it was read is not told.
        case processed
        /// In the inbox, and not read when it was asked for last.
        case unread
        case read
        /// What it asks for was paid.
        case paid
        /// It did not reach the citizen. Final.
        case failed

        private var rank: Int { Fate.allCases.firstIndex(of: self)! }
        public static func < (a: Fate, b: Fate) -> Bool { a.rank < b.rank }
    }

    /// What a look at a message brought.
    public struct Sighting: Hashable, Sendable {
        public var id: Identifier
        /// Nil leaves what was known.
        public var fate: Fate?
        /// When to look again; nil: no more.
        public var again: Timestamp?
        /// Why it failed.
        public var reason: String?
        public init(id: Identifier, fate: Fate?, again: Timestamp?, reason: String? = nil) {
            self.id = id
            self.fate = fate
            self.again = again
            self.reason = reason
        }
    }

    /// Takes messages of a medium whose time to be looked at has come, those first that wait longest. Nobody else takes
    /// them before the lease is over, nor for ever if this daemon dies.
    public func claimWatched(
        _ medium: Medium, limit: Int, at now: Timestamp, lease: Duration
    ) async throws -> [Watched] {
        try await pool.query(
            """
            with picked as (
                select id from notification where medium = $1 and watch_at <= $2 order by watch_at limit $3
                for update skip locked
            ), claimed as (
                update notification set watch_at = $4 from picked where notification.id = picked.id
                returning notification.id, ticket, recipient, remote_id, receipt, done_at, created_at, attempts
            )
            select c.id, t.code, c.recipient, c.remote_id, t.category, c.receipt, coalesce(c.done_at, c.created_at),
                c.attempts
            from claimed c join ticket t on t.number = c.ticket
            """,
            [
                .text(medium.rawValue), .timestamptz(now.microseconds), .int8(Int64(limit)),
                .timestamptz((now + lease).microseconds),
            ]
        ).compactMap { row in
            guard let id = row.identifier(0), let code = row.string(1), let recipient = row.string(2),
                let takenAt = row.moment(6)
            else { return nil }
            return Watched(
                id: id, code: code, recipient: recipient, remoteID: row.string(3) ?? "", category: row.string(4),
                receipt: row.string(5).flatMap(Fate.init), takenAt: takenAt, attempts: Int(row.int(7) ?? 1))
        }
    }

    /// Writes what was seen, and what is owed in the place of what failed, all or nothing. Writing it again changes
    /// nothing.
    /// - Returns: what is owed now.
    public func settle(
        _ sightings: [Sighting], at now: Timestamp, owner: Holder?
    ) async throws -> [OwedNotification] {
        guard !sightings.isEmpty else { return [] }
        return try await pool.transaction { session in
            // In one order, so that two daemons never wait for each other.
            let sightings = sightings.sorted { $0.id < $1.id }
            let failed = try await session.query(
                """
                update notification n set watch_at = s.again, watches = n.watches + 1,
                    receipt = coalesce(s.fate, n.receipt),
                    status = case when s.fate = 'failed' then 'refused' else n.status end,
                    reason = case when s.fate = 'failed' then s.reason else n.reason end,
                    done_at = case when s.fate = 'failed' then $5 else n.done_at end
                from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as s (id, fate, again, reason)
                where n.id = s.id and n.status = 'delivered' and n.receipt is distinct from 'failed'
                returning case when s.fate = 'failed' then n.id end
                """,
                [
                    .uuidArray(sightings.map(\.id.pair)), .textArray(sightings.map(\.fate?.rawValue)),
                    .timestamptzArray(sightings.map { $0.again?.microseconds }),
                    .textArray(sightings.map(\.reason)), .timestamptz(now.microseconds),
                ]
            ).compactMap { $0.identifier(0) }
            guard !failed.isEmpty else { return [] }
            let rows = try await session.query(
                "select \(Outbox.columns) from \(Outbox.tables) where n.id = any($1)",
                [.uuidArray(failed.map(\.pair))])
            let owed = rows.compactMap(OwedNotification.init).compactMap { $0.succeeded(at: now) }
            return try await Outbox.insert(owed, owner: owner, in: session)
        }
    }
}
