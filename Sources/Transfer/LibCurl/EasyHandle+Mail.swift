internal import CCurl

extension EasyHandle {
    func prepare(_ mail: MailSubmission) throws(TransferError) {
        try mail.check()
        guard let parts = URLParts(mail.server), ["smtp", "smtps"].contains(parts.scheme) else {
            throw .invalid("the mail server is not an smtp or smtps URL")
        }
        guard !parts.hasUser, !parts.hasPath else {
            throw .invalid("\(parts.host): the mail server's URL holds more than host and port")
        }
        host = parts.host
        isMail = true
        keepsConnection = true
        // The path of the URL is the name that EHLO says.
        try prepareCommon(
            url: "\(parts.scheme)://\(parts.host)/\(mail.helloName ?? "")", protocols: "smtp,smtps",
            timeout: mail.timeout, connectTimeout: .seconds(30))
        try set(ccurl_set_connect_only(pointer, 1))
        try prepareSecurity(mail)
        try prepareReports(mail)
    }

    private func prepareSecurity(_ mail: MailSubmission) throws(TransferError) {
        let isImplicit = mail.server.lowercased().hasPrefix("smtps:")
        let levels = [CURLUSESSL_NONE, CURLUSESSL_TRY, CURLUSESSL_ALL]
        let level = mail.tls == .never ? 0 : mail.tls == .opportunistic ? 1 : 2
        try set(ccurl_set_use_ssl(pointer, Int(levels[level].rawValue)))
        let verifies = isImplicit || mail.tls == .required || mail.trustAuthority != nil
        try set(ccurl_set_verify_peer(pointer, verifies ? 1 : 0))
        try set(ccurl_set_verify_host(pointer, verifies ? 2 : 0))
        if let authority = mail.trustAuthority { try set(ccurl_set_trust_authority(pointer, authority)) }
        if let user = mail.user {
            try set(ccurl_set_user(pointer, user))
            try set(ccurl_set_password(pointer, mail.password ?? ""))
        }
    }

    /// The dialogue, to know what the server offers and which command was refused.
    private func prepareReports(_ mail: MailSubmission) throws(TransferError) {
        try set(ccurl_set_response_timeout_s(pointer, (mail.timeout.milliseconds + 999) / 1000))
        try set(ccurl_set_verbose(pointer, 1))
        try set(ccurl_set_debug_callback(pointer, Self.debug))
        try set(ccurl_set_debug_context(pointer, Unmanaged.passUnretained(self).toOpaque()))
    }

    /// Takes what has come, if anything has.
    /// - Returns: whether there may be more.
    /// - Throws: `.connect` when the other side has closed, or the connection broke.
    func receive(into replies: inout SMTPReplies) throws(TransferError) -> Bool {
        var taken = 0
        let capacity = 4096
        let code = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { buffer in
            let code = curl_easy_recv(pointer, buffer.baseAddress, capacity, &taken)
            if code == CURLE_OK { replies.append(UnsafeRawBufferPointer(rebasing: buffer[..<taken])) }
            return code
        }
        if code == CURLE_AGAIN { return false }
        guard code == CURLE_OK, taken > 0 else { throw error(.connect, "connection lost", sent: true) }
        return taken == capacity
    }

    /// The kernel, or the TLS session, has all of `outgoing`.
    var isAllSaid: Bool { outgoingOffset == outgoing.count }
}
