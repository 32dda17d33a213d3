public import EventLoop

/// HTTP requests and mail submissions over kept connections.
///
/// All on one event loop. HTTP: one libcurl multi handle, any number of requests at a time. Mail: each in flight has a
/// lane, a connection that libcurl makes (TCP, TLS, login) and that is kept; what is said then is ours (`MailTransaction`).
/// Nothing waits in place: a slow server holds up nobody else.
///
/// Environment proxies and `.netrc` are ignored, redirects are not followed, connections idle for a minute are not
/// used again. Call `close` before dropping a client: connections are not closed by `deinit`.
public actor TransferClient {
    private nonisolated let http: TransferEngine
    private nonisolated let label: String
    private var lanes: MailLanes
    private var lanesMade = 0
    private var isClosed = false

    /// The HTTP engine's: a request costs no hop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { http.unownedExecutor }

    /// - Parameters:
    ///   - connectionsPerHost: HTTP connections to one host, and mails submitted at a time; more wait their turn.
    ///   - totalConnections: HTTP connections altogether.
    ///   - shared: a loop to live on, so that actors that live there, too, ask without a hop; otherwise one of its own.
    /// - Throws: `TransferError` if libcurl or the kernel refuse to start.
    public init(label: String, connectionsPerHost: Int = 4, totalConnections: Int = 32, on shared: EventLoop? = nil)
        throws
    {
        self.label = label
        lanes = MailLanes(limit: max(1, connectionsPerHost))
        http = try TransferEngine(
            label: label + ".http", connectionsPerHost: max(1, connectionsPerHost),
            totalConnections: max(1, totalConnections), on: shared)
    }

    /// libcurl's version, such as `7.88.1`.
    public static var libraryVersion: String { CurlLibrary.version }

    /// Sends `request` and returns the answer, whatever its status. A request with a body that was sent is never
    /// repeated behind the caller's back.
    public func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        guard case .http(let response) = try await http.perform(.http(request)) else {
            throw .local("an HTTP request was answered by a connection")
        }
        return response
    }

    /// Hands `mail` to its server. Returns once the server has taken it over.
    ///
    /// The timeout starts when a lane is free. Cancelling never delivers half a mail.
    public func submit(_ mail: MailSubmission) async throws(TransferError) -> MailReceipt {
        try mail.check()
        let lane = try await lane(for: mail.route)
        defer { lanes.giveBack(lane) }
        return try await lane.engine.deliver(mail)
    }

    /// Ends what is in flight with `.cancelled` and closes all connections. Waits for nobody. Later calls fail with
    /// `.cancelled`.
    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        let engines = [http] + lanes.close()
        for engine in engines { engine.stop.raise() }
        for engine in engines { await engine.close() }
    }

    /// For tests: what the HTTP engine and all lanes hold open and watch.
    var descriptors: (open: Int, watched: Int) {
        get async {
            var sum = await http.descriptors
            for engine in lanes.engines {
                let more = await engine.descriptors
                sum = (sum.open + more.open, sum.watched + more.watched)
            }
            return sum
        }
    }

    private func lane(for route: MailRoute) async throws(TransferError) -> MailLane {
        guard !isClosed else { throw .cancelled() }
        var grant = lanes.take(route)
        if case .wait = grant {
            guard let late = await waitForLane(to: route) else { throw .cancelled() }
            grant = late
        }
        switch grant {
        case .lane(let lane) where lane.route == route: return lane
        case .lane(let other), .remake(let other): return try await remake(other, route)
        case .make, .wait: return try make(route)
        }
    }

    /// A lane serves one route for life, so that a mail that requires TLS can never meet a plain connection.
    private func remake(_ old: MailLane, _ route: MailRoute) async throws(TransferError) -> MailLane {
        await old.engine.close()
        lanes.drop(old)
        guard !isClosed else { throw .cancelled() }
        return try make(route)
    }

    private func make(_ route: MailRoute) throws(TransferError) -> MailLane {
        lanesMade += 1
        do throws(TransferError) {
            let engine = try TransferEngine(
                label: "\(label).mail-\(lanesMade)", connectionsPerHost: 1, totalConnections: 1, on: http.loop)
            let lane = MailLane(route: route, engine: engine)
            lanes.made(lane)
            return lane
        } catch {
            lanes.notMade()
            throw error
        }
    }

    private func waitForLane(to route: MailRoute) async -> MailLanes.Grant? {
        let id = lanes.newWaiter()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { lanes.wait(id, for: route, $0, isCancelled: Task.isCancelled) }
        } onCancel: {
            Task { await stopWaiting(id) }
        }
    }

    private func stopWaiting(_ id: Int) { lanes.stopWaiting(id) }
}
