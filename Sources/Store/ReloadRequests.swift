import Civic
import Postgres

/// How a command asks a daemon to reload, and learns what came of it. A daemon takes a request before it reads the files,
/// so the answer is about the files as they stood when the command asked, or later.
public struct ReloadRequests: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// - Returns: the request's id.
    public func ask(daemon: Int64) async throws -> Int64 {
        let rows = try await pool.query(
            "insert into reload_request (daemon) values ($1) returning id", [.int8(daemon)])
        guard let id = rows.first?.int(0) else { throw PostgresError(.usage, "the request could not be written") }
        return id
    }

    /// The daemon's report in JSON, once it has one.
    public func answer(to request: Int64) async throws -> String? {
        try await pool.query(
            "select report::text from reload_request where id = $1 and done_at is not null", [.int8(request)]
        ).first?.string(0)
    }

    /// Answered or not, nobody waits for it any more.
    public func forget(_ requests: [Int64]) async throws {
        _ = try await pool.query("delete from reload_request where id = any($1)", [.int8Array(requests)])
    }

    /// The requests that a daemon has not answered. Those of commands that were killed are a day old at most.
    public func open(daemon: Int64) async throws -> [Int64] {
        try await pool.query(
            """
            select id from reload_request
            where daemon = $1 and done_at is null and asked_at > now() - interval '1 day' order by id
            """, [.int8(daemon)]
        ).compactMap { $0.int(0) }
    }

    public func settle(_ requests: [Int64], report: JSON) async throws {
        guard !requests.isEmpty else { return }
        _ = try await pool.query(
            """
            with old as (delete from reload_request where asked_at < now() - interval '1 day')
            update reload_request set done_at = now(), report = $2 where id = any($1)
            """, [.int8Array(requests), .jsonb(report.text)])
    }
}
