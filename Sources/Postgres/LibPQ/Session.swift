internal import CLibPQ
internal import EventLoop

/// Owns a `PGconn`, from the first byte sent to `PQfinish`.
///
/// One thread at a time: a blocking queue while it connects, the loop's queue ever after. The connection actor sees to
/// that, hence `@unchecked`.
final class Session: @unchecked Sendable {
    enum Step { case waitForRead, waitForWrite, ready, failed }
    enum Flushed { case all, some, failed }
    /// What reading brought.
    enum Answer { case nothing, result(QueryResult), end, copy }

    private let pointer: OpaquePointer

    /// Begins to connect. Blocks while names are resolved.
    /// - Returns: nil if there is no memory.
    init?(starting parameters: [(String, String)]) {
        guard
            let pointer = CStrings.with(
                parameters.map(\.0),
                { keys in
                    CStrings.with(parameters.map(\.1)) { values in PQconnectStartParams(keys, values, 1) }
                })
        else { return nil }
        self.pointer = pointer
        // The default writes to standard error.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    deinit { PQfinish(pointer) }

    // MARK: Connecting

    var socket: Int32 { PQsocket(pointer) }
    var isBroken: Bool { PQstatus(pointer) == CONNECTION_BAD }
    var serverVersion: Int { Int(PQserverVersion(pointer)) }
    var errorMessage: String { String(cString: PQerrorMessage(pointer)).trimmed }

    /// Which of several hosts and addresses is being tried.
    var destination: [String] {
        [PQhost(pointer), PQhostaddr(pointer), PQport(pointer)].map { $0.map { String(cString: $0) } ?? "" }
    }

    /// Goes on connecting. May block (the next host's name is resolved here) and may change `socket`.
    func poll() -> Step {
        switch PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: .waitForRead
        case PGRES_POLLING_WRITING: .waitForWrite
        case PGRES_POLLING_OK: PQsetnonblocking(pointer, 1) == 0 ? .ready : .failed
        default: .failed
        }
    }

    // MARK: Sending

    func send(script: String) -> Bool { PQsendQuery(pointer, script) == 1 }

    func send(prepare sql: String, as name: String, types: [UInt32]) -> Bool {
        PQsendPrepare(pointer, name, sql, Int32(types.count), types) == 1
    }

    func send(execute name: String, _ parameters: EncodedParameters) -> Bool {
        parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(pointer, name, Int32(parameters.count), values, lengths, formats, 1) == 1
        }
    }

    func flush() -> Flushed {
        switch PQflush(pointer) {
        case 0: .all
        case 1: .some
        default: .failed
        }
    }

    // MARK: Receiving

    /// Takes what the socket holds. False when the session is dead; what came before is still to be taken.
    func receive() -> Bool {
        guard PQconsumeInput(pointer) == 1 else { return false }
        while clibpq_tls_pending(pointer) > 0 {
            guard PQconsumeInput(pointer) == 1 else { return false }
        }
        return true
    }

    /// The next whole answer among what was received.
    func next() -> Answer {
        guard PQisBusy(pointer) == 0 else { return .nothing }
        guard let result = PQgetResult(pointer).map(QueryResult.init) else { return .end }
        return result.outcome == .copy ? .copy : .result(result)
    }

    /// Throws away notifications and parameter changes that arrive between statements.
    func discardNotifications() {
        _ = PQisBusy(pointer)
        while let notification = PQnotifies(pointer) { PQfreemem(notification) }
    }

    // MARK: Cancelling

    /// What asks the server to stop the statement, from any thread. Blocks.
    func canceller() -> (@Sendable () -> Void)? {
        guard let cancel = PQgetCancel(pointer) else { return nil }
        let handle = CancelHandle(cancel)
        return { handle.send() }
    }
}

/// Owns a `PGcancel`, which may be used on any thread (libpq's documentation says so).
private final class CancelHandle: @unchecked Sendable {
    private let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQfreeCancel(pointer) }

    func send() {
        var problem = [CChar](repeating: 0, count: 256)
        // A refusal changes nothing: the session is dropped soon after.
        _ = PQcancel(pointer, &problem, Int32(problem.count))
    }
}
