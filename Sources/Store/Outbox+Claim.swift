import Civic
import Postgres

extension Outbox {
    /// A part of a line that waits in the table, held by nobody.
    public struct Backlog: Hashable, Sendable {
        public var line: String
        /// 0 low … 3 urgent.
        public var urgency: Int
        /// When the first of them is due.
        public var due: Timestamp
    }

    public typealias Claimed = (waiting: [OwedNotification], interrupted: [OwedNotification])

    static let open = "status in ('waiting', 'sending')"

    /// The Message-ID of the mail that opened a ticket.
    static func openingMail(_ ticket: String) -> String {
        "select mail_id from message where ticket = \(ticket) and kind = 'opening' limit 1"
    }

    static let columns = """
        n.id, n.ticket, n.event, t.code, n.medium, n.recipient, n.fallback, n.template, n.language, n.attempts,
        n.created_at, n.next_attempt_at, n.expires_at, t.priority, t.category, coalesce(o.office, t.office),
        t.opened_at, t.due_at, e.at,
        case when \(isTold("e")) or starts_with(n.template, 'office_') then e.note end,
        e.kind, e.office, t.office, n.status,
        (\(openingMail("n.ticket"))), (e.details -> 'payment')::text,
        \(earlierEvents("n.bundled")),
        array_to_string(n.bundled, ','), n.instead_of,
        case when e.kind = 'corrected' then (
            select c.template from notification c
            where c.ticket = n.ticket and c.created_at < n.created_at and not starts_with(c.template, 'office_')
                and c.template <> 'corrected' and c.status <> 'cancelled' order by c.created_at desc limit 1) end,
        exists (select from attachment a where a.owner = any(array_append(n.bundled, n.event)))
        """
    static let tables = """
        notification n join ticket t on t.number = n.ticket join event e on e.id = n.event
        left join event o on o.id = n.event and o.kind = 'opened'
        """

    /// Takes the notifications of dead daemons, and of those that nobody knows, from them.
    /// - Parameter owner: who asks; not dead.
    /// - Returns: how many.
    public func abandon(owner: Int64, deadAfter: Duration) async throws -> Int {
        try await pool.query(
            """
            with recursive owners as (
                (select owner from notification where \(Outbox.open) and owner is not null order by owner limit 1)
                union all
                select (select n.owner from notification n
                    where \(Outbox.open) and n.owner is not null and n.owner > o.owner order by n.owner limit 1)
                from owners o where o.owner is not null
            ), dead as (
                select o.owner from owners o
                where o.owner <> $1 and not exists (
                    select from daemon d where d.id = o.owner and d.beat_at > now() - make_interval(secs => $2))
            ), picked as (
                select n.id from dead cross join lateral (
                    select id from notification
                    where \(Outbox.open) and owner is not null and owner = dead.owner limit 10000 for update skip locked) n
            )
            update notification set owner = null from picked where notification.id = picked.id
            """, [.int8(owner), .double(deadAfter.inSeconds)]
        ).affected
    }

    /// The lines in which something waits that nobody holds: a few steps through an index, however many wait.
    public func backlogs() async throws -> [Backlog] {
        try await pool.query(
            """
            with recursive part as (
                (select line, urgency, next_attempt_at from notification
                    where \(Outbox.open) and owner is null order by line, urgency, next_attempt_at limit 1)
                union all
                select n.line, n.urgency, n.next_attempt_at from part p cross join lateral (
                    select line, urgency, next_attempt_at from notification
                    where \(Outbox.open) and owner is null and (line, urgency) > (p.line, p.urgency)
                    order by line, urgency, next_attempt_at limit 1) n
            )
            select line, urgency, next_attempt_at from part
            """
        ).compactMap { row in
            guard let line = row.string(0), let urgency = row.int(1), let due = row.moment(2) else { return nil }
            return Backlog(line: line, urgency: Int(urgency), due: due)
        }
    }

    /// Claims what waits there and is due soon, the oldest first, but not what must wait for an earlier one that another
    /// daemon holds, or nobody: the earlier one first.
    /// - Parameter createdBefore: what was made later is left.
    /// - Returns: those to deliver, and those whose owner died while a request was under way.
    public func claim(
        _ backlog: Backlog, owner: Int64, limit: Int, createdBefore: Timestamp, dueBefore: Timestamp
    ) async throws -> Claimed {
        try await claim(
            """
            line = $4 and urgency = $5 and next_attempt_at <= $6
                and not \(Outbox.isBehind("n", anyoneBut: "$1"))
            order by next_attempt_at
            """, owner: owner, limit: limit, createdBefore: createdBefore,
            [.text(backlog.line), .int4(Int32(clamping: backlog.urgency)), .timestamptz(dueBefore.microseconds)])
    }

    /// Claims those whose time is over, whatever their line has room for.
    public func claimExpired(
        owner: Int64, limit: Int, createdBefore: Timestamp, now: Timestamp
    ) async throws -> Claimed {
        try await claim(
            "expires_at <= $4 order by expires_at", owner: owner, limit: limit, createdBefore: createdBefore,
            [.timestamptz(now.microseconds)])
    }

    private func claim(
        _ condition: String, owner: Int64, limit: Int, createdBefore: Timestamp, _ values: [PostgresValue]
    ) async throws -> Claimed {
        let rows = try await pool.query(
            """
            with picked as (
                select id from notification n where \(Outbox.open) and owner is null and created_at < $3 and \(condition)
                limit $2 for update skip locked
            ), claimed as (
                update notification set owner = $1 from picked where notification.id = picked.id
                returning notification.id
            )
            select \(Outbox.columns) from \(Outbox.tables) where n.id in (select id from claimed)
            """, [.int8(owner), .int8(Int64(limit)), .timestamptz(createdBefore.microseconds)] + values)
        return Outbox.split(rows)
    }

    /// What this daemon owns according to the table, for the case that a commit's answer was lost. What was owed instead of
    /// another is younger than what may be behind it: always.
    public func owned(by owner: Int64, createdBefore: Timestamp) async throws -> Claimed {
        let rows = try await pool.query(
            """
            select \(Outbox.columns) from \(Outbox.tables)
            where n.status in ('waiting', 'sending') and n.owner is not null and n.owner = $1
                and (n.created_at < $2 or n.instead_of is not null)
            """, [.int8(owner), .timestamptz(createdBefore.microseconds)])
        return Outbox.split(rows)
    }

    /// Leaves notifications of this owner to whoever has room; those that others took over meanwhile stay theirs. `coalesce`
    /// as in `update`.
    public func release(_ ids: [Identifier], owner: Int64) async throws {
        _ = try await pool.query(
            "update notification set owner = null where id = any($1) and owner = $2 and coalesce(status) = 'waiting'",
            [.uuidArray(ids.map(\.pair)), .int8(owner)])
    }

    private static func split(_ rows: PostgresRows) -> Claimed {
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
        hasFiles = row.bool(30) == true
    }
}
