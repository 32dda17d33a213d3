import Civic
import Postgres

/// The table of notifications owed: the journal that daemons read at start and write outcomes to.
///
/// A waiting notification belongs to the daemon in `owner`, which holds it in memory. One without an owner, or whose
/// owner is dead, is claimed in batches.
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

    /// The Message-ID of the mail that opened a ticket.
    static func openingMail(_ ticket: String) -> String {
        "select mail_id from message where ticket = \(ticket) and kind = 'opening' limit 1"
    }

    /// The citizen is told the city's own notes only (`TicketEvent.isTold`).
    static let columns = """
        n.id, n.ticket, n.event, t.code, n.medium, n.recipient, n.fallback, n.template, n.language, n.attempts,
        n.created_at, n.next_attempt_at, n.expires_at, t.priority, t.category, coalesce(o.office, t.office),
        t.opened_at, t.due_at, e.at,
        case when e.actor not in ('citizen', 'mail', 'rules') and not starts_with(e.actor, 'open311:') or starts_with(n.template, 'office_') then e.note end, e.kind, e.office, t.office, n.status,
        (\(openingMail("n.ticket"))), (e.details -> 'payment')::text,
        (select jsonb_agg(jsonb_build_array(b.kind, extract(epoch from b.at),
                case when b.actor not in ('citizen', 'mail', 'rules') then b.note end) order by b.at)::text
            from event b where b.id = any(n.bundled)),
        array_to_string(n.bundled, ','), n.instead_of,
        case when e.kind = 'corrected' then (
            select c.template from notification c
            where c.ticket = n.ticket and c.created_at < n.created_at and not starts_with(c.template, 'office_')
                and c.template <> 'corrected' and c.status <> 'cancelled' order by c.created_at desc limit 1) end
        """
    static let tables = """
        notification n join ticket t on t.number = n.ticket join event e on e.id = n.event
        left join event o on o.id = n.event and o.kind = 'opened'
        """

    /// Claims notifications that nobody alive holds and that are due soon, the oldest first.
    /// - Returns: those to deliver, and those whose owner died while a request was under way.
    public func claim(
        owner: Int64, limit: Int, dueBefore: Timestamp, deadAfter: Duration
    ) async throws -> (waiting: [OwedNotification], interrupted: [OwedNotification]) {
        let rows = try await pool.query(
            """
            with picked as (
                select id from notification
                where status in ('waiting', 'sending') and next_attempt_at <= $3
                  and (owner is null or owner <> $1 and not exists (
                      select from daemon d
                      where d.id = notification.owner and d.beat_at > now() - make_interval(secs => $4)))
                order by next_attempt_at limit $2
                for update skip locked
            ), claimed as (
                update notification set owner = $1 from picked where notification.id = picked.id
                returning notification.id
            )
            select \(Outbox.columns) from \(Outbox.tables) where n.id in (select id from claimed)
            """,
            [.int8(owner), .int8(Int64(limit)), .timestamptz(dueBefore.microseconds), .double(deadAfter.inSeconds)])
        return Outbox.split(rows)
    }

    /// What this daemon owns according to the table, for the case that a commit's answer was lost.
    public func owned(by owner: Int64, createdBefore: Timestamp) async throws -> [OwedNotification] {
        let rows = try await pool.query(
            """
            select \(Outbox.columns) from \(Outbox.tables)
            where n.status = 'waiting' and n.owner = $1 and n.created_at < $2
            """, [.int8(owner), .timestamptz(createdBefore.microseconds)])
        return Outbox.split(rows).waiting
    }

    /// Leaves notifications of this owner to whoever has room; those that others took over meanwhile stay theirs.
    public func release(_ ids: [Identifier], owner: Int64) async throws {
        _ = try await pool.query(
            "update notification set owner = null where id = any($1) and owner = $2 and status = 'waiting'",
            [.uuidArray(ids.map(\.pair)), .int8(owner)])
    }

    /// Records outcomes and follow-up notifications (a fallback) in one transaction.
    ///
    /// `coalesce` hides the status from the planner, which else walks the index of all open notifications.
    public func record(_ outcomes: [Outcome], followUps: [OwedNotification], owner: Int64?) async throws {
        let update = (
            """
            update notification set status = o.status, attempts = o.attempts, next_attempt_at = o.next_attempt_at,
                reason = o.reason, remote_id = coalesce(o.remote_id, notification.remote_id),
                done_at = case when o.status in ('waiting', 'sending') then null else o.at end
            from unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[])
                as o (id, status, attempts, next_attempt_at, at, reason, remote_id)
            where notification.id = o.id
                and (coalesce(notification.status) in ('waiting', 'sending')
                    or (notification.status = 'cancelled' and o.status = 'delivered'))
            """,
            [
                PostgresValue.uuidArray(outcomes.map(\.id.pair)), .textArray(outcomes.map(\.status.rawValue)),
                .int4Array(outcomes.map { Int32(clamping: $0.attempts) }),
                .timestamptzArray(outcomes.map(\.nextAttemptAt.microseconds)),
                .timestamptzArray(outcomes.map(\.at.microseconds)), .textArray(outcomes.map(\.reason)),
                .textArray(outcomes.map(\.remoteID)),
            ]
        )
        let reach = outcomes.filter { $0.unreachedUntil != nil || $0.isReached }
        guard !followUps.isEmpty || !reach.isEmpty else {
            _ = try await pool.query(update.0, update.1)
            return
        }
        try await pool.transaction { session in
            _ = try await session.query(update.0, update.1)
            try await Outbox.remember(reach, in: session)
            for owed in followUps { try await Outbox.insert(owed, owner: owner, in: session) }
        }
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

    static func insert(_ owed: OwedNotification, owner: Int64?, in session: PostgresTransaction) async throws {
        _ = try await session.query(
            """
            insert into notification
                (id, ticket, event, medium, recipient, fallback, template, language, created_at, next_attempt_at,
                 expires_at, owner, bundled, instead_of, status, reason, done_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $15::text is null then $12::bigint end,
                nullif($13::uuid[], '{}'), $14, case when $15 is null then 'waiting' else 'cancelled' end, $15,
                case when $15 is not null then $9::timestamptz end)
            on conflict (id) do nothing
            """,
            [
                .uuid(owed.id.high, owed.id.low), .int8(owed.ticket), .uuid(owed.event.high, owed.event.low),
                .text(owed.medium.rawValue), .text(owed.recipient), .optional(owed.fallback), .text(owed.template),
                .text(owed.language), .timestamptz(owed.createdAt.microseconds),
                .timestamptz(owed.nextAttemptAt.microseconds), .timestamptz(owed.expiresAt.microseconds),
                owner.map(PostgresValue.int8) ?? .null, .uuidArray(owed.bundled.map(\.pair)),
                owed.insteadOf.map { .uuid($0.high, $0.low) } ?? .null, .optional(owed.withheld),
            ])
    }

    private static func split(_ rows: PostgresRows) -> (waiting: [OwedNotification], interrupted: [OwedNotification]) {
        var waiting: [OwedNotification] = []
        var interrupted: [OwedNotification] = []
        for row in rows {
            guard let owed = OwedNotification(row) else { continue }
            if row.string(23) == "sending" { interrupted.append(owed) } else { waiting.append(owed) }
        }
        return (waiting, interrupted)
    }
}

extension OwedNotification {
    init?(_ row: PostgresRow) {
        guard let id = row.identifier(0), let ticket = row.int(1), let event = row.identifier(2),
            let code = row.string(3), let medium = row.string(4).flatMap(Medium.init), let recipient = row.string(5),
            let template = row.string(7), let language = row.string(8), let attempts = row.int(9),
            let createdAt = row.moment(10), let next = row.moment(11), let expires = row.moment(12),
            let priority = row.string(13).flatMap(Priority.init), let office = row.string(15),
            let openedAt = row.moment(16), let eventAt = row.moment(18)
        else { return nil }
        self.init(
            id: id, ticket: ticket, event: event, code: code, medium: medium, recipient: recipient,
            fallback: row.string(6), template: template, language: language, attempts: Int(attempts),
            createdAt: createdAt, nextAttemptAt: next, expiresAt: expires, priority: priority, category: row.string(14),
            office: office, openedAt: openedAt, dueAt: row.moment(17), eventAt: eventAt, note: row.string(19),
            forwardedTo: row.string(20) == "forwarded" ? row.string(21) : nil, inReplyTo: row.string(24))
        payment = row.string(25).flatMap(PaymentNotice.init(json:))
        earlier = row.string(26).map(Earlier.list(json:)) ?? []
        bundled = (row.string(27) ?? "").split(separator: ",").compactMap { Identifier(String($0)) }
        insteadOf = row.identifier(28)
        corrects = row.string(29)
    }
}
