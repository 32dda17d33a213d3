internal import EventLoop

/// One libcurl multi handle on one event loop.
actor TransferEngine {
    nonisolated let loop: EventLoop
    nonisolated let stop: StopFlag
    let multi: MultiHandle
    let handlers: Handlers
    private var running: [ObjectIdentifier: EasyHandle] = [:]
    private var free: [EasyHandle] = []
    /// When libcurl wants to be called, and what Dispatch timer is pending for it. The timer may be early: moving it
    /// for each of thousands of transfers costs more than waking once in vain.
    private var deadline: ContinuousClock.Instant?
    private var pending: (timer: LoopTimer, at: ContinuousClock.Instant)?
    private(set) var isClosed = false
    /// What a `.mailbox` or `.mailServer` job has left.
    var connection: KeptConnection?
    /// What is said over it, if it leads to a mail server.
    var session: MailSession?
    var exchanges = 0

    /// Wide enough for bursts, small enough to forget a burst's memory.
    private static let maximumFree = 64
    /// How often libcurl may ask for "at once" before others on the queue get their turn.
    private static let maximumRounds = 32

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// - Parameter shared: a loop to live on; otherwise one of its own.
    init(label: String, connectionsPerHost: Int, totalConnections: Int, on shared: EventLoop? = nil)
        throws(TransferError)
    {
        let handlers = Handlers()
        do throws(EventLoopError) {
            loop = if let shared { shared } else { try EventLoop(label: label) }
        } catch {
            throw .local("\(error)")
        }
        multi = try MultiHandle(
            loop: loop, connectionsPerHost: connectionsPerHost, totalConnections: totalConnections
        ) { handlers.ready($0, $1) }
        stop = multi.stop
        self.handlers = handlers
    }

    /// Does `job`, which one of these ends: libcurl, the task's cancellation, `close`.
    func perform(_ job: TransferJob) async throws(TransferError) -> TransferOutcome {
        let flag = StopFlag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { start(job, flag, $0) }
        } onCancel: {
            flag.raise()
            Task { await cancel(ObjectIdentifier(flag)) }
        }
        return try result.get()
    }

    /// Ends what is in flight with `.cancelled`, closes the connections.
    nonisolated func close() async {
        stop.raise()
        await closeNow()
    }

    /// For tests: what is open, what is watched.
    var descriptors: (open: Int, watched: Int) { (multi.sockets.count, multi.watched.count) }

    private func closeNow() {
        guard !isClosed else { return }
        isClosed = true
        for id in Array(running.keys) { cancel(id) }
        hangUp()
        free = []
        multi.close()
        pending?.timer.cancel()
        pending = nil
        deadline = nil
    }

    private func start(
        _ job: TransferJob, _ flag: StopFlag, _ continuation: CheckedContinuation<TransferResult, Never>
    ) {
        guard !isClosed, !Task.isCancelled else {
            continuation.resume(returning: .failure(.cancelled()))
            return
        }
        handlers.attach(self)
        do throws(TransferError) {
            let easy = try prepared(job, flag)
            easy.continuation = continuation
            running[ObjectIdentifier(flag)] = easy
        } catch {
            continuation.resume(returning: .failure(error))
        }
        settle()
    }

    private func prepared(_ job: TransferJob, _ flag: StopFlag) throws(TransferError) -> EasyHandle {
        let easy = if let used = free.popLast() { used } else { try EasyHandle(multi: multi) }
        do throws(TransferError) {
            try easy.prepare(job, stop: flag)
            try multi.add(easy)
            return easy
        } catch {
            recycle(easy)
            throw error
        }
    }

    private func cancel(_ id: ObjectIdentifier) {
        guard let easy = running[id] else { return }  // ended in the meantime
        let error = TransferError.cancelled(requestSent: easy.wasSent)
        multi.remove(easy)
        finish(easy, .failure(error))
        settle()
    }

    private func finish(_ easy: EasyHandle, _ result: TransferResult) {
        if let stop = easy.stop { running[ObjectIdentifier(stop)] = nil }
        let isKept = if case .success(.connected) = result { true } else { false }
        if isKept { connection = KeptConnection(easy: easy) }
        easy.continuation?.resume(returning: result)
        easy.continuation = nil
        if !isKept { recycle(easy) }
    }

    private func recycle(_ easy: EasyHandle) {
        easy.reset()
        if free.count < Self.maximumFree { free.append(easy) }
    }
}

extension TransferEngine {
    fileprivate func ready(_ socket: Int32, _ readiness: Readiness) {
        guard !isClosed else { return }
        multi.act(on: socket, readiness)
        settle()
    }

    fileprivate func timerFired() {
        pending = nil
        guard !isClosed, let deadline else { return }
        guard ContinuousClock.now >= deadline else { return arm() }
        self.deadline = nil
        multi.actOnTimeout()
        settle()
    }

    /// After every call into libcurl: hands out what has ended and does what libcurl's callbacks asked for.
    private func settle() {
        var rounds = 0
        while !isClosed {
            while let (easy, result) = multi.nextDone() { finish(easy, result) }
            guard let milliseconds = multi.takeTimeout() else { return }
            if milliseconds == 0, rounds < Self.maximumRounds {
                rounds += 1
                deadline = nil
                multi.actOnTimeout()
            } else {
                deadline = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
                arm()
            }
        }
    }

    private func arm() {
        guard let deadline else { return }
        if let pending {
            guard pending.at > deadline else { return }
            pending.timer.cancel()
        }
        let handlers = handlers
        pending = (loop.after(deadline - .now) { handlers.timer() }, deadline)
    }
}

/// The way from the loop's handlers back to the engine, which they must not keep alive.
final class Handlers: @unchecked Sendable {  // touched on the engine's queue only
    private(set) weak var engine: TransferEngine?

    func attach(_ engine: TransferEngine) {
        if self.engine == nil { self.engine = engine }
    }

    func ready(_ socket: Int32, _ readiness: Readiness) {
        engine?.assumeIsolated { $0.ready(socket, readiness) }
    }

    func timer() {
        engine?.assumeIsolated { $0.timerFired() }
    }
}
