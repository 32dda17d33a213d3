internal import EventLoop

extension PostgresConnection {
    /// A session that lived shorter than this counts as a failed attempt: a server that takes connections and drops them
    /// at once is not hammered.
    private static let youngAge: Duration = .seconds(5)

    /// Waits for a first attempt; fails at once while later ones go on.
    func connected() async throws(PostgresError) {
        if case .fresh = link { startAttempt(1) }
        if case .connecting(attempt: 1) = link { await withCheckedContinuation { waitForAttempt($0) } }
        switch link {
        case .ready: return
        case .closed: throw PostgresError(.unavailable, "the connection was closed")
        case .fresh, .connecting, .waiting: throw PostgresError(.unavailable, lastFailure)
        }
    }

    private func waitForAttempt(_ waiter: CheckedContinuation<Void, Never>) {
        // It may have ended since (`Turn.takeOrWait`).
        if case .connecting(attempt: 1) = link { attemptWaiters.append(waiter) } else { waiter.resume() }
    }

    func startAttempt(_ attempt: Int) {
        link = .connecting(attempt: attempt)
        Task { await self.attempt(attempt) }
    }

    private func attempt(_ attempt: Int) async {
        do throws(PostgresError) {
            let session = try await establish()
            // Closed meanwhile: nothing is watched yet, and letting go ends the session.
            guard case .connecting = link else { return }
            generation += 1
            statements.removeAll()
            self.session = session
            try watch(session.socket, for: .read)
            try await setUp()
            guard case .connecting = link else { return }
            // It may have died between the server's answer and this line, when nobody was asking it anything.
            guard self.session != nil else { throw PostgresError(.connectionLost, lastFailure) }
            link = .ready
            readySince = .now
            observe(.connected(session.serverVersion))
        } catch {
            guard case .connecting = link else { return }
            dropSession()
            // One that took the connection and fell silent.
            if error.kind == .timeout { rotation += 1 }
            failed(attempt, error)
        }
        resumeAttemptWaiters()
    }

    /// libpq's dance, one step at a time: each may resolve a name, and may go on with another descriptor.
    private func establish() async throws(PostgresError) -> Session {
        let parameters = try ConnectionParameters(configuration, rotation: rotation)
        guard let session = await Blocking.run({ Session(starting: parameters.pairs) }) else {
            throw PostgresError(.unavailable, "no memory for a connection")
        }
        var destination: [String] = []
        var deadline = ContinuousClock.now + configuration.connectTimeout
        var step = session.isBroken ? Session.Step.failed : .waitForWrite
        while true {
            guard case .connecting = link else { throw PostgresError(.unavailable, "the connection was closed") }
            if session.destination != destination {
                destination = session.destination
                deadline = .now + configuration.connectTimeout
            }
            switch step {
            case .ready: return session
            case .failed: throw PostgresError(.unavailable, session.errorMessage)
            case .waitForRead, .waitForWrite:
                let interest: Readiness = step == .waitForRead ? .read : .write
                guard try await wait(for: session.socket, interest, until: deadline) else {
                    rotation += 1
                    throw PostgresError(.unavailable, "no answer within \(configuration.connectTimeout)")
                }
                step = await Blocking.run { session.poll() }
            }
        }
    }

    /// Watches the descriptor until it is ready, and no longer: the next step may close it.
    /// - Returns: false when the time is over, or the connection is being closed.
    private func wait(
        for descriptor: Int32, _ interest: Readiness, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Bool {
        var timer: LoopTimer?
        var failure: EventLoopError?
        let ready = await withCheckedContinuation { continuation in
            socketWaiter = continuation
            do throws(EventLoopError) {
                try loop.watch(descriptor, for: interest) { [weak self] _ in
                    self?.assumeIsolated { $0.resumeSocketWaiter(true) }
                }
            } catch {
                failure = error
                return resumeSocketWaiter(false)
            }
            timer = loop.after(deadline - .now) { [weak self] in
                self?.assumeIsolated { $0.resumeSocketWaiter(false) }
            }
        }
        if let failure { throw PostgresError(.unavailable, failure.description) }
        timer?.cancel()
        loop.unwatch(descriptor)
        return ready
    }

    private func resumeSocketWaiter(_ ready: Bool) {
        socketWaiter?.resume(returning: ready)
        socketWaiter = nil
    }

    /// The limits that hold for every statement. After connecting, not in the connection string: poolers refuse those.
    private func setUp() async throws(PostgresError) {
        let timeout = configuration.statementTimeout.milliseconds
        let settings = configuration.settings.sorted { $0.key < $1.key }.map { "set \($0.key) = \($0.value);" }
            .joined(separator: "\n")
        _ = try await runScript(
            """
            set statement_timeout = \(timeout);
            set idle_in_transaction_session_timeout = \(min(2 * timeout, Int(Int32.max)));
            \(settings)
            """, for: configuration.connectTimeout, in: generation)
    }

    func watch(_ descriptor: Int32, for interest: Readiness) throws(PostgresError) {
        let generation = generation
        do {
            try loop.watch(descriptor, for: interest) { [weak self] readiness in
                self?.assumeIsolated { $0.ready(readiness, generation: generation) }
            }
            socket = descriptor
        } catch { throw PostgresError(.unavailable, error.description) }
    }

    // MARK: Losing

    private func failed(_ attempt: Int, _ error: PostgresError) {
        failures = attempt
        lastFailure = error.message
        observe(.failed(error.message))
        pause()
    }

    /// The session is dead: whoever waits for an answer is told, and attempts begin.
    func lost(_ error: PostgresError) {
        guard session != nil else { return }
        let young = readySince.map { ContinuousClock.now - $0 < Self.youngAge } ?? true
        let connecting = if case .connecting = link { true } else { false }
        dropSession()
        lastFailure = error.message
        if !connecting {
            // While connecting, the attempt itself sees the failed exchange.
            observe(.lost(error.message))
            failures = young ? failures + 1 : 0
            if failures == 0 { startAttempt(1) } else { pause() }
        }
        finishExchange(failure: error)
    }

    private func pause() {
        var generator = SystemRandomNumberGenerator()
        let pause = configuration.backoff.pause(afterFailures: failures, using: &generator)
        observe(.connecting(attempt: failures, retryIn: pause))
        link = .waiting(
            loop.after(pause) { [weak self] in
                self?.assumeIsolated { $0.startAttempt($0.failures + 1) }
            })
    }

    private func dropSession() {
        if let socket { loop.unwatch(socket) }
        socket = nil
        session = nil
        readySince = nil
    }

    private func resumeAttemptWaiters() {
        let waiters = attemptWaiters
        attemptWaiters = []
        waiters.forEach { $0.resume() }
    }

    /// To `.closed`, from wherever it stands.
    func shutDown() {
        if case .waiting(let timer) = link { timer.cancel() }
        link = .closed
        isClosing = true
        dropSession()
        watchdog?.timer.cancel()
        watchdog = nil
        resumeSocketWaiter(false)
        resumeAttemptWaiters()
        let sent = exchange?.sent ?? false
        finishExchange(failure: PostgresError(.connectionLost, "the connection was closed", outcomeUnknown: sent))
    }
}
