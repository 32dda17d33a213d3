import Civic
import Postgres

/// A message that opened a ticket or was discarded, as it came, with what became of it.
public struct StoredMessage: Sendable {
    /// The ticket that the message opened.
    public struct Ticket: Sendable {
        public let number: Int64
        public let code: String
        /// As it is now: a person may have moved it.
        public let category: String?
        public let office: String
        public let priority: String
        public init(number: Int64, code: String, category: String?, office: String, priority: String) {
            self.number = number
            self.code = code
            self.category = category
            self.office = office
            self.priority = priority
        }
    }

    public let id: Identifier
    public let channel: String
    public let receivedAt: Timestamp
    /// The bytes as they came.
    public let raw: [UInt8]
    /// Why a rule discarded it.
    public let discarded: String?
    /// Nil if a rule discarded it.
    public let ticket: Ticket?
}

/// Stored messages in the order in which they came, some at a time.
///
/// A message's id begins with the moment of its arrival, so a period is a range of the primary key, and the last id of a
/// batch says where the next one begins: no cursor is held open, and what arrives meanwhile changes nothing. Those whose
/// bytes have been removed are not among them.
public struct StoredMessages: Sendable {
    private let pool: PostgresPool
    private let since: Timestamp
    private let until: Timestamp

    /// A batch holds at most so many messages, and stops after so many bytes; it always holds one.
    static let mostMessages = 2000
    static let mostBytes = 8 << 20

    /// - Parameters:
    ///   - since: the first moment.
    ///   - until: the moment after the last.
    public init(pool: PostgresPool, since: Timestamp, until: Timestamp) {
        self.pool = pool
        self.since = since
        self.until = until
    }

    private var bounds: [PostgresValue] {
        [.uuid(since.firstIdentifier.high, 0), .uuid(until.firstIdentifier.high, 0)]
    }

    public func count() async throws -> Int {
        let rows = try await pool.query(
            """
            select count(*) from message
            where kind = 'opening' and id >= $1 and id < $2 and octet_length(raw) > 0
            """, bounds)
        return Int(rows.first?.int(0) ?? 0)
    }

    /// The messages after one, the first ones without it. Empty at the end.
    public func batch(after last: Identifier?) async throws -> [StoredMessage] {
        let rows = try await pool.query(
            """
            with page as (
                select id, sum(octet_length(raw)) over (order by id) - octet_length(raw) as before
                from (select id, raw from message
                      where kind = 'opening' and id >= $1 and id < $2 and ($3::uuid is null or id > $3)
                          and octet_length(raw) > 0
                      order by id limit $4) p
            )
            select m.id, m.channel, m.received_at, m.raw, m.discarded, t.number, t.code, t.category, t.office, t.priority
            from page join message m using (id)
                left join ticket t on t.number = m.ticket and t.opened_at = m.received_at
            where page.before < $5 order by m.id
            """,
            bounds + [
                last.map { .uuid($0.high, $0.low) } ?? .null, .int8(Int64(StoredMessages.mostMessages)),
                .int8(Int64(StoredMessages.mostBytes)),
            ])
        return rows.compactMap(StoredMessage.init)
    }
}

extension Timestamp {
    /// No id of this moment or later is smaller.
    var firstIdentifier: Identifier {
        Identifier(high: (UInt64(max(0, microseconds / 1000)) & 0xFFFF_FFFF_FFFF) << 16, low: 0)
    }
}

extension StoredMessage {
    init?(_ row: PostgresRow) {
        guard let id = row.identifier(0), let channel = row.string(1), let receivedAt = row.moment(2),
            let raw = row.bytes(3)
        else { return nil }
        self.init(
            id: id, channel: channel, receivedAt: receivedAt, raw: raw, discarded: row.string(4),
            ticket: StoredMessage.Ticket(row))
    }
}

extension StoredMessage.Ticket {
    fileprivate init?(_ row: PostgresRow) {
        guard let number = row.int(5), let code = row.string(6), let office = row.string(8),
            let priority = row.string(9)
        else { return nil }
        self.init(number: number, code: code, category: row.string(7), office: office, priority: priority)
    }
}
