import Civic
import Postgres

/// The daemons of a database, and whether they live.
///
/// A daemon beats every `beat`. Once its beat is older than `dead`, others take over what it held; a daemon that could
/// not beat for `fence` stops delivering by itself, so that two never hold the same notification.
public struct DaemonRegistry: Sendable {
    public static let beat = Duration.seconds(2)
    public static let fence = Duration.seconds(5)
    public static let dead = Duration.seconds(10)

    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    public struct Entry: Sendable {
        public let id: Int64
        public let host: String
        public let pid: Int
        public let version: String
        public let config: String
        public let startedAt: Timestamp
        public let beatAt: Timestamp
        public let alive: Bool
        /// JSON.
        public let stats: String
    }

    public func register(host: String, pid: Int32, version: String, config: String) async throws -> Int64 {
        let rows = try await pool.query(
            "insert into daemon (host, pid, version, config) values ($1, $2, $3, $4) returning id",
            [.text(host), .int4(pid), .text(version), .text(config)])
        guard let id = rows.first?.int(0) else {
            throw PostgresError(.usage, "the daemon could not be registered")
        }
        return id
    }

    /// - Returns: false if others have meanwhile taken this daemon for dead; it must register anew.
    public func beat(id: Int64, config: String, stats: JSON) async throws -> Bool {
        try await pool.query(
            """
            update daemon set beat_at = now(), config = $2, stats = $3
            where id = $1 and beat_at > now() - make_interval(secs => $4)
            """, [.int8(id), .text(config), .jsonb(stats.text), .double(DaemonRegistry.dead.inSeconds)]
        ).affected == 1
    }

    /// The same, and says nothing new.
    public func beat(id: Int64) async throws -> Bool {
        try await pool.query(
            "update daemon set beat_at = now() where id = $1 and beat_at > now() - make_interval(secs => $2)",
            [.int8(id), .double(DaemonRegistry.dead.inSeconds)]
        ).affected == 1
    }

    /// A daemon that stops by itself leaves nothing to wait for.
    public func leave(id: Int64) async throws {
        _ = try await pool.query(
            "update notification set owner = null where owner = $1 and status = 'waiting'", [.int8(id)])
        _ = try await pool.query("delete from daemon where id = $1", [.int8(id)])
    }

    /// Declares the daemons of this host dead whose processes are: after a crash nobody waits for a late beat.
    public func bury(host: String, pids: [Int32]) async throws {
        guard !pids.isEmpty else { return }
        _ = try await pool.query(
            "update daemon set beat_at = 'epoch' where host = $1 and pid = any($2)",
            [.text(host), .int4Array(pids)])
    }

    /// The process ids of this host's daemons that are not known to be dead.
    public func pids(host: String) async throws -> [Int32] {
        try await pool.query("select pid from daemon where host = $1 and beat_at > 'epoch'", [.text(host)])
            .compactMap { $0.int(0).map { Int32(truncatingIfNeeded: $0) } }
    }

    public func all() async throws -> [Entry] {
        try await pool.query(
            """
            select id, host, pid, version, config, started_at, beat_at,
                beat_at > now() - make_interval(secs => $1), stats::text
            from daemon where beat_at > now() - interval '1 day' order by started_at
            """, [.double(DaemonRegistry.dead.inSeconds)]
        ).compactMap { row in
            guard let id = row.int(0), let host = row.string(1), let pid = row.int(2), let version = row.string(3),
                let config = row.string(4), let started = row.moment(5), let beat = row.moment(6),
                let alive = row.bool(7), let stats = row.string(8)
            else { return nil }
            return Entry(
                id: id, host: host, pid: Int(pid), version: version, config: config, startedAt: started, beatAt: beat,
                alive: alive, stats: stats)
        }
    }
}
