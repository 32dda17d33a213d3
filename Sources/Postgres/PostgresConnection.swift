public import EventLoop

/// One session with PostgreSQL, made on first use and made again when it is lost.
///
/// Statements run one at a time, in the order they were asked for. Each distinct text is prepared once a session.
/// Waiting for a turn or for an answer does not end when the task is cancelled: the statement timeout bounds it, and an
/// answer left unread would belong to the next statement.
///
/// While there is no session a statement fails at once with `.unavailable`, except that the first attempt after birth or
/// after a long-lived session is waited for. A statement whose session dies fails with `.connectionLost`.
public actor PostgresConnection {
    /// Where the session stands.
    enum Link {
        /// Nothing was asked yet. Can transition to: .connecting on first use, .closed.
        case fresh
        /// Attempt number `attempt` in a row runs. Can transition to: .ready, .waiting when it fails, .closed.
        case connecting(attempt: Int)
        /// There is a session. Can transition to: .connecting or .waiting when it is lost, .closed.
        case ready
        /// Between two attempts. Can transition to: .connecting when the pause is over, .closed.
        case waiting(LoopTimer)
        /// For good.
        case closed
    }

    nonisolated let configuration: PostgresConfiguration
    nonisolated let loop: EventLoop
    nonisolated let observe: @Sendable (PostgresEvent) -> Void
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    // Connecting
    var link = Link.fresh
    var session: Session?
    /// The watched descriptor.
    var socket: Int32?
    /// Counts sessions, so that a transaction notices that its own is gone.
    var generation = 0
    var readySince: ContinuousClock.Instant?
    /// In a row, counting sessions that died young.
    var failures = 0
    var lastFailure = "not connected yet"
    /// Which host attempts begin with: moved on by each one that timed out.
    var rotation = 0
    var attemptWaiters: [CheckedContinuation<Void, Never>] = []
    var socketWaiter: CheckedContinuation<Bool, Never>?

    // Speaking
    var turn = Turn()
    var exchange: Exchange?
    var statements: StatementCache
    var watchdog: (timer: LoopTimer, due: ContinuousClock.Instant)?

    // Transactions
    var transactionTurn = Turn()
    /// Counts transactions; the one that runs, if any.
    var transactions = 0
    var openTransaction: OpenTransaction?

    // Closing
    var isClosing = false
    var closeWaiters: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - loop: where the session lives; several connections may share it.
    ///   - observe: called on the loop's queue; it must not block.
    public init(
        configuration: PostgresConfiguration, loop: EventLoop, observe: @escaping @Sendable (PostgresEvent) -> Void
    ) {
        self.configuration = configuration
        self.loop = loop
        self.observe = observe
        statements = StatementCache(capacity: configuration.preparedStatements)
    }

    deinit {
        // Handlers hold no reference to the actor, so that it may go without `close()`; the descriptor must leave the
        // epoll set before `PQfinish` closes it.
        guard let socket, let session else { return }
        let loop = loop
        loop.executor.queue.async { withExtendedLifetime(session) { loop.unwatch(socket) } }
    }

    public var isConnected: Bool {
        if case .ready = link { true } else { false }
    }

    /// Runs one statement; `$1`, `$2`... take the parameters.
    public func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws(PostgresError) -> PostgresRows {
        try await startTurn()
        defer { endTurn() }
        try await connected()
        return try await run(sql, parameters, in: generation)
    }

    /// Runs several statements separated by semicolons, without parameters and results; for migrations.
    ///
    /// Unless the text says otherwise they are one transaction. Each has the statement timeout, which the text may
    /// change with `set local statement_timeout`; the whole has twenty times that.
    public func script(_ sql: String) async throws(PostgresError) {
        try await startTurn()
        defer { endTurn() }
        try await connected()
        _ = try await runScript(sql, for: configuration.statementTimeout * 20, in: generation)
    }

    /// Ends the session. Statements that were asked for before may finish within the grace; then they are cancelled.
    public func close() async {
        if case .closed = link { return }
        isClosing = true
        if turn.taken, isConnected {
            let grace = loop.after(configuration.closeGrace) { [weak self] in
                self?.assumeIsolated { $0.cancelRunning() }
            }
            let end = loop.after(configuration.closeGrace + configuration.cancelGrace) { [weak self] in
                self?.assumeIsolated { $0.finishClosing() }
            }
            await withCheckedContinuation { waitForQuiet($0) }
            grace.cancel()
            end.cancel()
        }
        finishClosing()
    }

    // MARK: Turns

    func startTurn() async throws(PostgresError) {
        guard !isClosing else { throw PostgresError(.unavailable, "the connection was closed") }
        if let open = openTransaction, open.id == PostgresTransaction.current {
            throw PostgresError(.usage, "inside a transaction, ask the transaction: the connection waits for it to end")
        }
        if !turn.take() { await withCheckedContinuation { turn.takeOrWait($0) } }
    }

    func endTurn() {
        turn.pass()
        if isClosing, !turn.taken { resumeCloseWaiters() }
    }

    private func waitForQuiet(_ waiter: CheckedContinuation<Void, Never>) {
        if turn.taken { closeWaiters.append(waiter) } else { waiter.resume() }
    }

    private func cancelRunning() {
        guard exchange != nil, let cancel = session?.canceller() else { return }
        Task { await Blocking.run(cancel) }
    }

    private func finishClosing() {
        if case .closed = link { return }
        shutDown()
        resumeCloseWaiters()
    }

    private func resumeCloseWaiters() {
        let waiters = closeWaiters
        closeWaiters = []
        waiters.forEach { $0.resume() }
    }
}
