import Civic
import Postgres

extension Correspondence {
    /// What a mail system says of a notification.
    public struct Report: Hashable, Sendable {
        public enum Outcome: Hashable, Sendable {
            /// It did not arrive, and will not.
            case failed
            /// It arrived.
            case delivered
            /// Nothing is decided.
            case noted
        }
        public var outcome: Outcome
        /// In words, one line: it is shown to operators.
        public var reason: String
        /// A certified mail system's word (`avvenuta-consegna`).
        public var receipt: String?
        /// There is no such mailbox, for this mail and the next ones: so long the medium is thought not to reach them.
        public var unreachedFor: Duration?
        public init(outcome: Outcome, reason: String, receipt: String? = nil) {
            self.outcome = outcome
            self.reason = reason
            self.receipt = receipt
        }
    }

    /// The notification of a ticket that a report speaks of: by its id, else the last one that its address got.
    public func notification(_ id: Identifier?, ticket: Int64, recipients: [String]) async throws -> Identifier? {
        let rows = try await pool.query(
            """
            select id from notification
            where ticket = $1 and case when $2::uuid is not null then id = $2
                else medium in ('email', 'pec') and status = 'delivered'
                    and ($3::text[] = '{}' or lower(recipient) = any($3)) end
            order by done_at desc nulls last limit 1
            """,
            [
                .int8(ticket), id.map { .uuid($0.high, $0.low) } ?? .null,
                .textArray(recipients.map { $0.lowercased() }),
            ])
        return rows.first?.identifier(0)
    }

    /// Sets the outcome of a notification that was handed over. One that is still under way is left to its carrier, and
    /// a failure is not undone by a later word. Receipts overtake each other: what only notes the way comes too late once
    /// the end is known.
    /// - Returns: what takes its place if it failed and its chain goes on, written in the same transaction.
    @discardableResult
    public func record(
        _ report: Report, of notification: Identifier, at now: Timestamp, owner: Holder? = nil
    ) async throws -> [OwedNotification] {
        try await pool.transaction { session in
            let failed = try await write(report, of: notification, at: now, in: session)
            guard failed else { return [] }
            if let time = report.unreachedFor {
                var outcome = Outbox.Outcome(
                    id: notification, status: .refused, attempts: 0, nextAttemptAt: now, at: now)
                outcome.unreachedUntil = now + time
                try await Outbox.remember([outcome], in: session)
            }
            return try await Outbox.succeed(notification, at: now, owner: owner, in: session)
        }
    }

    /// - Returns: whether it is refused by this.
    private func write(
        _ report: Report, of notification: Identifier, at now: Timestamp, in session: PostgresTransaction
    ) async throws -> Bool {
        let status: String? =
            switch report.outcome {
            case .failed: "refused"
            case .delivered, .noted: nil
            }
        let rows = try await session.query(
            """
            update notification set
                status = case when status = 'delivered' then coalesce($2::text, status) else status end,
                reason = case when status = 'delivered' and ($2::text is not null or $5::text is not null) then $3 else reason end,
                done_at = case when status = 'delivered' and $2::text is not null then $4 else done_at end,
                receipt = coalesce($5::text, receipt)
            from (select id as old_id, status as old_status from notification where id = $1 for update) as old
            where id = old_id and ($6 or receipt is null
                or receipt in ('accettazione', 'presa-in-carico', 'preavviso-errore-consegna'))
            returning status = 'refused' and old_status = 'delivered'
            """,
            [
                .uuid(notification.high, notification.low), .optional(status), .text(report.reason),
                .timestamptz(now.microseconds), .optional(report.receipt),
                .bool(report.outcome != .noted),
            ])
        return rows.first?.bool(0) ?? false
    }
}
