import Sandbox

/// Runs `body` beside a sandbox of its own on free ports, and stops it whatever happens.
package func withSandbox<Value: Sendable>(
    _ change: (inout SandboxOptions) -> Void = { _ in }, _ body: @Sendable (SandboxPorts) async throws -> Value
) async throws -> Value {
    var options = SandboxOptions()
    options.httpPort = 0
    options.smtpPort = 0
    change(&options)
    let sandbox = Sandbox(options: options)
    let (ready, continuation) = AsyncStream<SandboxPorts>.makeStream()
    let running = Task {
        defer { continuation.finish() }
        try await sandbox.run { continuation.yield($0) }
    }
    var iterator = ready.makeAsyncIterator()
    guard let ports = await iterator.next() else {
        try await running.value
        throw CancellationError()
    }
    let result: Result<Value, any Error>
    do { result = .success(try await body(ports)) } catch { result = .failure(error) }
    running.cancel()
    try await running.value
    return try result.get()
}
