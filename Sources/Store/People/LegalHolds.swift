import Civic
import Postgres

/// Citizens whose data must stay (GDPR art. 17(3): legal claims, obligations of law, archives), whoever asks and however
/// old they are.
public struct LegalHolds: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    public struct Hold: Hashable, Sendable {
        public let at: Timestamp
        public let by: String
        public let reason: String
    }

    public func current(of citizen: Identifier) async throws -> Hold? {
        try await pool.query(LegalHolds.select, [.uuid(citizen.high, citizen.low)]).first.flatMap(Hold.init)
    }

    /// - Returns: false if there is one already; it stays as it is.
    public func place(
        on citizen: Identifier, by actor: AuditLine.Actor, reason: String, at now: Timestamp
    ) async throws -> Bool {
        try await pool.transaction { session in
            try await LegalHolds.lock(citizen, in: session)
            let placed = try await session.query(
                """
                insert into legal_hold (citizen, placed_at, placed_by, reason) values ($1, $2, $3, $4)
                on conflict (citizen) where released_at is null do nothing returning id
                """,
                [
                    .uuid(citizen.high, citizen.low), .timestamptz(now.microseconds), .text(actor.name), .text(reason),
                ])
            guard !placed.isEmpty else { return false }
            try await AuditLine(at: now, actor: actor, action: "citizen.hold", citizen: citizen, reason: reason)
                .append(in: session)
            return true
        }
    }

    /// - Returns: false if there is none.
    public func release(
        _ citizen: Identifier, by actor: AuditLine.Actor, reason: String, at now: Timestamp
    ) async throws -> Bool {
        try await pool.transaction { session in
            try await LegalHolds.lock(citizen, in: session)
            let released = try await session.query(
                """
                update legal_hold set released_at = $2, released_by = $3, release_reason = $4
                where citizen = $1 and released_at is null returning id
                """,
                [
                    .uuid(citizen.high, citizen.low), .timestamptz(now.microseconds), .text(actor.name), .text(reason),
                ])
            guard !released.isEmpty else { return false }
            // Retention has passed over what is old enough by now: it begins anew.
            _ = try await session.query("update retention_progress set position = null where position is not null")
            try await AuditLine(at: now, actor: actor, action: "citizen.release", citizen: citizen, reason: reason)
                .append(in: session)
            return true
        }
    }

    static func current(of citizen: Identifier, in session: PostgresTransaction) async throws -> Hold? {
        try await session.query(select, [.uuid(citizen.high, citizen.low)]).first.flatMap(Hold.init)
    }

    /// Whoever places a hold and whoever erases wait for each other.
    static func lock(_ citizen: Identifier, in session: PostgresTransaction) async throws {
        _ = try await session.query(
            "select from pg_advisory_xact_lock(hashtextextended('citizen ' || $1::text, 0))",
            [.text(citizen.description)])
    }

    private static let select = """
        select placed_at, placed_by, reason from legal_hold where citizen = $1 and released_at is null
        """
}

extension LegalHolds.Hold {
    fileprivate init?(_ row: PostgresRow) {
        guard let at = row.moment(0), let by = row.string(1), let reason = row.string(2) else { return nil }
        self.init(at: at, by: by, reason: reason)
    }
}
