import Postgres

/// The private PostgreSQL of the daemon under load, seen from outside.
public struct EmbeddedServer {
    private let server: PostgresServer

    public init(directory: String) { server = PostgresServer(directory: directory) }

    public var connectionString: String { server.connectionString }

    /// Of the postmaster and its backends.
    public var usage: ProcessUsage {
        server.processID.map { ProcessUsage(pid: $0, children: true) } ?? ProcessUsage(pid: 0, children: false)
    }

    public func program(_ name: String) throws -> String { "\(try server.programs)/\(name)" }
}
