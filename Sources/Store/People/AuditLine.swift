import Civic
import Postgres

/// One line of the audit trail: who did what, to which ticket or citizen, and why. It holds no personal data but the
/// citizen's id; whoever writes one gives codes and counts.
public struct AuditLine: Sendable {
    /// Who acts, as the trail has it.
    public struct Actor: Hashable, Sendable {
        public let name: String

        /// The account that runs a command.
        public static func account(_ name: String) -> Actor { Actor(name: "operator:\(name)") }
        /// The office whose token came with a request.
        public static func office(_ code: String) -> Actor { Actor(name: "office:\(code)") }
        public static let daemon = Actor(name: "daemon")
    }

    public var at: Timestamp
    public var actor: Actor
    /// `ticket.moved`, `queue.cancel`, `citizen.export`: what was acted on, and how.
    public var action: String
    public var ticket: Int64?
    public var citizen: Identifier?
    public var details: [(String, JSON)]
    public var reason: String?

    public init(
        at: Timestamp, actor: Actor, action: String, ticket: Int64? = nil, citizen: Identifier? = nil,
        details: [(String, JSON)] = [], reason: String? = nil
    ) {
        self.at = at
        self.actor = actor
        self.action = action
        self.ticket = ticket
        self.citizen = citizen
        self.details = details
        self.reason = reason
    }

    /// Appends it in the transaction of the act itself: neither is without the other.
    func append(in session: PostgresTransaction) async throws {
        _ = try await session.query(AuditLine.statement, values)
    }

    /// Appends it by itself: the act only reads.
    func append(in pool: PostgresPool) async throws { _ = try await pool.query(AuditLine.statement, values) }

    private static let statement = """
        insert into audit (at, actor, action, ticket, citizen, details, reason)
        values ($1, $2, $3, $4, $5, $6::text::jsonb, $7)
        """

    private var values: [PostgresValue] {
        [
            .timestamptz(at.microseconds), .text(actor.name), .text(action), ticket.map { .int8($0) } ?? .null,
            citizen.map { .uuid($0.high, $0.low) } ?? .null,
            details.isEmpty ? .null : .text(JSON.object(details).text), .optional(reason),
        ]
    }
}

/// The audit trail, read.
public struct AuditTrail: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    public struct Filter: Sendable {
        /// A ticket's code.
        public var ticket: String?
        public var citizen: Identifier?
        /// An action, or what stands before its dot for all of that kind.
        public var action: String?
        public var since: Timestamp?
        public var limit = 100
        public init() {}
    }

    public struct Entry: Sendable {
        public let id: Int64
        public let at: Timestamp
        public let actor: String
        public let action: String
        /// The code.
        public let ticket: String?
        public let citizen: Identifier?
        /// JSON.
        public let details: String?
        public let reason: String?

        public var json: JSON {
            .object([
                ("id", .int(id)), ("at", .moment(at)), ("by", .string(actor)), ("action", .string(action)),
                ("ticket", .optional(ticket)), ("citizen", .optional(citizen?.description)),
                ("details", details.map(JSON.verbatim) ?? .null), ("reason", .optional(reason)),
            ])
        }
    }

    /// The newest first.
    public func list(_ filter: Filter) async throws -> [Entry] {
        try await pool.query(
            """
            select a.id, a.at, a.actor, a.action, t.code, a.citizen, a.details::text, a.reason
            from audit a left join ticket t on t.number = a.ticket
            where ($1::text is null or a.ticket = (select number from ticket where code = $1))
              and ($2::uuid is null or a.citizen = $2)
              and ($3::text is null or a.action = $3 or starts_with(a.action, $3 || '.'))
              and ($4::timestamptz is null or a.at >= $4)
            order by a.id desc limit $5
            """,
            [
                .optional(filter.ticket), filter.citizen.map { .uuid($0.high, $0.low) } ?? .null,
                .optional(filter.action), .optional(filter.since), .int8(Int64(filter.limit)),
            ]
        ).compactMap(Entry.init)
    }
}

extension AuditTrail.Entry {
    fileprivate init?(_ row: PostgresRow) {
        guard let id = row.int(0), let at = row.moment(1), let actor = row.string(2), let action = row.string(3) else {
            return nil
        }
        self.init(
            id: id, at: at, actor: actor, action: action, ticket: row.string(4), citizen: row.identifier(5),
            details: row.string(6), reason: row.string(7))
    }
}
