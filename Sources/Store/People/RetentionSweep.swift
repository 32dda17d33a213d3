import Civic
import Postgres

/// Removes what is old enough, a small batch at a time. Of several daemons one does it at a time.
///
/// Citizens under a legal hold are passed over. What they were passed over for is looked at again once the hold is over.
public struct RetentionSweep: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// What is removed, and how. The raw value names it in `retention_progress`, metrics and `status`.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Who it was about, and all texts, of tickets so long closed.
        case tickets
        /// The bytes of messages as they came; what was read of them stays.
        case raw
        /// Messages that a rule discarded: who wrote them, and what.
        case discarded
        /// What could not be understood.
        case unreadMail = "unread_mail"
        /// Counters of addresses that wrote.
        case correspondents
        case shadowDifferences = "shadow_differences"
        /// Single attempts to deliver; what became of the notification stays.
        case attempts
        case audit
        /// Files and citizens of which nothing refers to any more.
        case remains
    }

    public static let batch = 50

    /// - Parameters:
    ///   - before: what is older goes: closed, received, or tried before this moment.
    ///   - limit: rows that are looked at.
    /// - Returns: how many were removed, and whether there may be more; nil if somebody else is at it.
    public func run(
        _ kind: Kind, before: Timestamp, at now: Timestamp, limit: Int = batch
    ) async throws -> (removed: Int, isMore: Bool)? {
        try await pool.transaction { session in
            let locked = try await session.query(
                "select pg_try_advisory_xact_lock(hashtextextended('retention ' || current_schema(), 0))")
            guard locked.first?.bool(0) == true else { return nil }
            let result: (removed: Int, isMore: Bool)
            switch kind {
            case .tickets: result = try await tickets(before: before, at: now, limit: limit, in: session)
            case .raw:
                result = try await messages(kind, before: before, limit: limit, in: session) { ids in
                    try await session.query(
                        "update message set raw = '' where id = any($1) and octet_length(raw) > 0", [ids]
                    ).affected
                }
            case .discarded: result = try await discarded(before: before, at: now, limit: limit, in: session)
            case .attempts: result = try await attempts(before: before, limit: limit, in: session)
            case .remains: result = try await remains(in: session)
            case .unreadMail, .correspondents, .shadowDifferences, .audit:
                result = try await rows(of: kind, before: before, at: now, limit: limit, in: session)
            }
            _ = try await session.query(
                """
                insert into retention_progress as p (what, looked_at, removed, removed_at)
                values ($1, $2, $3, case when $3 > 0 then $2 end)
                on conflict (what) do update set looked_at = $2, removed = p.removed + $3,
                    removed_at = coalesce(excluded.removed_at, p.removed_at)
                """, [.text(kind.rawValue), .timestamptz(now.microseconds), .int8(Int64(result.removed))])
            return result
        }
    }

    /// Whether a ticket's citizen, or the writer of one of its messages, is under a hold.
    private static let isHeld = """
        exists (select from legal_hold h where h.released_at is null and (h.citizen = t.citizen
            or h.citizen in (select m.citizen from message m where m.ticket = t.number)))
        """

    /// What is still to be told is told first.
    static let dueTickets = """
        from ticket t where t.closed_at < $1 and t.closed_at is not null and t.erased_at is null and not \(isHeld)
            and not exists (
                select from notification n where n.ticket = t.number and coalesce(n.status) in ('waiting', 'sending'))
        """

    private func tickets(
        before: Timestamp, at now: Timestamp, limit: Int, in session: PostgresTransaction
    ) async throws -> (removed: Int, isMore: Bool) {
        let rows = try await session.query(
            """
            select t.number, t.citizen, t.contact_medium, t.contact \(RetentionSweep.dueTickets)
            order by t.closed_at limit $2 for update of t skip locked
            """, [.timestamptz(before.microseconds), .int8(Int64(limit))])
        let numbers = rows.compactMap { $0.int(0) }
        guard !numbers.isEmpty else { return (0, false) }
        let messages = try await session.query(
            "select id from message where ticket = any($1) and erased_at is null", [.int8Array(numbers)]
        ).compactMap { $0.identifier(0) }
        let chats = rows.compactMap { row -> Conversations.Place? in
            guard row.string(2).flatMap(Medium.init)?.isChat == true else { return nil }
            return row.string(3).flatMap(Conversations.Place.init(recipient:))
        }
        let counts = try await Anonymiser.run(tickets: numbers, messages: messages, at: now, in: session)
        try await Anonymiser.forget(chats, before: before, in: session)
        _ = try await session.query(
            """
            insert into citizen_doubt (citizen) select distinct c from unnest($1::uuid[]) as t (c) where c is not null
            order by 1 on conflict do nothing
            """, [.uuidArray(rows.compactMap { $0.identifier(1)?.pair })])
        try await AuditLine(
            at: now, actor: .daemon, action: "retention.tickets",
            details: [("tickets", .int(Int64(counts.tickets))), ("messages", .int(Int64(counts.messages)))]
        ).append(in: session)
        return (counts.tickets, numbers.count == limit)
    }

    /// Messages after the last one that was looked at; ids begin with the moment of arrival.
    private func messages(
        _ kind: Kind, before: Timestamp, limit: Int, and condition: String = "", in session: PostgresTransaction,
        remove: (PostgresValue) async throws -> Int
    ) async throws -> (removed: Int, isMore: Bool) {
        let page = try await session.query(
            """
            select m.id, not exists (
                select from legal_hold h where h.released_at is null and (
                    h.citizen = m.citizen or h.citizen = (select citizen from ticket t where t.number = m.ticket)))
            from message m
            where m.id > coalesce(
                    (select position from retention_progress where what = $1), '00000000-0000-0000-0000-000000000000')
                and m.id < $2 \(condition)
            order by m.id limit $3
            """, [.text(kind.rawValue), .uuid(before.firstIdentifier.high, 0), .int8(Int64(limit))])
        guard let last = page.last?.identifier(0) else { return (0, false) }
        let free = page.filter { $0.bool(1) == true }.compactMap { $0.identifier(0)?.pair }
        let removed = try await remove(.uuidArray(free))
        try await move(kind, to: last, in: session)
        return (removed, page.count == limit)
    }

    private func move(_ kind: Kind, to position: Identifier, in session: PostgresTransaction) async throws {
        _ = try await session.query(
            """
            insert into retention_progress (what, position, looked_at, removed) values ($1, $2, now(), 0)
            on conflict (what) do update set position = $2
            """, [.text(kind.rawValue), .uuid(position.high, position.low)])
    }

    private func discarded(
        before: Timestamp, at now: Timestamp, limit: Int, in session: PostgresTransaction
    ) async throws -> (removed: Int, isMore: Bool) {
        try await messages(
            .discarded, before: before, limit: limit, and: "and m.ticket is null and m.erased_at is null", in: session
        ) { ids in
            let free = try await session.query("select id from message where id = any($1)", [ids])
            return try await Anonymiser.run(
                tickets: [], messages: free.compactMap { $0.identifier(0) }, at: now, in: session
            ).messages
        }
    }

    private func attempts(
        before: Timestamp, limit: Int, in session: PostgresTransaction
    ) async throws -> (removed: Int, isMore: Bool) {
        // Rows lie in the order of their notifications, which are no younger than their attempts.
        let removed = try await session.query(
            """
            delete from attempt a using (
                select notification, at, number from attempt
                where notification < $1 and at < $2 order by notification, at, number limit $3
            ) old where a.notification = old.notification and a.at = old.at and a.number = old.number
            """,
            [
                .uuid(before.firstIdentifier.high, 0), .timestamptz(before.microseconds), .int8(Int64(limit)),
            ]
        ).affected
        return (removed, removed == limit)
    }

    private func rows(
        of kind: Kind, before: Timestamp, at now: Timestamp, limit: Int, in session: PostgresTransaction
    ) async throws -> (removed: Int, isMore: Bool) {
        let age = PostgresValue.timestamptz(before.microseconds)
        let sql =
            switch kind {
            case .unreadMail:
                """
                delete from unread_mail where id in (
                    select id from unread_mail where received_at < $1 and id < $3 order by id limit $2)
                """
            case .correspondents:
                "delete from correspondent where address in (select address from correspondent where hour < $1 limit $2)"
            case .shadowDifferences:
                """
                delete from shadow_difference where message in (
                    select message from shadow_difference where at < $1 order by at limit $2)
                """
            default: "delete from audit where id in (select id from audit where at < $1 order by id limit $2)"
            }
        if kind == .audit {
            // Its trigger asks for it.
            _ = try await session.query(
                "select set_config('pasquino.audit_age', extract(epoch from now() - $1) || ' seconds', true)", [age])
        }
        var values = [age, .int8(Int64(limit))]
        if kind == .unreadMail { values.append(.uuid(before.firstIdentifier.high, 0)) }
        let removed = try await session.query(sql, values).affected
        if kind == .audit, removed > 0 {
            try await AuditLine(
                at: now, actor: .daemon, action: "retention.audit", details: [("lines", .int(Int64(removed)))]
            ).append(in: session)
        }
        return (removed, removed == limit)
    }

    /// Citizens without tickets are found by reading all identities once, however many they are.
    private func remains(in session: PostgresTransaction) async throws -> (removed: Int, isMore: Bool) {
        for setting in ["enable_seqscan", "enable_hashjoin"] {
            _ = try await session.query("select set_config($1, 'on', true)", [.text(setting)])
        }
        let gone = try await session.query(
            """
            with doubt as (delete from citizen_doubt returning citizen)
            select citizen from doubt d
            where not exists (select from ticket t where t.citizen = d.citizen)
                and not exists (select from legal_hold h where h.citizen = d.citizen and h.released_at is null)
            """
        ).compactMap { $0.identifier(0) }
        if !gone.isEmpty { try await Anonymiser.forget(gone, in: session) }
        let files = try await Anonymiser.removeFiles(in: session)
        return (gone.count + files, files > 0)
    }
}
