import Civic
import Postgres

/// The operator's hand on what is owed.
extension Outbox {
    /// A notification as the operator sees it.
    public struct Entry: Sendable {
        public let id: Identifier
        public let ticket: String
        public let medium: String
        public let line: String
        /// Where it goes, without the person: the mail domain, the office, or `io`.
        public let destination: String
        public let status: String
        public let attempts: Int
        public let createdAt: Timestamp
        public let nextAttemptAt: Timestamp
        public let reason: String?

        public func json(now: Timestamp) -> JSON {
            .object([
                ("id", .string(id.description)), ("ticket", .string(ticket)), ("medium", .string(medium)),
                ("line", .string(line)), ("destination", .string(destination)), ("status", .string(status)),
                ("attempts", .int(Int64(attempts))),
                ("next_attempt_at", status == "waiting" ? .moment(nextAttemptAt) : .null),
                ("age_s", .int((now - createdAt).components.seconds)), ("reason", .optional(reason)),
            ])
        }
    }

    /// The oldest first.
    public func entries(_ selection: Selection, limit: Int) async throws -> [Entry] {
        let (from, values) = selection.sql
        return try await pool.query(
            """
            select n.id, t.code, n.medium, \(Selection.destination), n.status, n.attempts, n.created_at,
                n.next_attempt_at, n.reason, n.line
            from \(from) join ticket t on t.number = n.ticket order by n.created_at, n.id limit \(limit)
            """, values
        ).compactMap { row in
            guard let id = row.identifier(0), let ticket = row.string(1), let medium = row.string(2),
                let destination = row.string(3), let status = row.string(4), let attempts = row.int(5),
                let created = row.moment(6), let next = row.moment(7), let line = row.string(9)
            else { return nil }
            return Entry(
                id: id, ticket: ticket, medium: medium, line: line, destination: destination, status: status,
                attempts: Int(attempts), createdAt: created, nextAttemptAt: next, reason: row.string(8))
        }
    }

    public func count(_ selection: Selection) async throws -> Int {
        let (from, values) = selection.sql
        return Int(try await pool.query("select count(*) from \(from)", values).first?.int(0) ?? 0)
    }

    /// Sends again what was given up, or now what waits. A daemon that holds it hears of it with its next beat.
    /// - Returns: how many.
    public func retry(
        _ selection: Selection, lifetime: Duration, by actor: AuditLine.Actor? = nil
    ) async throws -> Int {
        let (from, values) = selection.among(Selection.retryable).sql
        return try await change(
            """
            update notification set status = 'waiting', next_attempt_at = now(), done_at = null, attempts = 0,
                receipt = null, watch_at = null, watches = 0,
                owner = case when status = 'waiting' then owner end,
                recalled_at = case when status = 'waiting' and owner is not null then now() end,
                expires_at = greatest(expires_at, now() + make_interval(secs => \(lifetime.inSeconds)))
            where id in (select n.id from \(from)) and status = any($1) and recipient <> ''
            """, values, action: "queue.retry", by: actor)
    }

    /// Cancels what waits. A request already under way, or begun before the daemon's next beat, cannot be taken back; if
    /// it delivers, that is recorded.
    public func cancel(_ selection: Selection, by actor: AuditLine.Actor? = nil) async throws -> Int {
        let (from, values) = selection.among(["waiting"]).sql
        return try await change(
            """
            update notification set status = 'cancelled', done_at = now(), reason = 'cancelled by an operator',
                recalled_at = case when owner is not null then now() end
            where id in (select n.id from \(from)) and status = 'waiting'
            """, values, action: "queue.cancel", by: actor)
    }

    /// Changes notifications, and says so in the audit trail: a line for each ticket, with how many of its there were.
    /// - Returns: how many.
    private func change(
        _ update: String, _ values: [PostgresValue], action: String, by actor: AuditLine.Actor?
    ) async throws -> Int {
        let rows = try await pool.query(
            """
            with changed as (\(update) returning ticket), counted as (
                select ticket, count(*) as notifications from changed group by ticket
            ), logged as (
                insert into audit (at, actor, action, ticket, details)
                select now(), $\(values.count + 1), $\(values.count + 2), ticket,
                    jsonb_build_object('notifications', notifications)
                from counted where $\(values.count + 1) <> ''
            )
            select coalesce(sum(notifications), 0)::bigint from counted
            """, values + [.text(actor?.name ?? ""), .text(action)])
        return Int(rows.first?.int(0) ?? 0)
    }

    /// Sends once more what was delivered, as a notification of its own; its ticket's history says who asked.
    /// - Returns: the new one's id; nil if there is no such delivered notification.
    public func replay(
        _ id: Identifier, by: String, at now: Timestamp, lifetime: Duration, audited: AuditLine.Actor? = nil
    ) async throws -> Identifier? {
        try await pool.transaction { session in
            let new = Identifier.timeOrdered(at: now)
            let rows = try await session.query(
                """
                insert into notification
                    (id, ticket, event, medium, recipient, fallback, template, language, created_at, next_attempt_at,
                     expires_at, bundled, urgency)
                select $2, ticket, event, medium, recipient, fallback, template, language, $3, $3, $4, bundled, urgency
                from notification where id = $1 and status = 'delivered' and recipient <> ''
                returning ticket, medium, template
                """,
                [
                    .uuid(id.high, id.low), .uuid(new.high, new.low), .timestamptz(now.microseconds),
                    .timestamptz((now + lifetime).microseconds),
                ])
            guard let row = rows.first, let ticket = row.int(0), let medium = row.string(1),
                let template = row.string(2)
            else { return nil }
            let event = Identifier.timeOrdered(at: now)
            _ = try await session.query(
                "insert into event (id, ticket, at, kind, actor, note) values ($1, $2, $3, 'note', $4, $5)",
                [
                    .uuid(event.high, event.low), .int8(ticket), .timestamptz(now.microseconds), .text(by),
                    .text("the notification \(template) by \(medium) (\(id)) is sent again as \(new)"),
                ])
            if let audited {
                try await AuditLine(
                    at: now, actor: audited, action: "queue.replay", ticket: ticket,
                    details: [("notification", .string(id.description)), ("again", .string(new.description))]
                ).append(in: session)
            }
            return new
        }
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
}
