public import EventLoop
internal import Synchronization

/// Several sessions with one database; each statement or transaction goes to the least busy one that is up.
public final class PostgresPool: Sendable {
    private let connections: [PostgresConnection]
    private let load: Load

    /// More loops than this do not help: libpq's work is small beside the server's.
    private static let mostLoops = 4

    /// Opens nothing yet: each session is made on first use.
    /// - Parameters:
    ///   - size: how many sessions, at least 1.
    ///   - label: names the loops' queues, for debuggers.
    ///   - observe: called for each session's events, on its loop's queue; it must not block.
    /// - Throws: `EventLoopError` if the kernel refuses.
    public init(
        configuration: PostgresConfiguration, size: Int, label: String,
        observe: @escaping @Sendable (PostgresEvent) -> Void
    ) throws(EventLoopError) {
        let size = max(1, size)
        var loops: [EventLoop] = []
        for number in 0..<min(size, Self.mostLoops) { loops.append(try EventLoop(label: "\(label).\(number)")) }
        let load = Load(size: size)
        self.load = load
        connections = (0..<size).map { index in
            PostgresConnection(configuration: configuration, loop: loops[index % loops.count]) { event in
                load.note(event, of: index)
                observe(event)
            }
        }
    }

    /// As `PostgresConnection.query`. A session that is down is passed over while another is up.
    public func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws(PostgresError) -> PostgresRows {
        var tried: Set<Int> = []
        while true {
            let index = load.take(except: tried)
            defer { load.give(index) }
            do throws(PostgresError) {
                let connection = connections[index]
                // All that awaits the answer runs on the connection's loop, and the caller's executor only gets the rows.
                return try await withTaskExecutorPreference(connection.loop.taskExecutor) {
                    () async throws(PostgresError) in try await connection.query(sql, parameters)
                }
            } catch {
                // Not sent: another session may have more luck.
                tried.insert(index)
                guard error.kind == .unavailable, load.isAnotherUp(except: tried) else { throw error }
            }
        }
    }

    /// As `PostgresConnection.transaction`.
    public func transaction<T: Sendable>(
        _ body: @Sendable (PostgresTransaction) async throws -> T
    ) async throws -> T {
        let index = load.take(except: [])
        defer { load.give(index) }
        let connection = connections[index]
        return try await withTaskExecutorPreference(connection.loop.taskExecutor) {
            try await connection.transaction(body)
        }
    }

    /// How many sessions there are now.
    public var connected: Int { load.up }

    /// Closes all sessions together; see `PostgresConnection.close`.
    public func close() async {
        await withTaskGroup { group in
            for connection in connections { group.addTask { await connection.close() } }
        }
    }
}

/// Who is busy, and who is down.
private final class Load: Sendable {
    private enum State { case unknown, up, down }
    private struct Place {
        var busy = 0
        var state = State.unknown
    }
    private let places: Mutex<[Place]>

    init(size: Int) { places = Mutex(Array(repeating: Place(), count: size)) }

    var up: Int { places.withLock { $0.count { $0.state == .up } } }

    func isAnotherUp(except tried: Set<Int>) -> Bool {
        places.withLock { places in places.indices.contains { places[$0].state == .up && !tried.contains($0) } }
    }

    /// The least busy one that is not down and not among `tried`; of equals the first, whose caches are warm.
    func take(except tried: Set<Int>) -> Int {
        places.withLock { places in
            func rank(_ index: Int) -> (Int, Int) {
                (places[index].state == .down || tried.contains(index) ? 1 : 0, places[index].busy)
            }
            let best = places.indices.min { rank($0) < rank($1) } ?? 0
            places[best].busy += 1
            return best
        }
    }

    func give(_ index: Int) { places.withLock { $0[index].busy -= 1 } }

    func note(_ event: PostgresEvent, of index: Int) {
        places.withLock {
            switch event {
            case .connected: $0[index].state = .up
            case .lost, .failed, .connecting: $0[index].state = .down
            }
        }
    }
}
