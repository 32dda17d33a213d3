import EventLoop
import Glibc
import Synchronization
import Testing

@testable import Postgres

/// One server for all tests that do not harm it, made on first use and removed when the test process ends.
enum TestServer {
    static let missing: Comment = "no PostgreSQL server programs on this machine (Debian: postgresql)"
    private static let directory = scratch("shared")
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

    /// A short path that no other test process uses.
    static func scratch(_ name: String) -> String { "/tmp/pgtest-\(getpid())-\(name)" }

    /// A connection of its own to the shared server.
    static func connect(
        _ change: (inout PostgresConfiguration) -> Void = { _ in }, events: Events = Events()
    ) async throws -> PostgresConnection {
        var configuration = PostgresConfiguration(
            connectionString: try await connectionString(), statementTimeout: .seconds(3600),
            connectTimeout: .seconds(3600))
        change(&configuration)
        return try connection(configuration, events)
    }

    static func connection(_ configuration: PostgresConfiguration, _ events: Events) throws -> PostgresConnection {
        PostgresConnection(configuration: configuration, loop: try EventLoop(label: "test"), observe: events.note)
    }

    /// A server that a test may kill; removed afterwards, whatever happens.
    static func own(
        _ name: String, _ body: (PostgresServer, String) async throws -> Void
    ) async throws {
        let directory = scratch(name)
        let server = PostgresServer(directory: directory, options: ["shared_buffers": "16MB"])
        defer {
            server.kill()
            try? Files.removeTree(directory)
        }
        try await body(server, directory)
    }
}

/// What a connection told, to be awaited.
final class Events: Sendable {
    private let stream: AsyncStream<PostgresEvent>
    private let continuation: AsyncStream<PostgresEvent>.Continuation
    private let all = Mutex<[PostgresEvent]>([])

    init() { (stream, continuation) = AsyncStream.makeStream() }

    @Sendable func note(_ event: PostgresEvent) {
        all.withLock { $0.append(event) }
        continuation.yield(event)
    }

    var seen: [PostgresEvent] { all.withLock(\.self) }

    /// The next one that fits; those before it are dropped.
    func next(where fits: (PostgresEvent) -> Bool) async -> PostgresEvent? {
        for await event in stream where fits(event) { return event }
        return nil
    }

    func connected() async {
        _ = await next { if case .connected = $0 { true } else { false } }
    }
}

/// The error that an operation throws; nil if none.
func failure<T>(_ operation: () async throws -> T) async -> PostgresError? {
    do {
        _ = try await operation()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension PostgresConnection {
    /// Retries while there is no session: what a caller does after a loss.
    func eventually(_ sql: String) async throws -> PostgresRows {
        while true {
            do throws(PostgresError) {
                return try await query(sql)
            } catch {
                guard error.kind == .unavailable || error.kind == .connectionLost else { throw error }
                await Task.yield()
            }
        }
    }
}
