import Civic
import Postgres

extension RetentionSweep {
    /// What has been done of a kind so far.
    public struct Progress: Sendable {
        public let kind: String
        public let lookedAt: Timestamp
        public let removed: Int64
        public let removedAt: Timestamp?

        public var json: JSON {
            .object([
                ("what", .string(kind)), ("looked_at", .moment(lookedAt)), ("removed", .int(removed)),
                ("removed_at", .moment(removedAt)),
            ])
        }
    }

    public func progress() async throws -> [Progress] {
        try await pool.query("select what, looked_at, removed, removed_at from retention_progress order by what")
            .compactMap { row in
                guard let kind = row.string(0), let at = row.moment(1), let removed = row.int(2) else { return nil }
                return Progress(kind: kind, lookedAt: at, removed: removed, removedAt: row.moment(3))
            }
    }

    /// How much is old enough now and not held; changes nothing. It looks at everything.
    public func count(_ kind: Kind, before: Timestamp) async throws -> Int {
        let age = PostgresValue.timestamptz(before.microseconds)
        let sql =
            switch kind {
            case .tickets: "select count(*) \(RetentionSweep.dueTickets)"
            case .raw: RetentionSweep.due("octet_length(m.raw) > 0")
            case .discarded: RetentionSweep.due("m.ticket is null and m.erased_at is null")
            case .unreadMail: "select count(*) from unread_mail where received_at < $1"
            case .correspondents: "select count(*) from correspondent where hour < $1"
            case .shadowDifferences: "select count(*) from shadow_difference where at < $1"
            case .attempts: "select count(*) from attempt where at < $1"
            case .audit: "select count(*) from audit where at < $1"
            case .remains:
                "select (select count(*) from blob_doubt) + (select count(*) from citizen_doubt) where $1 is not null"
            }
        return Int(try await pool.query(sql, [age]).first?.int(0) ?? 0)
    }

    private static func due(_ condition: String) -> String {
        """
        select count(*) from message m where m.received_at < $1 and \(condition) and not exists (
            select from legal_hold h where h.released_at is null and (
                h.citizen = m.citizen or h.citizen = (select citizen from ticket t where t.number = m.ticket)))
        """
    }
}
