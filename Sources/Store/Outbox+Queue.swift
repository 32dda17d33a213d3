import Civic
import Postgres

extension Outbox {
    /// A notification as the operator sees it.
    public struct Entry: Sendable {
        public let id: Identifier
        public let ticket: String
        public let medium: String
        /// Where it goes, without the person: the mail domain, or `io`.
        public let destination: String
        public let status: String
        public let attempts: Int
        public let createdAt: Timestamp
        public let nextAttemptAt: Timestamp
        public let reason: String?

        public func json(now: Timestamp) -> JSON {
            .object([
                ("id", .string(id.description)), ("ticket", .string(ticket)), ("medium", .string(medium)),
                ("destination", .string(destination)), ("status", .string(status)), ("attempts", .int(Int64(attempts))),
                ("next_attempt_at", status == "waiting" ? .moment(nextAttemptAt) : .null),
                ("age_s", .int((now - createdAt).components.seconds)), ("reason", .optional(reason)),
            ])
        }
    }

    /// Notifications with one of these statuses, the oldest first.
    public func entries(statuses: [String], limit: Int) async throws -> [Entry] {
        try await pool.query(
            """
            select n.id, t.code, n.medium,
                case n.medium when 'email' then split_part(n.recipient, '@', 2) when 'app_io' then 'io' else n.medium end,
                n.status, n.attempts, n.created_at, n.next_attempt_at, n.reason
            from notification n join ticket t on t.number = n.ticket
            where n.status = any($1) order by n.created_at limit $2
            """, [.textArray(statuses), .int8(Int64(limit))]
        ).compactMap { row in
            guard let id = row.identifier(0), let ticket = row.string(1), let medium = row.string(2),
                let destination = row.string(3), let status = row.string(4), let attempts = row.int(5),
                let created = row.moment(6), let next = row.moment(7)
            else { return nil }
            return Entry(
                id: id, ticket: ticket, medium: medium, destination: destination, status: status,
                attempts: Int(attempts), createdAt: created, nextAttemptAt: next, reason: row.string(8))
        }
    }

    /// Sends again what was given up, or now what waits. Without an id: everything given up. A daemon that holds it hears
    /// of it with its next beat.
    /// - Returns: how many.
    public func retry(_ id: Identifier?, lifetime: Duration) async throws -> Int {
        try await pool.query(
            """
            update notification set status = 'waiting', next_attempt_at = now(), done_at = null, attempts = 0,
                owner = case when status = 'waiting' then owner end,
                recalled_at = case when status = 'waiting' and owner is not null then now() end,
                expires_at = greatest(expires_at, now() + make_interval(secs => $2))
            where ($1::uuid is null and status in ('refused', 'expired', 'uncertain'))
               or (id = $1 and status in ('waiting', 'refused', 'expired', 'uncertain', 'cancelled'))
            """, [id.map { .uuid($0.high, $0.low) } ?? .null, .double(lifetime.inSeconds)]
        ).affected
    }

    /// Cancels what waits. A request already under way, or begun before the daemon's next beat, cannot be taken back; if
    /// it delivers, that is recorded.
    public func cancel(_ id: Identifier) async throws -> Int {
        try await pool.query(
            """
            update notification set status = 'cancelled', done_at = now(), reason = 'cancelled by an operator',
                recalled_at = case when owner is not null then now() end
            where id = $1 and status = 'waiting'
            """, [.uuid(id.high, id.low)]
        ).affected
    }

    /// What operators changed while this daemon held it.
    public func recalled(from owner: Int64) async throws -> [Identifier] {
        try await pool.query(
            "select id from notification where owner = $1 and recalled_at is not null limit 10000", [.int8(owner)]
        ).compactMap { $0.identifier(0) }
    }

    /// Gives up what was recalled: it is for whoever claims it, if it is still to be sent.
    public func handBack(_ ids: [Identifier], owner: Int64) async throws {
        _ = try await pool.query(
            "update notification set owner = null, recalled_at = null where id = any($1) and owner = $2",
            [.uuidArray(ids.map(\.pair)), .int8(owner)])
    }

    /// How many wait by medium, and since when the oldest that is due does.
    public func waiting() async throws -> [(medium: String, count: Int, oldest: Timestamp?)] {
        try await pool.query(
            """
            select medium, count(*), min(created_at) from notification
            where status in ('waiting', 'sending') group by medium order by medium
            """
        ).compactMap { row in
            guard let medium = row.string(0), let count = row.int(1) else { return nil }
            return (medium, Int(count), row.moment(2))
        }
    }
}
