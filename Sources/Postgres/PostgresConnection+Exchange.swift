internal import Boundaries
internal import EventLoop

/// A question to the server whose answer is awaited.
struct Exchange {
    let continuation: CheckedContinuation<Result<QueryResult?, PostgresError>, Never>
    let deadline: ContinuousClock.Instant
    /// Whether the kernel has all of it: what was sent in part cannot have taken effect.
    var sent = false
    var result: QueryResult?
    var error: PostgresError?
}

extension PostgresConnection {
    // MARK: Statements

    /// Prepares if need be, and runs.
    ///
    /// - Parameter generation: of the session that is meant; if another took its place between two steps, nothing is sent.
    func run(
        _ sql: String, _ values: [PostgresValue], in generation: Int
    ) async throws(PostgresError) -> PostgresRows {
        let parameters = try EncodedParameters(values)
        var retried = false
        while true {
            let name = try await prepared(sql, parameters.types, in: generation)
            do throws(PostgresError) {
                return try await execute(name, parameters, in: generation)
            } catch {
                // The table has changed under the statement (0A000), or somebody discarded it (26000): nothing was
                // done. Outside a transaction it is prepared again, once.
                guard error.sqlstate == "26000" || (error.sqlstate == "0A000" && error.message.contains("cached plan"))
                else { throw error }
                statements.forget(sql, name: name)
                if retried || openTransaction != nil { throw error }
                retried = true
            }
        }
    }

    private func prepared(
        _ sql: String, _ types: [UInt32], in generation: Int
    ) async throws(PostgresError) -> String {
        if let name = statements.find(sql, types) { return name }
        guard !sql.utf8.contains(0) else { throw PostgresError(.usage, "the statement holds U+0000") }
        let name = statements.newName()
        do throws(PostgresError) {
            _ = try await ask(for: configuration.statementTimeout, in: generation) {
                $0.send(prepare: sql, as: name, types: types)
            }
        } catch { throw error.withKnownOutcome }  // nothing was asked for yet
        // The names of one session mean nothing in the next.
        guard generation == self.generation else { throw PostgresError(.connectionLost, lastFailure) }
        if let evicted = statements.insert(sql, types, name: name) {
            do throws(PostgresError) {
                _ = try await runScript("deallocate \(evicted)", in: generation)
            } catch { throw error.withKnownOutcome }
        }
        return name
    }

    private func execute(
        _ name: String, _ parameters: EncodedParameters, in generation: Int
    ) async throws(PostgresError) -> PostgresRows {
        let result = try await ask(for: configuration.statementTimeout, in: generation) {
            let isSent = $0.send(execute: name, parameters)
            Boundary.statementSent()
            return isSent
        }
        guard let result else { throw PostgresError(.connectionLost, "no answer", outcomeUnknown: true) }
        return PostgresRows(result)
    }

    /// - Parameter patience: how long the whole may take; if nil, as long as a statement.
    @discardableResult
    func runScript(
        _ sql: String, for patience: Duration? = nil, in generation: Int
    ) async throws(PostgresError) -> QueryResult? {
        guard !sql.utf8.contains(0) else { throw PostgresError(.usage, "the script holds U+0000") }
        return try await ask(for: patience ?? configuration.statementTimeout, in: generation) {
            let isSent = $0.send(script: sql)
            Boundary.statementSent()
            return isSent
        }
    }

    // MARK: Exchange

    /// Sends, and waits for the last of the answers. Only the holder of the turn may ask.
    private func ask(
        for patience: Duration, in generation: Int, _ send: (Session) -> Bool
    ) async throws(PostgresError) -> QueryResult? {
        // All in one step: an answer that came before it is waited for would be nobody's.
        let answer = await withCheckedContinuation { begin($0, for: patience, in: generation, send) }
        return try answer.get()
    }

    private func begin(
        _ continuation: CheckedContinuation<Result<QueryResult?, PostgresError>, Never>, for patience: Duration,
        in generation: Int, _ send: (Session) -> Bool
    ) {
        guard let session, generation == self.generation else {
            return continuation.resume(returning: .failure(PostgresError(.connectionLost, lastFailure)))
        }
        guard send(session) else {
            let error = PostgresError(.connectionLost, session.errorMessage)
            lost(error)
            return continuation.resume(returning: .failure(error))
        }
        let deadline = ContinuousClock.now + patience + configuration.silenceAllowance
        exchange = Exchange(continuation: continuation, deadline: deadline)
        setWatchdog(deadline)
        flush(session)
    }

    /// Hands what is left to the kernel, and watches for room only while there is a rest.
    private func flush(_ session: Session) {
        switch session.flush() {
        case .all:
            exchange?.sent = true
        case .some:
            do throws(PostgresError) { try watch(session.socket, for: [.read, .write]) } catch { lost(error) }
        case .failed:
            // What the server said before it went is still to be read.
            read(session)
        }
    }

    /// The descriptor is ready, or hung up; this may be its last report, so everything is taken.
    func ready(_ readiness: Readiness, generation: Int) {
        guard generation == self.generation, let session else { return }
        if !readiness.isDisjoint(with: [.read, .closed]) { read(session) }
        guard self.session === session, readiness.contains(.write) else { return }
        if exchange?.sent == false { flush(session) }
        guard self.session === session else { return }
        if exchange?.sent != false {
            do throws(PostgresError) { try watch(session.socket, for: .read) } catch { lost(error) }
        }
    }

    private func read(_ session: Session) {
        let alive = session.receive()
        guard exchange != nil else {
            session.discardNotifications()
            if !alive || session.isBroken { lost(PostgresError(.connectionLost, session.errorMessage)) }
            return
        }
        while let answer = takeAnswer(session) {
            guard answer else { return }
        }
        if !alive || session.isBroken { lostWhileAsking(session) }
    }

    /// - Returns: nil when there is nothing more to take now, false when the exchange is over.
    private func takeAnswer(_ session: Session) -> Bool? {
        switch session.next() {
        case .nothing: return nil
        case .copy:
            // There is no way back but to leave: the session now speaks another protocol.
            lost(PostgresError(.usage, "COPY from or to the client is not supported"))
            return false
        case .result(let result):
            if result.outcome == .failed {
                exchange?.error = result.error
                if result.isFatal || session.isBroken {
                    lostWhileAsking(session)
                    return false
                }
            } else {
                exchange?.result = result
            }
            return true
        case .end:
            if session.isBroken { lostWhileAsking(session) } else { finishExchange(failure: nil) }
            return false
        }
    }

    private func lostWhileAsking(_ session: Session) {
        let message =
            switch exchange?.error {
            case let error? where error.sqlstate != nil: "\(error.message) (\(error.sqlstate ?? ""))"
            case let error?: error.message
            case nil: session.errorMessage
            }
        // While connecting there is nothing whose outcome could be in doubt.
        lost(PostgresError(.connectionLost, message, outcomeUnknown: exchange?.sent ?? false))
    }

    /// - Parameter failure: nil when the server has answered.
    func finishExchange(failure: PostgresError?) {
        guard let exchange else { return }
        self.exchange = nil
        if let error = failure ?? exchange.error {
            exchange.continuation.resume(returning: .failure(error))
        } else {
            exchange.continuation.resume(returning: .success(exchange.result))
        }
    }

    // MARK: Deadline

    /// One timer, however many statements: it looks whether the current one is late, and sleeps on if not. One that may take
    /// less time than those before it has the timer set anew.
    private func setWatchdog(_ due: ContinuousClock.Instant) {
        if let watchdog {
            guard due < watchdog.due else { return }
            watchdog.timer.cancel()
        }
        let timer = loop.after(due - .now) { [weak self] in self?.assumeIsolated { $0.watchdogFired() } }
        watchdog = (timer, due)
    }

    private func watchdogFired() {
        watchdog = nil
        guard let exchange else { return }
        if exchange.deadline > .now { return setWatchdog(exchange.deadline) }
        lost(PostgresError(.timeout, "the server fell silent; the session was dropped", outcomeUnknown: exchange.sent))
    }
}
