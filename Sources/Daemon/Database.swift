import Civic
import EventLoop
import Glibc
import Observability
import Postgres
import Settings
import Store

/// The city's PostgreSQL, whichever the configuration names: its own private server, or one that is there already.
public final class Database: Sendable {
    public let configuration: PostgresConfiguration
    public let pool: PostgresPool
    /// The private server, if this daemon runs one.
    let server: PostgresServer?

    private let startedServer: Bool

    private init(
        configuration: PostgresConfiguration, pool: PostgresPool, server: PostgresServer?, startedServer: Bool
    ) {
        self.configuration = configuration
        self.pool = pool
        self.server = server
        self.startedServer = startedServer
    }

    /// Starts the private server where one is configured (or picks up the one that runs), and connects.
    /// - Parameters:
    ///   - wait: how long to wait for PostgreSQL to answer; nil for ever.
    ///   - whileAway: called each time that it has not answered.
    public static func open(
        _ settings: Configuration, poolSize: Int = 3, wait: Duration? = .seconds(60),
        observe: @escaping @Sendable (PostgresEvent) -> Void, whileAway: () async throws -> Void = {}
    ) async throws -> Database {
        try await open(
            settings.database, stateDirectory: settings.stateDirectory, poolSize: poolSize, wait: wait,
            observe: observe, whileAway: whileAway)
    }

    /// Whether it is a private server that does not run: then no daemon does.
    public static func isAtRest(_ settings: Configuration.Database, stateDirectory: String) -> Bool {
        settings.connection == .embedded && PostgresServer(directory: stateDirectory).processID == nil
    }

    public static func open(
        _ settings: Configuration.Database, stateDirectory: String, poolSize: Int = 3, wait: Duration? = .seconds(60),
        observe: @escaping @Sendable (PostgresEvent) -> Void, whileAway: () async throws -> Void = {}
    ) async throws -> Database {
        var server: PostgresServer?
        var started = false
        let connection: String
        switch settings.connection {
        case .string(let text): connection = text
        case .embedded:
            let own = PostgresServer(directory: stateDirectory)
            started = own.processID == nil
            connection = try await own.start()
            server = own
        }
        let configuration = PostgresConfiguration(connectionString: connection, applicationName: "pasquino")
        // Every statement goes by an index. Left to itself PostgreSQL plans for the empty tables of a first day, scans them
        // whole, and keeps that plan while they grow.
        var indexed = configuration
        indexed.settings = ["enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"]
        let pool = try PostgresPool(
            configuration: indexed, size: poolSize, label: "pasquino.store", observe: observe)
        let database = Database(
            configuration: configuration, pool: pool, server: server, startedServer: started)
        try await database.ready(within: wait, whileAway)
        return database
    }

    private func ready(within wait: Duration?, _ whileAway: () async throws -> Void) async throws {
        let end = wait.map { ContinuousClock.now + $0 }
        while true {
            do {
                _ = try await pool.query("select 1")
                return
            } catch {
                guard error.isRetriable, end.map({ ContinuousClock.now < $0 }) ?? true else { throw error }
                try await whileAway()
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Brings the schema up, or says what is missing.
    /// - Returns: the names of the migrations that were applied.
    public func migrate(_ mode: Configuration.Database.Migrate) async throws -> [String] {
        let loop = try EventLoop(label: "pasquino.migrate")
        // A migration takes as long as it takes.
        var patient = configuration
        patient.statementTimeout = .seconds(24 * 3600)
        let connection = PostgresConnection(configuration: patient, loop: loop, observe: { _ in })
        do {
            let applied: [String]
            switch mode {
            case .auto: applied = try await Migrator.migrate(on: connection)
            case .manual:
                let pending = try await Migrator.pending(on: connection)
                guard pending.isEmpty else {
                    throw Migrator.Failure.pending(pending.map { "\($0.version) \($0.name)" })
                }
                applied = []
            }
            await connection.close()
            return applied
        } catch {
            await connection.close()
            throw error
        }
    }

    /// A session for statements that read a whole period: PostgreSQL has time, and plans as it thinks best.
    public func withPatientSession<R: Sendable>(_ body: (PostgresPool) async throws -> R) async throws -> R {
        var patient = configuration
        patient.statementTimeout = .seconds(600)
        let pool = try PostgresPool(configuration: patient, size: 1, label: "pasquino.reports", observe: { _ in })
        do {
            let result = try await body(pool)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    /// The names of the migrations that are not applied yet.
    public func pendingMigrations() async throws -> [String] {
        do {
            _ = try await migrate(.manual)
            return []
        } catch Migrator.Failure.pending(let names) {
            return names
        }
    }

    /// Closes the connections, and stops the private server: always (the daemon, which may have picked it up after a
    /// crash), or only if `open` had to start it (a command beside a running daemon).
    public func close(always: Bool = false) async {
        await pool.close()
        // One that will not stop is picked up at the next start.
        if always || startedServer, let server { try? await server.stop() }
    }
}
