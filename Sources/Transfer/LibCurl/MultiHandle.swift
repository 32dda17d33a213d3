internal import CCurl
internal import EventLoop
internal import Glibc

/// libcurl's multi handle on an event loop. Used on the loop's queue only.
///
/// libcurl says through callbacks which sockets to watch and when to call it again. The socket callback changes the
/// epoll set at once, for a socket must leave it before libcurl closes it; the timer callback only records, for libcurl
/// must not be called from within (curl #3537, #8282). `close` must be called before the last reference goes: cleaning
/// up runs callbacks, so it is not done in `deinit`.
final class MultiHandle {
    let loop: EventLoop
    /// Raised when the engine closes.
    let stop = StopFlag()
    private let pointer: UnsafeMutableRawPointer
    private let onReady: @Sendable (Int32, Readiness) -> Void
    private var transfers: [UnsafeMutableRawPointer: EasyHandle] = [:]
    /// Connections open now, idle ones included.
    private(set) var sockets: Set<Int32> = []
    private(set) var watched: Set<Int32> = []
    /// What each is watched for by libcurl's wish.
    private var interests: [Int32: Int32] = [:]
    /// Watched still, though libcurl has no interest in them for now: it wants to hear of a kept connection again with
    /// the next request, for the same, and telling the kernel of both each time costs more than the request.
    private var resting: Set<Int32> = []
    private var timeout: Int?
    private var unwatchable: [(EasyHandle, TransferError)] = []

    init(
        loop: EventLoop, connectionsPerHost: Int, totalConnections: Int,
        onReady: @escaping @Sendable (Int32, Readiness) -> Void
    ) throws(TransferError) {
        guard CurlLibrary.isReady, let pointer = curl_multi_init() else { throw .local("libcurl: cannot start") }
        self.loop = loop
        self.pointer = pointer
        self.onReady = onReady
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            ccurl_multi_set_socket_callback(pointer, Self.socketChanged),
            ccurl_multi_set_socket_context(pointer, context),
            ccurl_multi_set_timer_callback(pointer, Self.timerChanged),
            ccurl_multi_set_timer_context(pointer, context),
            ccurl_multi_set_host_connections(pointer, connectionsPerHost),
            ccurl_multi_set_total_connections(pointer, totalConnections),
            ccurl_multi_set_cached_connections(pointer, totalConnections),
        ]
        guard codes.allSatisfy({ $0 == CURLM_OK }) else { throw .local("libcurl: an option was refused") }
    }

    func add(_ easy: EasyHandle) throws(TransferError) {
        let code = curl_multi_add_handle(pointer, easy.pointer)
        guard code == CURLM_OK else { throw .local("libcurl: " + String(cString: curl_multi_strerror(code))) }
        transfers[easy.pointer] = easy
    }

    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(pointer, easy.pointer)
        transfers[easy.pointer] = nil
    }

    /// A hang-up counts as readable and writable, not as an error: what the other side said before must be read, and
    /// a writer must meet the error by writing.
    func act(on socket: Int32, _ readiness: Readiness) {
        // It closes, or speaks out of turn: libcurl finds out when it wants to use the connection.
        guard !resting.contains(socket) else { return unwatch(socket) }
        var events: Int32 = 0
        if !readiness.isDisjoint(with: [.read, .closed]) { events |= CURL_CSELECT_IN }
        if !readiness.isDisjoint(with: [.write, .closed]) { events |= CURL_CSELECT_OUT }
        var running: Int32 = 0
        curl_multi_socket_action(pointer, socket, events, &running)
    }

    /// Watches the connection of a handle that keeps it, once libcurl is done with it.
    func watch(_ easy: EasyHandle, for interest: Readiness, _ handler: @escaping @Sendable () -> Void)
        throws(TransferError)
    {
        do throws(EventLoopError) {
            try loop.watch(easy.connection, for: interest) { _ in handler() }
        } catch {
            throw .local("\(error)")
        }
        watched.insert(easy.connection)
        resting.remove(easy.connection)
        interests[easy.connection] = nil
    }

    func unwatch(_ easy: EasyHandle) { unwatch(easy.connection) }

    private func unwatch(_ socket: Int32) {
        resting.remove(socket)
        interests[socket] = nil
        if watched.remove(socket) != nil { loop.unwatch(socket) }
    }

    func actOnTimeout() {
        var running: Int32 = 0
        curl_multi_socket_action(pointer, Int32(CCURL_SOCKET_TIMEOUT), 0, &running)
    }

    /// The newest wish of libcurl's since the last call: milliseconds from now, -1 for never. Nil: no new wish.
    func takeTimeout() -> Int? {
        defer { timeout = nil }
        return timeout
    }

    /// The next transfer that has ended, already removed.
    func nextDone() -> (EasyHandle, TransferResult)? {
        if let (easy, error) = unwatchable.popLast() {
            guard transfers[easy.pointer] != nil else { return nextDone() }
            remove(easy)
            return (easy, .failure(error))
        }
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let easy = transfers[handle]
            else { continue }
            let result = easy.result(message.pointee.data.result)  // before removal, which frees the message
            if case .success = result, easy.keepsConnection { return (easy, result) }
            remove(easy)
            return (easy, result)
        }
        return nil
    }

    /// Closes all connections.
    func close() {
        curl_multi_cleanup(pointer)
        for socket in watched { loop.unwatch(socket) }
        watched = []
        resting = []
    }
}

extension MultiHandle {
    private static func handle(_ context: UnsafeMutableRawPointer?) -> MultiHandle? {
        context.map { Unmanaged<MultiHandle>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let socketChanged: curl_socket_callback = { easy, socket, what, context, _ in
        handle(context)?.watch(socket, what, for: easy)
        return 0
    }

    private static let timerChanged: curl_multi_timer_callback = { _, milliseconds, context in
        handle(context)?.timeout = milliseconds
        return 0
    }

    static let openSocket: curl_opensocket_callback = { context, _, address in
        guard let address = address?.pointee else { return -1 }
        let type = address.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(address.family, type, address.protocol)
        if socket >= 0 { handle(context)?.sockets.insert(socket) }
        return socket
    }

    static let closeSocket: curl_closesocket_callback = { context, socket in
        handle(context)?.forget(socket)
        return Glibc.close(socket)
    }

    private func forget(_ socket: Int32) {
        sockets.remove(socket)
        unwatch(socket)
    }

    private func watch(_ socket: Int32, _ what: Int32, for easy: UnsafeMutableRawPointer?) {
        guard what != CURL_POLL_REMOVE else {
            // Ready to be written to it is always.
            if interests[socket] == CURL_POLL_IN { resting.insert(socket) } else { unwatch(socket) }
            return
        }
        if resting.remove(socket) != nil, interests[socket] == what { return }
        var interest: Readiness = []
        if what & CURL_POLL_IN != 0 { interest.insert(.read) }
        if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
        do {
            let onReady = onReady
            try loop.watch(socket, for: interest) { onReady(socket, $0) }
            watched.insert(socket)
            interests[socket] = what
        } catch {
            // Without readiness the transfer would sit until its timeout.
            if let easy = easy.flatMap({ transfers[$0] }) { unwatchable.append((easy, .local("\(error)"))) }
        }
    }
}
