import EventLoop
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

    /// Waits until no notification is owed any more, so that what is measured next has the machine to itself.
    /// - Returns: how long that took, seconds, to a tenth.
    public func settled() async throws -> Double {
        let connection = PostgresConnection(
            configuration: PostgresConfiguration(
                connectionString: connectionString, applicationName: "pasquino-bench"),
            loop: try EventLoop(label: "pasquino.bench.settled"), observe: { _ in })
        let start = ContinuousClock.now
        do {
            while try await connection.query(
                """
                select 1 where exists (
                    select from notification where status in ('waiting', 'sending') and owner is null)
                or exists (select from notification where status in ('waiting', 'sending') and owner is not null)
                """
            ).first != nil {
                try await Task.sleep(for: .milliseconds(100))
            }
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
        return Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
    }
}
