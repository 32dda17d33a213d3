import Civic
import Postgres

/// Files that are still with a messenger: fetched after their message is durable, by whichever daemon has time.
public struct MediaJournal: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    public struct Entry: Hashable, Sendable {
        public let message: Identifier
        public let position: Int
        public let channel: String
        public let reference: String
        public let name: String
        public let type: String
        public let size: Int?
        public let attempts: Int
        /// Bytes that its message has already.
        public let together: Int
    }

    /// Takes what is due, the oldest first; nobody else gets it before `until`.
    public func claim(limit: Int, at now: Timestamp, until: Timestamp) async throws -> [Entry] {
        try await pool.query(
            """
            with picked as (
                select message, position from media where given_up_at is null and next_attempt_at <= $1
                order by next_attempt_at limit $2 for update skip locked
            )
            update media m set next_attempt_at = $3, attempts = m.attempts + 1 from picked p
            where m.message = p.message and m.position = p.position
            returning m.message, m.position, m.channel, m.reference, m.name, m.type, m.size, m.attempts,
                (select coalesce(sum(a.size), 0)::int8 from attachment a where a.owner = m.message)
            """, [.timestamptz(now.microseconds), .int8(Int64(limit)), .timestamptz(until.microseconds)]
        ).compactMap(Entry.init)
    }

    /// The file is here: it becomes the message's, and a photograph's place the ticket's if nobody told one.
    public func fetched(
        _ entry: Entry, as file: StoredAttachment, reconsider: Reconsideration, at now: Timestamp, owner: Holder?
    ) async throws -> [OwedNotification] {
        try await pool.transaction { session in
            let gone = try await session.query(
                "delete from media where message = $1 and position = $2 returning message",
                [.uuid(entry.message.high, entry.message.low), .int4(Int32(clamping: entry.position))])
            // Two daemons fetched it, one of them slowly.
            guard !gone.isEmpty else { return [] }
            try await StoredAttachment.insert([file], owner: entry.message, from: entry.position, in: session)
            let rows = try await session.query(
                "select ticket from message where id = $1", [.uuid(entry.message.high, entry.message.low)])
            guard let ticket = rows.first?.int(0),
                try await Correspondence.Standing.locked(ticket, in: session) != nil
            else { return [] }
            return try await reconsider.apply(to: ticket, at: now, owner: owner, in: session)
        }
    }

    /// It may succeed later.
    public func failed(_ entry: Entry, reason: String, retryAt: Timestamp) async throws {
        _ = try await pool.query(
            "update media set next_attempt_at = $3, reason = $4 where message = $1 and position = $2",
            [
                .uuid(entry.message.high, entry.message.low), .int4(Int32(clamping: entry.position)),
                .timestamptz(retryAt.microseconds), .text(reason),
            ])
    }

    /// It will not come; the ticket says so.
    public func giveUp(_ entry: Entry, reason: String, at now: Timestamp) async throws {
        let event = Identifier.timeOrdered(at: now)
        _ = try await pool.query(
            """
            with given_up as (
                update media set given_up_at = $3, reason = $4
                where message = $1 and position = $2 and given_up_at is null returning message
            )
            insert into event (id, ticket, at, kind, actor, note)
            select $5, m.ticket, $3, 'note', 'rules', 'a file could not be fetched: ' || $4
            from message m join given_up g on g.message = m.id where m.ticket is not null
            """,
            [
                .uuid(entry.message.high, entry.message.low), .int4(Int32(clamping: entry.position)),
                .timestamptz(now.microseconds), .text(reason), .uuid(event.high, event.low),
            ])
    }
}

extension MediaJournal.Entry {
    init?(_ row: PostgresRow) {
        guard let message = row.identifier(0), let position = row.int(1), let channel = row.string(2),
            let reference = row.string(3), let name = row.string(4), let type = row.string(5), let attempts = row.int(7)
        else { return nil }
        self.init(
            message: message, position: Int(position), channel: channel, reference: reference, name: name, type: type,
            size: row.int(6).map { Int($0) }, attempts: Int(attempts), together: Int(row.int(8) ?? 0))
    }
}

/// How far channels that are asked have been read.
public struct PollPositions: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    public func position(of channel: String) async throws -> String? {
        try await pool.query("select position from poll_position where channel = $1", [.text(channel)]).first?.string(0)
    }

    public func remember(_ position: String, of channel: String) async throws {
        _ = try await pool.query(
            """
            insert into poll_position (channel, position) values ($1, $2)
            on conflict (channel) do update set position = excluded.position
            """, [.text(channel), .text(position)])
    }
}
