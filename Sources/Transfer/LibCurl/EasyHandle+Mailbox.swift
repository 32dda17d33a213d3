internal import CCurl

/// A connection that libcurl makes and hands over: TCP, TLS and login are libcurl's, what is said then is ours.
///
/// With CURLOPT_CONNECT_ONLY libcurl ends an IMAP transfer after authentication (checked with 7.88.1 for imaps and for
/// STARTTLS), and `curl_easy_recv` and `curl_easy_send` move bytes through its TLS, as long as the handle stays in its
/// multi handle.
extension EasyHandle {
    func prepare(_ account: IMAPAccount) throws(TransferError) {
        try account.check()
        guard let parts = URLParts(account.server), ["imap", "imaps"].contains(parts.scheme) else {
            throw .invalid("the mailbox server is not an imap or imaps URL")
        }
        guard !parts.hasUser, !parts.hasPath else {
            throw .invalid("\(parts.host): the mailbox server's URL holds more than host and port")
        }
        host = parts.host
        isMail = false
        keepsConnection = true
        try prepareCommon(
            url: "\(parts.scheme)://\(parts.host)/", protocols: "imap,imaps", timeout: account.connectTimeout,
            connectTimeout: account.connectTimeout)
        try set(ccurl_set_connect_only(pointer, 1))
        // A mailbox that waits for mail is silent for long; routers forget silent connections.
        try set(ccurl_set_tcp_keepalive(pointer, 1))
        let level =
            switch account.tls {
            case .never: CURLUSESSL_NONE
            case .opportunistic: CURLUSESSL_TRY
            case .required: CURLUSESSL_ALL
            }
        try set(ccurl_set_use_ssl(pointer, Int(level.rawValue)))
        try set(ccurl_set_verify_peer(pointer, 1))
        try set(ccurl_set_verify_host(pointer, 2))
        if let authority = account.trustAuthority { try set(ccurl_set_trust_authority(pointer, authority)) }
        try set(ccurl_set_user(pointer, account.user))
        switch account.secret {
        case .password(let password): try set(ccurl_set_password(pointer, password))
        case .bearer(let token): try set(ccurl_set_xoauth2_bearer(pointer, token))
        }
        // Reported through `debug`: which no the server gave, if it gave one.
        try set(ccurl_set_verbose(pointer, 1))
        try set(ccurl_set_debug_callback(pointer, Self.debug))
        try set(ccurl_set_debug_context(pointer, Unmanaged.passUnretained(self).toOpaque()))
    }

    enum Received {
        case bytes([UInt8])
        /// Nothing for now: wait until the connection is readable.
        case nothing
    }

    /// Libcurl has logged in.
    func keepConnection() -> TransferResult {
        connection = ccurl_get_active_socket(pointer)
        guard connection >= 0 else { return .failure(error(.connect, "connection lost")) }
        return .success(.connected)
    }

    private static let chunk = 64 << 10

    /// What has come, at most 64 KiB. Call it until it says `.nothing` before waiting: TLS keeps bytes that the
    /// socket no longer shows.
    /// - Throws: `.connect` when the other side has closed, or the connection broke.
    func receive() throws(TransferError) -> Received {
        var code = CURLE_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            code = curl_easy_recv(pointer, buffer.baseAddress, buffer.count, &count)
            if code != CURLE_OK { count = 0 }
        }
        if code == CURLE_AGAIN { return .nothing }
        guard code == CURLE_OK, !bytes.isEmpty else { throw error(.connect, "connection lost", sent: true) }
        return .bytes(bytes)
    }

    /// Sends what it can of `outgoing`, which must stay as it is until all is sent: TLS wants to be offered the same
    /// bytes at the same place again.
    /// - Returns: whether all is sent; otherwise wait until the connection is writable.
    func transmit() throws(TransferError) -> Bool {
        while outgoingOffset < outgoing.count {
            var count = 0
            let code = outgoing.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[outgoingOffset...])
                return curl_easy_send(pointer, rest.baseAddress, rest.count, &count)
            }
            if code == CURLE_AGAIN { return false }
            guard code == CURLE_OK, count > 0 else { throw error(.connect, "connection lost", sent: true) }
            outgoingOffset += count
        }
        return true
    }
}
