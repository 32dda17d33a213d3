import Intake
import Logging
import Observability
import ServiceLifecycle
import Settings
import Store
import Synchronization

/// The daemon's listener, from the first request to the last one. It opens when all is ready, or before: when PostgreSQL
/// is away and somebody's messages can be kept meanwhile.
final class ListenerLifecycle: Sendable {
    let routes: CurrentRoutes
    private let listen: ListenAddress
    private let group: ServiceGroup
    private let (ports, opened) = AsyncThrowingStream.makeStream(of: Int.self, throwing: (any Error).self)
    private let running = Mutex<Running?>(nil)

    private struct Running {
        let task: Task<Void, any Error>
        var port: Int?
    }

    init(
        _ configuration: Configuration, routes: CurrentRoutes, pressure: IntakePressure,
        environment: [String: String], observe: Observer
    ) {
        self.routes = routes
        listen = configuration.listen
        var logger = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let passed = PassedSocket.descriptor(environment: environment)
        let service = Listener.service(
            to: routes,
            at: passed.map(Listener.Place.descriptor) ?? .address(host: listen.host, port: listen.port),
            connections: OpenFiles.connections(descriptors: OpenFiles.raise()), pressure: pressure, observe: observe,
            logger: logger, onRunning: { [opened] in opened.yield($0) })
        group = ServiceGroup(
            configuration: .init(services: [.init(service: service)], gracefulShutdownSignals: [], logger: logger))
    }

    /// Opens it, if it is not open already.
    /// - Returns: its port.
    /// - Throws: `ListenFailed`.
    func open() async throws -> Int {
        if let port = running.withLock({ $0?.port }) { return port }
        let task = Task { [group, opened] in
            do { try await group.run() } catch {
                opened.finish(throwing: error)
                throw error
            }
            opened.finish()
        }
        running.withLock { $0 = Running(task: task) }
        do {
            for try await port in ports {
                running.withLock { $0?.port = port }
                return port
            }
        } catch {
            throw ListenFailed(host: listen.host, port: listen.port, error: "\(error)")
        }
        throw CancellationError()
    }

    /// Takes no more connections; those that are open end with what they are at.
    func close() { Task { [group] in await group.triggerGracefulShutdown() } }

    /// Returns once the last connection has ended; cancelled, it ends them.
    func closed() async throws {
        guard let task = running.withLock({ $0?.task }) else { return }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}

/// The address could not be listened on.
public struct ListenFailed: Error, CustomStringConvertible {
    let host: String
    let port: Int
    let error: String
    public var description: String { "cannot listen on \(host):\(port): \(error)" }
}
