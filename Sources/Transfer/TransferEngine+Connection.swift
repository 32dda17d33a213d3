internal import EventLoop

/// The connection that a `.mailbox` job made, and who waits for it.
struct KeptConnection {
    let easy: EasyHandle
    var waiter: Waiter?
    var waits = 0
    var areSoftWaitsEnded = false

    struct Waiter {
        let id: Int
        let isSoft: Bool
        let continuation: CheckedContinuation<Wake, Never>
        let timer: LoopTimer
    }

    enum Wake { case ready, late, cancelled }
}

/// Moving bytes over the kept connection. One call at a time.
extension TransferEngine {
    /// The next bytes, at least one.
    /// - Parameter isSoft: whether `endSoftWaits` ends the wait with `.timeout`.
    /// - Throws: `.connect` when the connection is over, `.timeout`, `.cancelled`.
    func receive(by deadline: ContinuousClock.Instant, isSoft: Bool = false) async throws(TransferError) -> [UInt8] {
        while true {
            if case .bytes(let bytes) = try keptHandle().receive() { return bytes }
            try await wait(.read, by: deadline, isSoft: isSoft)
        }
    }

    /// Returns when the kernel has taken all of `bytes`.
    func transmit(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) async throws(TransferError) {
        let easy = try keptHandle()
        easy.outgoing = bytes
        easy.outgoingOffset = 0
        while try !keptHandle().transmit() { try await wait(.write, by: deadline, isSoft: false) }
    }

    /// Ends soft waits, the one under way and those to come, until they are allowed again.
    func endSoftWaits() {
        connection?.areSoftWaitsEnded = true
        if let waiter = connection?.waiter, waiter.isSoft { endWait(waiter.id, .late) }
    }

    func allowSoftWaits() { connection?.areSoftWaitsEnded = false }

    /// Closes the connection without a word to the server.
    func dropConnection() {
        guard let kept = connection else { return }
        endWait(kept.waiter?.id ?? 0, .cancelled)
        connection = nil
        multi.unwatch(kept.easy)
        multi.remove(kept.easy)
    }

    private func keptHandle() throws(TransferError) -> EasyHandle {
        guard let easy = connection?.easy, !Task.isCancelled else { throw .cancelled(requestSent: true) }
        return easy
    }

    private func wait(_ interest: Readiness, by deadline: ContinuousClock.Instant, isSoft: Bool)
        async throws(TransferError)
    {
        connection?.waits += 1
        let id = connection?.waits ?? 0
        let handlers = handlers
        let wake = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(id, interest, deadline, isSoft, continuation, handlers)
            }
        } onCancel: {
            Task { await endWait(id, .cancelled) }
        }
        switch wake {
        case .ready: return
        case .late:
            throw connection?.easy.error(.timeout, "the server is silent", sent: true) ?? .cancelled(requestSent: true)
        case .cancelled: throw .cancelled(requestSent: true)
        }
    }

    private func begin(
        _ id: Int, _ interest: Readiness, _ deadline: ContinuousClock.Instant, _ isSoft: Bool,
        _ continuation: CheckedContinuation<KeptConnection.Wake, Never>, _ handlers: Handlers
    ) {
        guard let kept = connection, !Task.isCancelled else { return continuation.resume(returning: .cancelled) }
        if isSoft, kept.areSoftWaitsEnded { return continuation.resume(returning: .late) }
        do throws(TransferError) {
            try multi.watch(kept.easy, for: interest) { handlers.endWait(id, .ready) }
        } catch {
            // The kernel is short of something: as good as a lost connection.
            return continuation.resume(returning: .late)
        }
        let timer = loop.after(deadline - .now) { handlers.endWait(id, .late) }
        connection?.waiter = KeptConnection.Waiter(id: id, isSoft: isSoft, continuation: continuation, timer: timer)
    }

    /// Ends the wait of that number; one that has ended already is left alone.
    fileprivate func endWait(_ id: Int, _ wake: KeptConnection.Wake) {
        guard let kept = connection, let waiter = kept.waiter, waiter.id == id else { return }
        connection?.waiter = nil
        multi.unwatch(kept.easy)
        waiter.timer.cancel()
        waiter.continuation.resume(returning: wake)
    }
}

extension Handlers {
    fileprivate func endWait(_ id: Int, _ wake: KeptConnection.Wake) {
        engine?.assumeIsolated { $0.endWait(id, wake) }
    }
}
