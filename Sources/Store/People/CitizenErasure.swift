import Civic
import Postgres

/// Removes what tells who a citizen is (GDPR art. 17), and leaves tickets without anybody for statistics (art. 89).
///
/// What waits to be told is cancelled first, and daemons that hold it in memory hand it back with their next beat; only
/// then is everything removed, in one transaction, which looks again whether anything is held. So nothing is sent after
/// it has committed, and nobody writes back what is gone.
public struct CitizenErasure: Sendable {
    let pool: PostgresPool

    /// - Parameter pool: plans freely, and waits: citizens' messages are found by reading all of them.
    public init(pool: PostgresPool) { self.pool = pool }

    public struct Order: Sendable {
        public var citizen: Identifier
        public var actor: AuditLine.Actor
        /// Who decided it, as the operator names them: a person in charge, not the citizen.
        public var by: String
        public var reason: String
        public var at: Timestamp
        /// Also of tickets that are not closed yet.
        public var openToo = false

        public init(citizen: Identifier, actor: AuditLine.Actor, by: String, reason: String, at: Timestamp) {
            self.citizen = citizen
            self.actor = actor
            self.by = by
            self.reason = reason
            self.at = at
        }
    }

    public struct Report: Hashable, Sendable {
        public var tickets = 0
        public var messages = 0
        public var attachments = 0
        public var notifications = 0
        public var identities = 0
        /// Notifications that were still owed.
        public var cancelled = 0
        /// Mail of theirs that could not be taken in.
        public var unread = 0

        public var members: [(String, JSON)] {
            [
                ("tickets", .int(Int64(tickets))), ("messages", .int(Int64(messages))),
                ("attachments", .int(Int64(attachments))), ("notifications", .int(Int64(notifications))),
                ("identities", .int(Int64(identities))), ("cancelled", .int(Int64(cancelled))),
                ("unread_mail", .int(Int64(unread))),
            ]
        }
    }

    public enum Result: Sendable {
        case done(Report)
        /// Nobody has that id; when they were erased, if they were.
        case unknown(erasedAt: Timestamp?)
        case held(LegalHolds.Hold)
        /// The codes of tickets that are not closed.
        case open([String])
        /// Something was being sent all the time.
        case busy
    }

    /// What would be removed; changes nothing.
    public func count(_ order: Order) async throws -> Result {
        let scope = try await CitizenScope.read(order.citizen, from: pool)
        return try await pool.transaction { session in
            if let refusal = try await refusal(order, scope, in: session) { return refusal }
            return .done(try await scope.report(in: session))
        }
    }

    /// - Parameters:
    ///   - patience: how long to wait for what is being sent; a daemon beats every two seconds.
    ///   - rest: called between two looks.
    public func erase(
        _ order: Order, patience: Duration = .seconds(60),
        rest: @Sendable () async throws -> Void = { try await Task.sleep(for: .milliseconds(200)) }
    ) async throws -> Result {
        let end = ContinuousClock.now + patience
        let scope = try await CitizenScope.read(order.citizen, from: pool)
        while true {
            if let result = try await attempt(order, scope) {
                if case .done = result {
                    while try await pool.transaction({ try await Anonymiser.removeFiles(in: $0) }) > 0 {}
                }
                return result
            }
            guard ContinuousClock.now < end else { return .busy }
            try await rest()
        }
    }

    /// - Returns: nil if a daemon still holds something, or was in the way.
    private func attempt(_ order: Order, _ scope: CitizenScope) async throws -> Result? {
        do {
            return try await pool.transaction { session -> Result? in
                if let refusal = try await refusal(order, scope, in: session) { return refusal }
                return try await withdraw(from: order.citizen, at: order.at, in: session)
                    ? nil : try await remove(order, scope, in: session)
            }
        } catch let error as PostgresError where error.sqlstate == "40P01" {
            // Two waited for each other, and this one was told to try again.
            return nil
        }
    }

    private func refusal(
        _ order: Order, _ scope: CitizenScope, in session: PostgresTransaction
    ) async throws -> Result? {
        try await LegalHolds.lock(order.citizen, in: session)
        if let hold = try await LegalHolds.current(of: order.citizen, in: session) { return .held(hold) }
        let id = PostgresValue.uuid(order.citizen.high, order.citizen.low)
        let rows = try await session.query(
            "select code, closed_at is null from ticket where citizen = $1 order by number for update", [id])
        if rows.isEmpty, scope.isEmpty {
            let erased = try await session.query(
                "select max(at) from audit where citizen = $1 and action = 'citizen.erase'", [id])
            return .unknown(erasedAt: erased.first?.moment(0))
        }
        let open = rows.filter { $0.bool(1) == true }.compactMap { $0.string(0) }
        return open.isEmpty || order.openToo ? nil : .open(open)
    }

    /// Takes from daemons what they hold of the citizen's tickets.
    ///
    /// What offices are owed is not cancelled: it waits in the table until the rest is done, and tells then what is left.
    /// - Returns: whether a daemon that lives holds any of it still.
    private func withdraw(
        from citizen: Identifier, at now: Timestamp, in session: PostgresTransaction
    ) async throws -> Bool {
        let rows = try await session.query(
            """
            select n.id, starts_with(n.template, 'office_')
            from notification n join ticket t on t.number = n.ticket
                join daemon d on d.id = n.owner and d.beat_at > now() - make_interval(secs => $2)
            where t.citizen = $1
                and (coalesce(n.status) in ('waiting', 'sending')
                    or n.status = 'cancelled' and n.recalled_at is not null)
            """, [.uuid(citizen.high, citizen.low), .double(DaemonRegistry.dead.inSeconds)])
        guard !rows.isEmpty else { return false }
        let offices = rows.filter { $0.bool(1) == true }.map { $0.uuid(0) }
        let own = rows.filter { $0.bool(1) != true }.map { $0.uuid(0) }
        _ = try await session.query(
            """
            update notification set status = 'cancelled', done_at = $2, reason = $3, recalled_at = now()
            where id = any($1) and status = 'waiting'
            """, [.uuidArray(own), .timestamptz(now.microseconds), .text(Anonymiser.cancelled)])
        _ = try await session.query(
            """
            update notification set recalled_at = now(),
                next_attempt_at = greatest(next_attempt_at, now() + interval '10 minutes')
            where id = any($1) and status = 'waiting' and recalled_at is null
            """, [.uuidArray(offices)])
        return true
    }

    private func remove(
        _ order: Order, _ scope: CitizenScope, in session: PostgresTransaction
    ) async throws -> Result {
        let now = order.at
        let scope = try await scope.renewed(in: session)
        var report = try await scope.report(in: session)
        let counts = try await Anonymiser.run(
            tickets: scope.tickets, messages: scope.messages, keepsOpen: scope.shared, at: now, in: session)
        (report.tickets, report.messages, report.attachments) = (counts.tickets, counts.messages, counts.attachments)
        (report.notifications, report.cancelled) = (counts.notifications, report.cancelled)
        try await Anonymiser.forget(
            [order.citizen], addresses: scope.addresses, chats: scope.chats, in: session)
        report.unread = try await scope.removeUnread(in: session)
        _ = try await session.query(
            """
            update notification set next_attempt_at = now()
            where ticket = any($1) and status = 'waiting' and starts_with(template, 'office_') and owner is null
            """, [.int8Array(scope.tickets)])
        try await AuditLine(
            at: now, actor: order.actor, action: "citizen.erase", citizen: order.citizen,
            details: [("decided_by", .string(order.by))] + report.members, reason: order.reason
        ).append(in: session)
        return .done(report)
    }
}
