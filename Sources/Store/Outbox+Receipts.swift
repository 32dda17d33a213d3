import Civic
import Postgres

extension Outbox {
    /// A messenger's word on what became of a message of ours.
    public struct Receipt: Hashable, Sendable {
        public enum State: String, Hashable, Sendable { case delivered, read, failed }
        public var medium: Medium
        /// The messenger's id of our message.
        public var remoteID: String
        public var state: State
        /// Of a failure.
        public var reason: String?
        public init(medium: Medium, remoteID: String, state: State, reason: String?) {
            self.medium = medium
            self.remoteID = remoteID
            self.state = state
            self.reason = reason
        }
    }

    /// Applies a receipt. They overtake each other: `read` is not undone by `delivered`, and a failure by nothing.
    /// - Parameter clears: the medium may be thought not to reach somebody, whom it reaches by this.
    /// - Returns: nil if no notification has that id (yet); what takes its place if it failed and its chain goes on,
    ///   written in the same transaction.
    public func apply(
        _ receipt: Receipt, at now: Timestamp, owner: Holder?, clears: Bool = false
    ) async throws -> [OwedNotification]? {
        try await pool.transaction { session in
            let rows = try await session.query(
                """
                update notification set
                    receipt = case when $3 = 'delivered' then coalesce(receipt, $3) else $3 end,
                    status = case when $3 = 'failed' then 'refused' else status end,
                    reason = case when $3 = 'failed' then $4 else reason end,
                    done_at = case when $3 = 'failed' then $5 else done_at end
                where medium = $1 and remote_id = $2 and receipt is distinct from 'failed'
                returning id
                """,
                [
                    .text(receipt.medium.rawValue), .text(receipt.remoteID), .text(receipt.state.rawValue),
                    .optional(receipt.reason), .timestamptz(now.microseconds),
                ])
            guard let id = rows.first?.identifier(0) else {
                // One that failed already is known, too.
                let known = try await session.query(
                    "select from notification where medium = $1 and remote_id = $2",
                    [.text(receipt.medium.rawValue), .text(receipt.remoteID)])
                return known.isEmpty ? nil : []
            }
            guard receipt.state == .failed || clears else { return [] }
            var outcome = Outcome(id: id, status: .refused, attempts: 0, nextAttemptAt: now, at: now)
            if receipt.state == .failed { outcome.unreachedUntil = now + .seconds(86_400) }
            try await Outbox.remember([outcome], in: session)
            guard receipt.state == .failed else { return [] }
            return try await Outbox.succeed(id, at: now, owner: owner, in: session)
        }
    }

    /// Owes what takes a notification's place, if its chain goes on.
    static func succeed(
        _ id: Identifier, at now: Timestamp, owner: Holder?, in session: PostgresTransaction
    ) async throws -> [OwedNotification] {
        let rows = try await session.query(
            "select \(Outbox.columns) from \(Outbox.tables) where n.id = $1", [.uuid(id.high, id.low)])
        guard let next = rows.first.flatMap(OwedNotification.init)?.succeeded(at: now) else { return [] }
        return try await Outbox.insert([next], owner: owner, in: session)
    }
}
