import Civic
import Postgres

/// The table of notifications owed: the journal that daemons read at start and write outcomes to.
///
/// A waiting notification belongs to the daemon in `owner`, which holds it in memory. One without an owner is claimed by
/// whoever has room in its line; those of dead daemons lose theirs.
///
/// What is told about one ticket is told in order: to the citizen one after the other, to offices one after the other for
/// each. A later one is never held by another daemon than an earlier one that is still open.
public struct Outbox: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// What became of a notification, to be recorded.
    public struct Outcome: Sendable {
        public enum Status: String, Sendable {
            /// Another attempt is due.
            case waiting
            /// A request that must not be repeated blindly is about to be made.
            case sending
            case delivered, refused, expired, uncertain, cancelled
        }
        public var id: Identifier
        public var status: Status
        public var attempts: Int
        public var nextAttemptAt: Timestamp
        public var at: Timestamp
        public var reason: String?
        public var remoteID: String?
        /// The medium did not reach the citizen, and is thought not to until then.
        public var unreachedUntil: Timestamp?
        /// The medium reaches the citizen, perhaps again.
        public var isReached = false
        /// It is left to whoever has room once it is due.
        public var isReleased = false
        /// That it waits or is being sent is for this daemon to say: not if another has it by now. nil: for anybody.
        public var owner: Int64?

        public init(
            id: Identifier, status: Status, attempts: Int, nextAttemptAt: Timestamp, at: Timestamp,
            reason: String? = nil, remoteID: String? = nil
        ) {
            self.id = id
            self.status = status
            self.attempts = attempts
            self.nextAttemptAt = nextAttemptAt
            self.at = at
            self.reason = reason
            self.remoteID = remoteID
        }
    }

    /// One attempt that did not deliver at once, for the record.
    public struct Try: Hashable, Sendable {
        public var id: Identifier
        public var number: Int
        public var at: Timestamp
        public var outcome: Outcome.Status
        public var reason: String?

        public init(id: Identifier, number: Int, at: Timestamp, outcome: Outcome.Status, reason: String?) {
            self.id = id
            self.number = number
            self.at = at
            self.outcome = outcome
            self.reason = reason
        }
    }

    /// Records outcomes, attempts and follow-up notifications (a fallback) in one transaction. Writing the same again
    /// changes nothing.
    /// - Returns: the follow-ups, and whether this daemon holds them.
    @discardableResult
    public func record(
        _ outcomes: [Outcome], tries: [Try] = [], followUps: [OwedNotification], owner: Holder?
    ) async throws -> [OwedNotification] {
        let update = Outbox.update(outcomes, tries)
        let reach = outcomes.filter { $0.unreachedUntil != nil || $0.isReached }
        guard !followUps.isEmpty || !reach.isEmpty else {
            _ = try await pool.query(update.0, update.1)
            return []
        }
        return try await pool.transaction { session in
            _ = try await session.query(update.0, update.1)
            try await Outbox.remember(reach, in: session)
            return try await Outbox.insert(followUps, owner: owner, in: session)
        }
    }

    /// Makes durable that requests are about to be made which must not be repeated blindly.
    /// - Returns: those that may be made: not what another daemon has by now, or nobody, or what is finished.
    public func mark(_ marks: [Outcome]) async throws -> Set<Identifier> {
        let rows = try await pool.query(
            """
            update notification set status = 'sending', attempts = o.attempts, next_attempt_at = o.next_attempt_at,
                reason = null
            from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::bigint[]) as o (id, attempts, next_attempt_at, owner)
            where notification.id = o.id and notification.owner = o.owner and notification.recipient <> ''
                and coalesce(notification.status) in ('waiting', 'sending')
            returning notification.id
            """,
            [
                .uuidArray(marks.map(\.id.pair)), .int4Array(marks.map { Int32(clamping: $0.attempts) }),
                .timestamptzArray(marks.map(\.nextAttemptAt.microseconds)), .int8Array(marks.map(\.owner)),
            ])
        return Set(rows.compactMap { $0.identifier(0) })
    }

    /// `coalesce` hides the status from the planner, which else walks an index of all open notifications. One without a
    /// recipient was erased: a daemon that was away meanwhile must not write back what it remembers.
    private static func update(_ outcomes: [Outcome], _ tries: [Try]) -> (String, [PostgresValue]) {
        let sql = """
            update notification set status = o.status, attempts = o.attempts, next_attempt_at = o.next_attempt_at,
                reason = o.reason, remote_id = coalesce(o.remote_id, notification.remote_id),
                done_at = case when o.status in ('waiting', 'sending') then null else o.at end,
                owner = case when not o.released then notification.owner end,
                watch_at = case when o.status = 'delivered' and medium = 'app_io' and o.remote_id is not null
                    then o.at + make_interval(secs => $9) end,
                receipt = case when o.status = 'delivered' and medium = 'app_io' then null else receipt end
            from unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
                    $8::boolean[], $10::bigint[])
                as o (id, status, attempts, next_attempt_at, at, reason, remote_id, released, owner)
            where notification.id = o.id and notification.recipient <> ''
                and (o.status <> 'waiting' or o.owner is null or coalesce(notification.owner, o.owner) = o.owner)
                and (coalesce(notification.status) in ('waiting', 'sending')
                    or (notification.status = 'cancelled' and o.status = 'delivered'))
            """
        let values = [
            PostgresValue.uuidArray(outcomes.map(\.id.pair)), .textArray(outcomes.map(\.status.rawValue)),
            .int4Array(outcomes.map { Int32(clamping: $0.attempts) }),
            .timestamptzArray(outcomes.map(\.nextAttemptAt.microseconds)),
            .timestamptzArray(outcomes.map(\.at.microseconds)), .textArray(outcomes.map(\.reason)),
            .textArray(outcomes.map(\.remoteID)), .boolArray(outcomes.map(\.isReleased)),
            .double(WatchSchedule.first.inSeconds), .int8Array(outcomes.map(\.owner)),
        ]
        guard !tries.isEmpty else { return (sql, values) }
        let insert = """
            with tried as (
                insert into attempt (notification, number, at, outcome, reason)
                select * from unnest($11::uuid[], $12::int[], $13::timestamptz[], $14::text[], $15::text[])
                    as t (id, number, at, outcome, reason)
                where not exists (select from notification n where n.id = t.id and n.recipient = '')
                on conflict do nothing)
            """
        return (
            "\(insert)\n\(sql)",
            values + [
                .uuidArray(tries.map(\.id.pair)), .int4Array(tries.map { Int32(clamping: $0.number) }),
                .timestamptzArray(tries.map(\.at.microseconds)), .textArray(tries.map(\.outcome.rawValue)),
                .textArray(tries.map(\.reason)),
            ]
        )
    }

    /// Whom the media of these notifications reach, or not.
    static func remember(_ outcomes: [Outcome], in session: PostgresTransaction) async throws {
        guard !outcomes.isEmpty else { return }
        _ = try await session.query(
            """
            insert into unreached (citizen, medium, until, changed_at)
            select distinct on (t.citizen, n.medium) t.citizen, n.medium, coalesce(o.until, 'epoch'), now()
            from unnest($1::uuid[], $2::timestamptz[]) as o (id, until)
                join notification n on n.id = o.id join ticket t on t.number = n.ticket
            where t.citizen is not null and not starts_with(n.template, 'office_')
                and (o.until is not null or exists (
                    select from unreached u where u.citizen = t.citizen and u.medium = n.medium))
            order by t.citizen, n.medium, o.until desc nulls last
            on conflict (citizen, medium) do update set until = excluded.until, changed_at = excluded.changed_at
            """,
            [
                .uuidArray(outcomes.map(\.id.pair)),
                .timestamptzArray(outcomes.map { $0.unreachedUntil?.microseconds }),
            ])
    }

    /// Writes what is owed. One whose ticket has an earlier one that somebody else holds, or nobody yet, is left to them.
    /// Nothing follows one that was erased.
    /// - Returns: the same, and whether this daemon holds them.
    static func insert(
        _ owed: [OwedNotification], owner: Holder?, in session: PostgresTransaction
    ) async throws -> [OwedNotification] {
        guard !owed.isEmpty else { return [] }
        let written = try await session.query(
            """
            insert into notification as n
                (id, ticket, event, medium, recipient, fallback, template, language, created_at, next_attempt_at,
                 expires_at, bundled, instead_of, urgency, status, reason, done_at, owner)
            select n.id, n.ticket, n.event, n.medium, n.recipient, n.fallback, n.template, n.language, n.created_at,
                n.next_attempt_at, n.expires_at, string_to_array(n.bundled, ',')::uuid[], n.instead_of, n.urgency,
                case when n.withheld is null then 'waiting' else 'cancelled' end, n.withheld,
                case when n.withheld is not null then n.created_at end,
                case when n.withheld is null and not \(Outbox.isBehind("n", anyoneBut: "n.owner")) then n.owner end
            from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::text[], $13::uuid[], $14::int[],
                    $15::bigint[], $16::text[])
                as n (id, ticket, event, medium, recipient, fallback, template, language, created_at, next_attempt_at,
                    expires_at, bundled, instead_of, urgency, owner, withheld)
            where n.instead_of is null
                or not exists (select from notification e where e.id = n.instead_of and e.recipient = '')
            on conflict (id) do nothing
            returning id, owner
            """,
            [
                .uuidArray(owed.map(\.id.pair)), .int8Array(owed.map(\.ticket)), .uuidArray(owed.map(\.event.pair)),
                .textArray(owed.map(\.medium.rawValue)), .textArray(owed.map(\.recipient)),
                .textArray(owed.map(\.fallback)), .textArray(owed.map(\.template)), .textArray(owed.map(\.language)),
                .timestamptzArray(owed.map(\.createdAt.microseconds)),
                .timestamptzArray(owed.map(\.nextAttemptAt.microseconds)),
                .timestamptzArray(owed.map(\.expiresAt.microseconds)),
                .textArray(
                    owed.map { $0.bundled.isEmpty ? nil : $0.bundled.map(\.description).joined(separator: ",") }),
                .uuidArray(owed.map { $0.insteadOf?.pair }), .int4Array(owed.map(\.urgency)),
                .int8Array(owed.map { $0.holder(owner) }), .textArray(owed.map(\.withheld)),
            ])
        var owners: [Identifier: Int64?] = [:]
        for row in written { if let id = row.identifier(0) { owners[id] = .some(row.int(1)) } }
        if owners.count < owed.count {
            // Written before, and its answer was lost.
            let there = try await session.query(
                "select id, owner from notification where id = any($1) and status = 'waiting'",
                [.uuidArray(owed.map(\.id.pair))])
            for row in there { if let id = row.identifier(0) { owners[id] = .some(row.int(1)) } }
        }
        return owed.map { owed in
            var owed = owed
            let written = owners[owed.id].flatMap(\.self)
            owed.heldBy = written == owner?.id ? written : nil
            return owed
        }
    }

    /// The same, of one.
    @discardableResult
    static func insert(
        _ owed: OwedNotification, owner: Holder?, in session: PostgresTransaction
    ) async throws -> OwedNotification {
        try await insert([owed], owner: owner, in: session).first ?? owed
    }

    /// Whether an earlier notification of the same ticket to the same reader is still open, and held by somebody else or
    /// by nobody. What takes another's place sorts right after it.
    static func isBehind(_ row: String, anyoneBut owner: String) -> String {
        """
        exists (
            select from notification e
            where e.ticket = \(row).ticket and e.id < \(row).id and coalesce(e.status) in ('waiting', 'sending')
              and e.owner is distinct from \(owner)
              and starts_with(e.template, 'office_') = starts_with(\(row).template, 'office_')
              and (not starts_with(\(row).template, 'office_') or e.recipient = \(row).recipient))
        """
    }
}
