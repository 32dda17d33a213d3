internal import CCurl
internal import Glibc

/// From libcurl's verdict to ours.
extension EasyHandle {
    /// Valid once libcurl is done with the transfer, before `reset`.
    func result(_ code: CURLcode) -> TransferResult {
        guard code == CURLE_OK else { return .failure(failure(code)) }
        if keepsConnection { return keepConnection() }
        let status = ccurl_get_response_code(pointer)
        return .success(.http(HTTPResponse(status: status, headers: head.headers, body: incoming)))
    }

    /// Whether the other side may have got the request.
    var wasSent: Bool {
        if isMail { return false }
        if !outgoing.isEmpty { return ccurl_get_upload_size(pointer) > 0 }
        return ccurl_get_request_size(pointer) > 0
    }

    private func failure(_ code: CURLcode) -> TransferError {
        if isStopped { return .cancelled(requestSent: wasSent) }
        if isOverflowing {
            return error(.tooLarge, "the answer is too large", isRetriable: false)
        }
        if isMail, let refusal = dialogue.refusal {
            return refused(
                refusal.code, refusal.text, place: dialogue.command.isEmpty ? "greeting" : dialogue.command)
        }
        if let refusal = loginRefusal, [CURLE_LOGIN_DENIED, CURLE_WEIRD_SERVER_REPLY].contains(code) {
            return refused(refusal)
        }
        let words = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return error(.resolve, words)
        case CURLE_COULDNT_CONNECT:
            let reason = Int32(truncatingIfNeeded: ccurl_get_os_error(pointer))
            return error(.connect, reason == 0 ? words : "\(words): \(String(cString: strerror(reason)))")
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            return error(.connect, "connection lost (\(words))")
        case CURLE_SEND_FAIL_REWIND:
            return error(.connect, "connection lost after the request was sent", sent: true)
        case CURLE_OPERATION_TIMEDOUT:
            return error(.timeout, "timed out")
        case CURLE_LOGIN_DENIED:
            return error(.authentication, "no usable authentication (\(words))")
        case CURLE_SSL_CONNECT_ERROR where keepsConnection && !isMail:
            // A connection that was cut during the handshake looks like this, and nobody has to do anything about it.
            return error(.connect, "no TLS session (\(words))")
        case CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_SHUTDOWN_FAILED:
            return error(.tls, words)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
            CURLE_REMOTE_ACCESS_DENIED:
            return error(.protocolError, words)
        case CURLE_URL_MALFORMAT:
            return error(.other, words, isRetriable: false)
        default:
            return error(.other, words)
        }
    }

    /// A mail server's no to a mail.
    func refused(_ command: MailTransaction.Command, _ reply: SMTPReply) -> TransferError {
        refused(reply.code, reply.text, place: command.rawValue)
    }

    private func refused(_ code: Int, _ text: String, place: String) -> TransferError {
        let summary = SMTPDialogue.summary(place: place, code: code, text: text)
        if [530, 534, 535, 538].contains(code) || place == "AUTH" {
            return error(.authentication, summary, sent: false)
        }
        // libcurl tells a refused STARTTLS apart only by its own code; the server's is a 4xx or 5xx like any other.
        if place == "STARTTLS" { return error(.tls, summary, sent: false) }
        return error(.refused(code: code, text: text), summary, sent: false, isRetriable: code < 500)
    }

    /// A server that cannot check passwords now, or has too many connections, says nothing about ours.
    private func refused(_ refusal: LoginRefusal) -> TransferError {
        let code = refusal.code.map { " [\($0)]" } ?? ""
        return refusal.isPassing
            ? error(.connect, "the server is not available\(code)", sent: false)
            : error(.authentication, "login refused\(code)", sent: false)
    }

    func error(
        _ kind: TransferError.Kind, _ message: String, sent: Bool? = nil, isRetriable: Bool = true
    ) -> TransferError {
        TransferError(
            kind: kind, message: "\(host): \(message)", requestSent: sent ?? wasSent, isRetriable: isRetriable)
    }
}
