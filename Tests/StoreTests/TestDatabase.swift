import Civic
import EventLoop
import Glibc
import Synchronization
import Testing

@testable import Postgres
@testable import Store

/// A database of its own on a server that the test process shares.
struct TestDatabase: Sendable {
    static let missing: Comment = "no PostgreSQL server programs on this machine (Debian: postgresql)"

    let configuration: PostgresConfiguration
    let pool: PostgresPool

    var tickets: Tickets { Tickets(pool: pool) }
    var outbox: Outbox { Outbox(pool: pool) }
    var registry: DaemonRegistry { DaemonRegistry(pool: pool) }

    /// Makes an empty database, migrated unless told otherwise, and closes what the test opened.
    static func with(migrated: Bool = true, _ body: (TestDatabase) async throws -> Void) async throws {
        let server = try await TestServer.connectionString()
        let name = "test_\(TestServer.counter.add(1, ordering: .relaxed).newValue)"
        try await session(PostgresConfiguration(connectionString: server, connectTimeout: .seconds(3600))) {
            try await $0.script("create database \(name)")
        }
        // On a busy machine an answer takes as long as it takes.
        let configuration = PostgresConfiguration(
            connectionString: server + " dbname=\(name)", statementTimeout: .seconds(3600),
            connectTimeout: .seconds(3600))
        if migrated { try await session(configuration) { _ = try await Migrator.migrate(on: $0) } }
        let pool = try PostgresPool(configuration: configuration, size: 3, label: name, observe: { _ in })
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(TestDatabase(configuration: configuration, pool: pool)))
        } catch {
            result = .failure(error)
        }
        await pool.close()
        try result.get()
    }

    /// A session of its own for `body`.
    func session(_ body: (PostgresConnection) async throws -> Void) async throws {
        try await TestDatabase.session(configuration, body)
    }

    private static func session(
        _ configuration: PostgresConfiguration, _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        let connection = PostgresConnection(
            configuration: configuration, loop: try EventLoop(label: "test"), observe: { _ in })
        do { try await body(connection) } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    /// The only number that a query gives.
    func number(_ sql: String) async throws -> Int64? { try await pool.query(sql).first?.int(0) }

    /// Runs `body` while no message can be written.
    func withMessagesLocked(_ body: @Sendable () async throws -> Void) async throws {
        try await session { connection in
            try await connection.transaction { transaction in
                _ = try await transaction.query("lock table message in exclusive mode")
                try await body()
            }
        }
    }

    /// Returns once that many statements wait for a lock in this database.
    func statementsWait(_ count: Int) async throws {
        let sql = """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and state = 'active'
            """
        try await until { try await number(sql) == Int64(count) }
    }

    /// A writer that waits, on a busy machine, for as long as a test makes it wait.
    func writer(
        connections: Int = 1, capacity: Int = 20_000, patience: Duration = .seconds(3600),
        owner: Holder? = nil,
        measured: @escaping @Sendable (IntakeWriter.Batch) -> Void = { _ in },
        committed: @escaping @Sendable ([OwedNotification]) -> Void = { _ in }
    ) throws -> IntakeWriter {
        var configuration = configuration
        configuration.statementTimeout = patience
        return try IntakeWriter(
            configuration: configuration, connections: connections, capacity: capacity, patience: patience,
            owner: { owner }, observe: { _ in }, measured: measured,
            committed: committed)
    }

    /// Stores one ticket.
    func open(_ record: IntakeRecord, owner: Holder? = nil) async throws {
        let writer = try writer(owner: owner)
        _ = try await writer.submit(record)
        await writer.drain()
    }
}

extension Outbox {
    /// Claims from all lines what nobody alive holds, until there is no more.
    func claim(
        owner: Int64, limit: Int, dueBefore: Timestamp, deadAfter: Duration
    ) async throws -> Claimed {
        _ = try await abandon(owner: owner, deadAfter: deadAfter)
        var all: Claimed = ([], [])
        while true {
            var found = 0
            for backlog in try await backlogs().sorted(by: { $0.urgency > $1.urgency }) {
                let left = limit - all.waiting.count - all.interrupted.count
                guard left > 0 else { return all }
                let claimed = try await claim(
                    backlog, owner: owner, limit: left, createdBefore: Timestamp(seconds: 4_000_000_000),
                    dueBefore: dueBefore)
                all.waiting += claimed.waiting
                all.interrupted += claimed.interrupted
                found += claimed.waiting.count + claimed.interrupted.count
            }
            if found == 0 { return all }
        }
    }
}

/// Made on first use and removed when the test process ends.
private enum TestServer {
    static let counter = Atomic(0)
    private static let directory = "/tmp/pgstore-\(getpid())"
    private static let server = PostgresServer(
        directory: directory, options: ["shared_buffers": "32MB", "max_connections": "300"])

    private static let starting = Task<String, any Error> {
        atexit {
            TestServer.server.kill()
            try? Files.removeTree(TestServer.directory)
        }
        return try await server.start()
    }

    static func connectionString() async throws -> String { try await starting.value }
}

/// Values that tests gather from other threads.
final class Gathered<Value: Sendable>: Sendable {
    private let kept = Mutex<[Value]>([])
    var values: [Value] { kept.withLock { $0 } }
    @Sendable func add(_ value: Value) { kept.withLock { $0.append(value) } }
}

/// Returns once `condition` holds; the test's time limit ends it otherwise.
func until(_ condition: () async throws -> Bool) async rethrows {
    while try await !condition(), !Task.isCancelled { await Task.yield() }
}
