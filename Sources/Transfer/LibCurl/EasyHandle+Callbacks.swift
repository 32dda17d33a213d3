internal import CCurl

/// What libcurl calls during a transfer. A callback records or copies, and never calls libcurl.
extension EasyHandle {
    private static func handle(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
        context.map { Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Bytes of the answer's body. Fewer than offered makes libcurl end the transfer.
    static let write: curl_write_callback = { bytes, size, count, context in
        guard let easy = handle(context) else { return 0 }
        let offered = UnsafeRawBufferPointer(start: bytes, count: size * count)
        guard easy.incoming.count + offered.count <= easy.incomingLimit else {
            easy.isOverflowing = true
            return offered.isEmpty ? 1 : 0
        }
        easy.incoming.append(contentsOf: offered)
        return offered.count
    }

    /// One line of the HTTP head, or of an SMTP reply.
    static let header: curl_write_callback = { bytes, size, count, context in
        guard let easy = handle(context) else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        if easy.isMail {
            if easy.dialogue.command == "EHLO" { easy.offers.formUnion(SMTPOffers(line)) }
            easy.dialogue.received(line)
            easy.dialogueSize += line.count
        } else {
            easy.head.received(line)
        }
        guard max(easy.head.size, easy.dialogueSize) <= HTTPHead.maximumSize else {
            easy.isOverflowing = true
            return 0
        }
        return line.count
    }

    /// The next bytes of the request's body or of the mail.
    static let read: curl_read_callback = { buffer, size, count, context in
        guard let easy = handle(context), let buffer else { return 0 }
        let rest = easy.outgoing[easy.outgoingOffset...].prefix(size * count)
        rest.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: buffer, count: size * count).copyBytes(from: $0) }
        easy.outgoingOffset += rest.count
        return rest.count
    }

    static let debug: curl_debug_callback = { _, kind, bytes, count, context in
        guard let easy = handle(context) else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        switch kind {
        case CURLINFO_HEADER_OUT where easy.isMail:
            // After STARTTLS nothing counts that was offered before (RFC 3207, 4.2).
            if line.starts(with: "EHLO".utf8) { easy.offers = [] }
            easy.dialogue.sent(line)
        case CURLINFO_HEADER_IN where easy.keepsConnection && !easy.isMail:
            easy.loginRefusal = LoginRefusal(line) ?? easy.loginRefusal
        default: break
        }
        return 0
    }
}
