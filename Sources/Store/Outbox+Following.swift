import Civic
import Postgres

extension Outbox {
    /// A ticket that was handed on to another body's Open311 server, and how it stands here.
    public struct Followed: Sendable {
        public let id: Identifier
        public let code: String
        /// That has it.
        public let office: String
        /// Null: nobody knows whether the request arrived.
        public let remoteID: String?
        public let category: String?
        public let createdAt: Timestamp
        public let status: TicketStatus
        public let closedAt: Timestamp?
        /// How many steps their server had the ticket take, and the last of them.
        public let steps: Int
        public let last: TicketEvent.Kind?
        public let isClosedByThem: Bool
        /// The ticket has gone on to somebody else since.
        public let isSuperseded: Bool
    }

    /// Of the event by which a ticket follows what became of a request: the same change is one event, whoever sees it.
    public static func externalID(ofStep number: Int, of remoteID: String) -> String {
        "open311:\(remoteID):\(number)"
    }

    /// As the index has it.
    private static let followed = """
        medium = 'open311' and (status = 'uncertain' or status = 'delivered' and remote_id is not null)
        """

    /// Leases those that are due for a look, each to one daemon.
    /// - Parameter polls: of each office, in seconds: so long after the handing over is the first look.
    public func lease(
        _ polls: [String: Duration], at now: Timestamp, until: Timestamp, limit: Int
    ) async throws -> [Followed] {
        let offices = polls.keys.sorted()
        return try await pool.query(
            """
            with office as (
                select * from unnest($1::text[], $2::double precision[]) as t (code, poll)
            ), due as (
                (select id from notification
                where watch_at <= $3 and \(Outbox.followed) and recipient = any($1) order by watch_at limit $5)
                union all
                (select n.id from notification n join office o on o.code = n.recipient
                where watch_at is null and watches = 0 and \(Outbox.followed)
                    and done_at <= $3 - make_interval(secs => o.poll)
                order by done_at limit $5)
            ), picked as (
                -- Whoever waited for nobody must not find what another has leased meanwhile.
                select id from notification
                where id in (select id from due) and (watch_at is null or watch_at <= $3) limit $5
                for update skip locked
            ), leased as (
                update notification set watch_at = $4 from picked where notification.id = picked.id
                returning notification.*
            )
            select n.id, t.code, n.recipient, n.remote_id, t.category, n.created_at, t.status, t.closed_at,
                (select count(*) from event s where s.ticket = n.ticket and s.actor = n.recipient
                    and starts_with(s.external_id, 'open311:' || n.remote_id || ':')),
                (select s.kind from event s where s.ticket = n.ticket and s.actor = n.recipient
                    and starts_with(s.external_id, 'open311:' || n.remote_id || ':') order by s.at desc, s.id desc limit 1),
                (select s.actor from event s where s.ticket = n.ticket and s.kind in ('resolved', 'rejected')
                    order by s.at desc, s.id desc limit 1) = n.recipient,
                exists (select from event s join event e on e.id = n.event where s.ticket = n.ticket
                    and s.kind in ('moved', 'forwarded') and (s.at, s.id) > (e.at, e.id))
            from leased n join ticket t on t.number = n.ticket
            """,
            [
                .textArray(offices), .doubleArray(offices.map { polls[$0]?.inSeconds }),
                .timestamptz(now.microseconds), .timestamptz(until.microseconds), .int8(Int64(limit)),
            ]
        ).compactMap(Followed.init)
    }

    /// Ends a lease.
    /// - Parameter next: when to look again; nil: never.
    public func looked(_ ids: [Identifier], next: [Timestamp?]) async throws {
        guard !ids.isEmpty else { return }
        _ = try await pool.query(
            """
            update notification set watch_at = t.next, watches = watches + 1
            from unnest($1::uuid[], $2::timestamptz[]) as t (id, next) where notification.id = t.id
            """, [.uuidArray(ids.map(\.pair)), .timestamptzArray(next.map { $0?.microseconds })])
    }

    /// The other side's id has become known: of a request for which there was a token, or of one whose answer was lost.
    public func identify(_ id: Identifier, as remoteID: String, at now: Timestamp) async throws {
        _ = try await pool.query(
            """
            update notification set status = 'delivered', remote_id = $2,
                reason = case when status = 'uncertain' then null else reason end,
                done_at = coalesce(done_at, $3)
            where id = $1 and status in ('delivered', 'uncertain')
            """, [.uuid(id.high, id.low), .text(remoteID), .timestamptz(now.microseconds)])
    }
}

extension Outbox.Followed {
    init?(_ row: PostgresRow) {
        guard let id = row.identifier(0), let code = row.string(1), let office = row.string(2),
            let createdAt = row.moment(5), let status = row.string(6).flatMap(TicketStatus.init)
        else { return nil }
        self.init(
            id: id, code: code, office: office, remoteID: row.string(3), category: row.string(4), createdAt: createdAt,
            status: status, closedAt: row.moment(7), steps: Int(row.int(8) ?? 0),
            last: row.string(9).flatMap(TicketEvent.Kind.init), isClosedByThem: row.bool(10) ?? false,
            isSuperseded: row.bool(11) ?? false)
    }
}
