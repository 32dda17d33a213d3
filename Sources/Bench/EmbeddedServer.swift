import Postgres

/// The private PostgreSQL of the daemon under load, seen from outside.
public struct EmbeddedServer: Sendable {
    private let server: PostgresServer

    public init(directory: String) { server = PostgresServer(directory: directory) }

    public var connectionString: String { server.connectionString }

    /// Of the postmaster and its backends.
    public var usage: ProcessUsage {
        server.processID.map { ProcessUsage(pid: $0, children: true) } ?? ProcessUsage(pid: 0, children: false)
    }

    public func program(_ name: String) throws -> String { "\(try server.programs)/\(name)" }

    /// What PostgreSQL has written ahead so far.
    public struct WrittenAhead: Sendable {
        public var bytes: Int64
        /// Nil where this PostgreSQL does not count them (from 18 on).
        public var syncs: Int64?
    }

    public func writtenAhead() async throws -> WrittenAhead {
        try await withConnection(to: connectionString) { connection in
            let rows = try await connection.query(
                """
                select (to_jsonb(w) ->> 'wal_bytes')::numeric::bigint, (to_jsonb(w) ->> 'wal_sync')::bigint
                from pg_stat_wal w
                """)
            return WrittenAhead(bytes: rows.first?.int(0) ?? 0, syncs: rows.first?.int(1))
        }
    }

    /// Runs `body` while a transaction is open that sees the database as it was before: no row that dies meanwhile can be
    /// cleared away.
    public func holdingSnapshot<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withConnection(to: connectionString) { connection in
            _ = try await connection.query("begin isolation level repeatable read")
            _ = try await connection.query("select count(*) from instance")
            let value = try await body()
            _ = try await connection.query("rollback")
            return value
        }
    }

    /// Has files to write ahead into, as a server that has run for a day: one that is new makes each of them while somebody
    /// waits for it.
    public func readyToWriteAhead() async throws {
        try await withConnection(to: connectionString) { connection in
            for _ in 0..<16 {
                _ = try await connection.query("select pg_logical_emit_message(false, 'pasquino', 'bench')")
                _ = try await connection.query("select pg_switch_wal()")
            }
            _ = try await connection.query("checkpoint")
        }
    }

    /// Waits until no notification is owed any more, so that what is measured next has the machine to itself.
    /// - Returns: how long that took, seconds, to a tenth.
    public func settled() async throws -> Double {
        let start = ContinuousClock.now
        return try await withConnection(to: connectionString) { connection in
            while try await connection.query(
                """
                select 1 where exists (
                    select from notification where status in ('waiting', 'sending') and owner is null)
                or exists (select from notification where status in ('waiting', 'sending') and owner is not null)
                """
            ).first != nil {
                try await Task.sleep(for: .milliseconds(100))
            }
            return Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
        }
    }
}
