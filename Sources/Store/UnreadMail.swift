import Civic
import Crypto
import Postgres

/// Mail that could not be taken in: kept as it came, shown, replayed.
public struct UnreadMail: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    public struct Entry: Sendable {
        public let id: Identifier
        public let channel: String
        public let receivedAt: Timestamp
        public let reason: String
        public let size: Int64
        public let replayedAt: Timestamp?
    }

    /// Keeps it; the same bytes again change nothing.
    public func keep(_ raw: [UInt8], channel: String, reason: String, at now: Timestamp) async throws {
        let id = Identifier.timeOrdered(at: now)
        _ = try await pool.query(
            """
            insert into unread_mail (id, channel, received_at, reason, hash, raw) values ($1, $2, $3, $4, $5, $6)
            on conflict (hash) do nothing
            """,
            [
                .uuid(id.high, id.low), .text(channel), .timestamptz(now.microseconds), .text(reason),
                .bytea(Array(SHA256.hash(data: raw))), .bytea(raw),
            ])
    }

    public func count(all: Bool) async throws -> Int64 {
        try await pool.query("select count(*) from unread_mail where $1 or replayed_at is null", [.bool(all)])
            .first?.int(0) ?? 0
    }

    /// How many wait for a person, as far as `most`.
    public func waiting(most: Int) async throws -> Int64 {
        try await pool.query(
            "select count(*) from (select 1 from unread_mail where replayed_at is null limit $1) as waiting",
            [.int8(Int64(most))]
        ).first?.int(0) ?? 0
    }

    /// The newest first.
    public func list(all: Bool, limit: Int = 100) async throws -> [Entry] {
        try await pool.query(
            """
            select id, channel, received_at, reason, octet_length(raw)::int8, replayed_at from unread_mail
            where $1 or replayed_at is null order by id desc limit $2
            """, [.bool(all), .int8(Int64(limit))]
        ).compactMap { row in
            guard let id = row.identifier(0), let channel = row.string(1), let at = row.moment(2),
                let reason = row.string(3), let size = row.int(4)
            else { return nil }
            return Entry(
                id: id, channel: channel, receivedAt: at, reason: reason, size: size, replayedAt: row.moment(5))
        }
    }

    public func raw(_ id: Identifier) async throws -> (channel: String, bytes: [UInt8])? {
        let rows = try await pool.query(
            "select channel, raw from unread_mail where id = $1", [.uuid(id.high, id.low)])
        guard let row = rows.first, let channel = row.string(0), let bytes = row.bytes(1) else { return nil }
        return (channel, bytes)
    }

    public func replayed(_ id: Identifier, at now: Timestamp, by actor: AuditLine.Actor? = nil) async throws {
        try await pool.transaction { session in
            _ = try await session.query(
                "update unread_mail set replayed_at = $2 where id = $1",
                [.uuid(id.high, id.low), .timestamptz(now.microseconds)])
            guard let actor else { return }
            try await AuditLine(
                at: now, actor: actor, action: "inbox.replay", details: [("mail", .string(id.description))]
            ).append(in: session)
        }
    }
}
