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
        outgoing = mail.message
        // The path of the URL is the name that EHLO says.
        try prepareCommon(
            url: "\(parts.scheme)://\(parts.host)/\(mail.helloName ?? "")", protocols: "smtp,smtps",
            timeout: mail.timeout, connectTimeout: .seconds(30))
        try prepareEnvelope(mail)
        try prepareSecurity(mail)
        try prepareReports(mail)
    }

    private func prepareEnvelope(_ mail: MailSubmission) throws(TransferError) {
        try set(ccurl_set_upload(pointer, 1))
        try set(ccurl_set_upload_size(pointer, mail.message.count))
        try set(ccurl_set_mail_from(pointer, mail.from))
        for recipient in mail.recipients {
            try set(ccurl_set_mail_recipients(pointer, try appendToList(recipient)))
        }
        try set(ccurl_set_mail_allow_failures(pointer, 0))
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

    /// Progress, to stop libcurl while it blocks; the dialogue, to know which command was refused.
    private func prepareReports(_ mail: MailSubmission) throws(TransferError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        // Also bounds the wait for the answer to QUIT, which the transfer's own timeout does not.
        try set(ccurl_set_response_timeout_s(pointer, (mail.timeout.milliseconds + 999) / 1000))
        try set(ccurl_set_no_progress(pointer, 0))
        try set(ccurl_set_progress_callback(pointer, Self.progress))
        try set(ccurl_set_progress_context(pointer, context))
        try set(ccurl_set_verbose(pointer, 1))
        try set(ccurl_set_debug_callback(pointer, Self.debug))
        try set(ccurl_set_debug_context(pointer, context))
    }
}
