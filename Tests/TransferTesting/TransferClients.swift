import Transfer

/// Runs `body` with a client and closes it, whatever happens.
package func withClient<Value: Sendable>(
    connectionsPerHost: Int = 4, _ body: (TransferClient) async throws -> Value
) async throws -> Value {
    let client = try TransferClient(label: "test", connectionsPerHost: connectionsPerHost)
    do {
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}
