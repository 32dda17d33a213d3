/// What an engine is asked to do. Already checked.
enum TransferJob: Sendable {
    case http(HTTPRequest)
    /// Connect, encrypt, log in, and keep the connection for mails on its route: one an engine.
    case mailServer(MailSubmission)
    /// Connect, encrypt, log in, and keep the connection: one an engine.
    case mailbox(IMAPAccount)
}

enum TransferOutcome: Sendable {
    case http(HTTPResponse)
    case connected
}

typealias TransferResult = Result<TransferOutcome, TransferError>

extension Duration {
    /// For libcurl: at least 1 (0 would mean no limit), at most 24 days.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
