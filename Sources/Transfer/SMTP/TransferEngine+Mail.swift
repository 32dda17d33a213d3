internal import EventLoop

/// One mail under way over a kept connection. Touched on the engine's queue only.
final class MailExchange {
    enum End: Sendable {
        case taken(MailReceipt)
        case failed(TransferError)
        /// The server had closed the connection before it heard of this mail.
        case stale
    }

    let id: Int
    let mail: MailSubmission
    let isReused: Bool
    var deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<End, Never>
    var transaction: MailTransaction
    var replies = SMTPReplies()
    var hasReply = false
    var watched: Readiness = []

    init(
        id: Int, mail: MailSubmission, isReused: Bool, deadline: ContinuousClock.Instant,
        transaction: MailTransaction, continuation: CheckedContinuation<End, Never>
    ) {
        self.id = id
        self.mail = mail
        self.isReused = isReused
        self.deadline = deadline
        self.transaction = transaction
        self.continuation = continuation
    }
}

/// Mails, one after the other, over a connection that libcurl made. libcurl would send them, too, but waits for the
/// answer to the final dot in place (`smtp_done` in lib/smtp.c), and everybody else on its thread with it.
extension TransferEngine {
    /// A server that has not heard of us for a minute may be about to hang up.
    private static let longestRest = Duration.seconds(60)

    /// One at a time.
    func deliver(_ mail: MailSubmission) async throws(TransferError) -> MailReceipt {
        let deadline = ContinuousClock.now + mail.timeout
        if let rest = session?.since, ContinuousClock.now - rest > Self.longestRest { hangUp() }
        while true {
            let isReused = connection != nil
            if !isReused {
                session = nil
                _ = try await perform(.mailServer(mail))
            }
            switch await exchange(mail, isReused, deadline) {
            case .taken(let receipt): return receipt
            case .failed(let error): throw error
            case .stale: continue
            }
        }
    }

    /// Parts in peace, if nothing is under way, and closes the connection.
    func hangUp() {
        if let session, session.exchange == nil, let easy = connection?.easy {
            easy.outgoing = Array("QUIT\r\n".utf8)
            easy.outgoingOffset = 0
            _ = try? easy.transmit()  // whoever has closed already need not hear it
        }
        if let exchange = session?.exchange { end(exchange, .failed(.cancelled(requestSent: isTextSent(exchange)))) }
        session?.timer?.pending.cancel()
        session = nil
        dropConnection()
    }

    private func exchange(
        _ mail: MailSubmission, _ isReused: Bool, _ deadline: ContinuousClock.Instant
    ) async -> MailExchange.End {
        exchanges += 1
        let id = exchanges
        return await withTaskCancellationHandler {
            await withCheckedContinuation { begin(id, mail, isReused, deadline, $0) }
        } onCancel: {
            Task { await cancel(exchange: id) }
        }
    }

    private func begin(
        _ id: Int, _ mail: MailSubmission, _ isReused: Bool, _ deadline: ContinuousClock.Instant,
        _ continuation: CheckedContinuation<MailExchange.End, Never>
    ) {
        guard let easy = connection?.easy, !isClosed, !Task.isCancelled else {
            return continuation.resume(returning: .failed(.cancelled()))
        }
        let transaction = MailTransaction(
            mail, offers: easy.offers, needsReset: session?.needsReset ?? false)
        let exchange = MailExchange(
            id: id, mail: mail, isReused: isReused, deadline: deadline, transaction: transaction,
            continuation: continuation)
        session = MailSession(exchange: exchange, watched: session?.watched ?? [], timer: session?.timer)
        say(exchange.transaction.begin(), easy)
        advance(exchange, easy)
        watchTime(of: exchange)
    }

    private func cancel(exchange id: Int) {
        guard let exchange = session?.exchange, exchange.id == id else { return }
        // The connection goes without the final dot, which would deliver half a mail.
        end(exchange, .failed(.cancelled(requestSent: isTextSent(exchange))), keeping: false)
    }

    private func say(_ bytes: [UInt8], _ easy: EasyHandle) {
        easy.outgoing = bytes
        easy.outgoingOffset = 0
    }

    /// Says what can be said, hears what is there, waits for the rest.
    private func advance(_ exchange: MailExchange, _ easy: EasyHandle) {
        do throws(TransferError) {
            while true {
                let isSaid = try easy.transmit()
                guard try !answer(exchange, easy) else { continue }
                guard session?.exchange === exchange else { return }
                return try watch(easy, isSaid ? .read : [.read, .write])
            }
        } catch {
            lost(exchange, error)
        }
    }

    /// - Returns: whether there is more to say.
    private func answer(_ exchange: MailExchange, _ easy: EasyHandle) throws(TransferError) -> Bool {
        while true {
            let reply: SMTPReply?
            do throws(SMTPReplies.TooLarge) {
                reply = try exchange.replies.next()
            } catch {
                end(
                    exchange,
                    .failed(easy.error(.tooLarge, "the answer is too large", sent: false, isRetriable: false)),
                    keeping: false)
                return false
            }
            guard let reply else { return false }
            // Said before it has heard of this mail: the goodbye to whoever was silent for too long.
            if exchange.isReused, !exchange.hasReply, reply.code == 421 {
                end(exchange, .stale, keeping: false)
                return false
            }
            exchange.hasReply = true
            switch exchange.transaction.received(reply) {
            case .wait: break
            case .say(let bytes):
                say(bytes, easy)
                return true
            case .sayText:
                // Who looks through mails for harm answers late, and would else get it again and again (RFC 5321,
                // 4.5.3.2.6: ten minutes).
                exchange.deadline = max(exchange.deadline, ContinuousClock.now + exchange.mail.timeout * 5)
                say(exchange.mail.textOnTheWire, easy)
                return true
            case .taken(let receipt):
                end(exchange, .taken(receipt), keeping: easy.isAllSaid)
                return false
            case .refused(let command, let reply, let isSpoiled):
                session?.needsReset = command != .text
                end(exchange, .failed(easy.refused(command, reply)), keeping: !isSpoiled && easy.isAllSaid)
                return false
            case .broken:
                let error = easy.error(
                    .protocolError, "the server answered \(reply.code) out of turn", sent: isTextSent(exchange))
                end(exchange, .failed(error), keeping: false)
                return false
            }
        }
    }

    private func watch(_ easy: EasyHandle, _ interest: Readiness) throws(TransferError) {
        guard session?.watched != interest else { return }
        session?.watched = interest
        let handlers = handlers
        try multi.watch(easy, for: interest) { handlers.mailReady() }
    }

    fileprivate func mailReady() {
        guard let easy = connection?.easy else { return }
        guard let exchange = session?.exchange else { return hangUp() }  // it closes, or speaks out of turn
        do throws(TransferError) {
            while try easy.receive(into: &exchange.replies) {}
        } catch {
            // What it said before it closed counts.
            advance(exchange, easy)
            if session?.exchange === exchange { lost(exchange, error) }
            return
        }
        advance(exchange, easy)
    }

    private func lost(_ exchange: MailExchange, _ error: TransferError) {
        if exchange.isReused, !exchange.hasReply { return end(exchange, .stale, keeping: false) }
        let known = TransferError(
            kind: error.kind, message: error.message, requestSent: isTextSent(exchange),
            isRetriable: error.isRetriable)
        end(exchange, .failed(known), keeping: false)
    }

    private func isTextSent(_ exchange: MailExchange) -> Bool {
        exchange.transaction.isTextBegun && (connection?.easy.outgoingOffset ?? 0) > 0
    }

    /// - Parameter keeping: the connection, for the next mail.
    private func end(_ exchange: MailExchange, _ end: MailExchange.End, keeping: Bool = true) {
        guard session?.exchange === exchange else { return }
        session?.exchange = nil
        session?.since = .now
        if !keeping {
            session?.timer?.pending.cancel()
            session = nil
            dropConnection()
        }
        exchange.continuation.resume(returning: end)
    }

    // MARK: Time

    /// One timer, however many mails: it looks whether the mail under way is late, and sleeps on if not.
    private func watchTime(of exchange: MailExchange) {
        guard session?.exchange === exchange else { return }
        if let timer = session?.timer {
            guard timer.at > exchange.deadline else { return }
            timer.pending.cancel()
        }
        let handlers = handlers
        session?.timer = (
            loop.after(exchange.deadline - .now) { handlers.mailTimer() }, exchange.deadline
        )
    }

    fileprivate func mailTimerFired() {
        guard session != nil else { return }
        session?.timer = nil
        guard let exchange = session?.exchange, let easy = connection?.easy else { return }
        guard ContinuousClock.now >= exchange.deadline else { return watchTime(of: exchange) }
        end(exchange, .failed(easy.error(.timeout, "timed out", sent: isTextSent(exchange))), keeping: false)
    }
}

/// What a connection to a mail server is about.
struct MailSession {
    var exchange: MailExchange?
    var watched: Readiness
    var timer: (pending: LoopTimer, at: ContinuousClock.Instant)?
    /// The mail before was refused half-way.
    var needsReset = false
    /// When the last mail was done.
    var since: ContinuousClock.Instant?
}

extension Handlers {
    fileprivate func mailReady() {
        engine?.assumeIsolated { $0.mailReady() }
    }

    fileprivate func mailTimer() {
        engine?.assumeIsolated { $0.mailTimerFired() }
    }
}
