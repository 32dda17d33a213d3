internal import CCurl

/// One libcurl easy handle with what its callbacks read and record. Used again and again by one engine, on its queue.
///
/// The callbacks get the handle unretained: the engine keeps it until the transfer is removed from the multi handle.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// The context of callbacks that outlive the transfer, for a connection keeps them: the multi handle.
    private let sockets: UnsafeMutableRawPointer
    /// The engine is closing.
    private let engineStop: StopFlag

    var host = ""
    var outgoing: [UInt8] = []
    var outgoingOffset = 0
    var incoming: [UInt8] = []
    var incomingLimit = 0
    var isOverflowing = false
    var isMail = false
    /// The connection outlives the transfer: the handle stays in its multi handle, and speaks for the connection.
    var keepsConnection = false
    /// Its socket; -1 until there is one.
    var connection: Int32 = -1
    /// The server's last no while libcurl logs in.
    var loginRefusal: LoginRefusal?
    var head = HTTPHead()
    /// What was said while libcurl made a connection to a mail server.
    var dialogue = SMTPDialogue()
    var dialogueSize = 0
    var offers: SMTPOffers = []
    var stop: StopFlag?
    var continuation: CheckedContinuation<TransferResult, Never>?
    private var list: UnsafeMutablePointer<curl_slist>?
    /// URLs that were read already: mostly the same few.
    private var knownURLs: [String: URLParts] = [:]

    init(multi: MultiHandle) throws(TransferError) {
        guard let pointer = curl_easy_init() else { throw .local("libcurl: out of memory") }
        self.pointer = pointer
        sockets = Unmanaged.passUnretained(multi).toOpaque()
        engineStop = multi.stop
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(list)
    }

    var isStopped: Bool { engineStop.isRaised || stop?.isRaised == true }

    func prepare(_ job: TransferJob, stop: StopFlag) throws(TransferError) {
        self.stop = stop
        switch job {
        case .http(let request): try prepare(request)
        case .mailServer(let mail): try prepare(mail)
        case .mailbox(let account): try prepare(account)
        }
    }

    /// Forgets the transfer, keeps the memory: libcurl and Swift allocate nothing for the next one.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(list)
        list = nil
        outgoing = []
        outgoingOffset = 0
        incoming = []
        isOverflowing = false
        keepsConnection = false
        connection = -1
        loginRefusal = nil
        head = HTTPHead()
        dialogue = SMTPDialogue()
        dialogueSize = 0
        offers = []
        stop = nil
    }

    func parts(of url: String) -> URLParts? {
        if let known = knownURLs[url] { return known }
        guard let parts = URLParts(url) else { return nil }
        if knownURLs.count >= 8 { knownURLs.removeAll(keepingCapacity: true) }
        knownURLs[url] = parts
        return parts
    }

    func set(_ code: CURLcode) throws(TransferError) {
        guard code == CURLE_OK else {
            throw TransferError.local("libcurl: " + String(cString: curl_easy_strerror(code)))
        }
    }

    /// Appends to the list that the transfer keeps (headers or recipients) and returns it.
    func appendToList(_ text: String) throws(TransferError) -> UnsafeMutablePointer<curl_slist> {
        guard let longer = curl_slist_append(list, text) else { throw .local("libcurl: out of memory") }
        list = longer
        return longer
    }

    /// What HTTP, SMTP and IMAP share. `protocols` is libcurl's comma-separated list.
    func prepareCommon(url: String, protocols: String, timeout: Duration, connectTimeout: Duration)
        throws(TransferError)
    {
        try set(ccurl_set_url(pointer, url))
        try set(ccurl_set_protocols(pointer, protocols))
        try set(ccurl_set_proxy(pointer, ""))  // an empty name: the environment's proxies are not looked up
        try set(ccurl_set_no_signal(pointer, 1))
        try set(ccurl_set_quick_exit(pointer, 1))  // do not wait for a resolver thread on removal
        try set(ccurl_set_follow_location(pointer, 0))
        try set(ccurl_set_netrc(pointer, 0))
        try set(ccurl_set_timeout_ms(pointer, timeout.milliseconds))
        try set(ccurl_set_connect_timeout_ms(pointer, min(connectTimeout, timeout).milliseconds))
        try set(ccurl_set_maximum_idle_s(pointer, 60))
        try set(ccurl_set_open_socket_callback(pointer, MultiHandle.openSocket))
        try set(ccurl_set_open_socket_context(pointer, sockets))
        try set(ccurl_set_close_socket_callback(pointer, MultiHandle.closeSocket))
        try set(ccurl_set_close_socket_context(pointer, sockets))
        let context = Unmanaged.passUnretained(self).toOpaque()
        try set(ccurl_set_write_callback(pointer, Self.write))
        try set(ccurl_set_write_context(pointer, context))
        try set(ccurl_set_header_callback(pointer, Self.header))
        try set(ccurl_set_header_context(pointer, context))
        try set(ccurl_set_read_callback(pointer, Self.read))
        try set(ccurl_set_read_context(pointer, context))
    }
}
