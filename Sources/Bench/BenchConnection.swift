import EventLoop
import Postgres

/// Runs `body` on a connection of its own, of which a statement may take a day: filling in years takes long.
func withConnection<Value: Sendable>(
    to connectionString: String, _ body: (PostgresConnection) async throws -> Value
) async throws -> Value {
    let connection = PostgresConnection(
        configuration: PostgresConfiguration(
            connectionString: connectionString, applicationName: "pasquino-bench",
            statementTimeout: .seconds(24 * 3600)),
        loop: try EventLoop(label: "pasquino.bench"), observe: { _ in })
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
    }
}
