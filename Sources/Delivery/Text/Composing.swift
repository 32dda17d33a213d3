/// What a notification says is put together on a thread of the pool: all connections wait for the loop, and it for none.
enum Composing {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        // Detached, for a child of the attempt would prefer the attempt's executor, which is the loop.
        try await Task.detached { try body() }.value
    }
}
