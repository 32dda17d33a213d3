/// Where in the dialogue a mail server said no.
public enum SMTPStage: String, Hashable, Sendable, CaseIterable {
    case greeting
    case hello = "EHLO"
    case startTLS = "STARTTLS"
    case authentication = "AUTH"
    case mailFrom = "MAIL FROM"
    case recipient = "RCPT TO"
    case data = "DATA"
    /// The answer to the text itself.
    case message = "message text"

    /// Finds the stage in a summary such as `mail.example.org: RCPT TO refused: 550 5.1.1`.
    public init?(summary: String) {
        guard let stage = SMTPStage.allCases.first(where: { summary.contains("\($0.rawValue) refused") }) else {
            return nil
        }
        self = stage
    }

    /// Whether a refusal concerns all mails, whoever their recipients are.
    var concernsEveryMail: Bool {
        switch self {
        case .greeting, .hello, .startTLS, .authentication, .mailFrom: true
        case .recipient, .data, .message: false
        }
    }
}

/// A submission that ended without a word of the server, or before there was a server.
public struct EmailFailure: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// No name, no connection, or it was lost; a timeout.
        case connection
        case tls
        case authentication
        /// The server does not speak SMTP.
        case protocolError
        /// Cancelled, or this machine is short of something.
        case local
        /// The mail cannot be sent as it stands.
        case invalid
    }
    public let kind: Kind
    /// Whether part of the mail's text may have reached the server.
    public let requestSent: Bool
    /// One line without anything personal.
    public let message: String
    public init(kind: Kind, requestSent: Bool, message: String) {
        self.kind = kind
        self.requestSent = requestSent
        self.message = message
    }
}

/// What became of one submission.
///
/// | answer | verdict |
/// |---|---|
/// | 2xx to the text | `delivered` |
/// | 4xx | `tryAgain`; before the recipient, and 421, the whole server pauses |
/// | 5xx that says there is no such mailbox | `noSuchAddress` |
/// | 5xx to recipient, DATA or text | `givenUp` |
/// | 552, 5.3.4 (too large) anywhere | `givenUp` |
/// | 5xx before the recipient; credentials; relaying denied; a command not understood | `stopped` |
/// | no connection | `tryAgain`, the server pauses |
/// | no TLS, no authentication | `stopped` |
/// | connection lost after the text was sent | `tryAgain`: the same Message-ID goes again |
public enum EmailVerdict: Hashable, Sendable {
    case delivered
    case tryAgain(reason: String, pauseServer: Bool)
    /// There is no mailbox of that address, for this mail and for the next ones.
    case noSuchAddress(reason: String)
    /// This mail will never be taken.
    case givenUp(reason: String)
    /// Our configuration or our standing is wrong: no mail goes out before somebody acts, and this one waits.
    case stopped(reason: String)

    /// A reply of the server (RFC 5321, 4.2).
    /// - Parameter stage: nil if unknown; then the enhanced status code (RFC 3463) has to tell.
    public init(code: Int, text: String, stage: SMTPStage?) {
        if (200..<300).contains(code) {
            self = .delivered
            return
        }
        let place = stage.map { "\($0.rawValue) refused: " } ?? ""
        let words = Reason.cleaned(text)
        let reason = "\(place)\(code)\(words.isEmpty ? "" : " " + words)"
        switch code {
        case 500..<600: self = EmailVerdict.permanent(code, text, stage, reason)
        // 4xx, and replies that SMTP does not know.
        default: self = .tryAgain(reason: reason, pauseServer: code == 421 || stage?.concernsEveryMail ?? false)
        }
    }

    public init(_ failure: EmailFailure) {
        switch failure.kind {
        case .connection where failure.requestSent:
            self = .tryAgain(reason: "no answer after the text was sent: \(failure.message)", pauseServer: false)
        case .connection, .protocolError: self = .tryAgain(reason: failure.message, pauseServer: true)
        case .local: self = .tryAgain(reason: failure.message, pauseServer: false)
        case .tls, .authentication: self = .stopped(reason: failure.message)
        case .invalid: self = .givenUp(reason: failure.message)
        }
    }

    private static func permanent(_ code: Int, _ text: String, _ stage: SMTPStage?, _ reason: String) -> EmailVerdict {
        let status = enhancedStatus(text)
        if code == 552 || status == [5, 3, 4] || status == [5, 2, 3] { return .givenUp(reason: reason) }
        let isOurs =
            switch code {
            case 530, 534, 535, 538: true  // RFC 4954: credentials
            case 500, 502, 503, 504: true  // a command it does not understand or expect
            default: stage?.concernsEveryMail ?? false
            }
        // Bad sender's address (5.1.7, 5.1.8); a server that does not know us refuses every recipient alike.
        let isStanding = status == [5, 1, 7] || status == [5, 1, 8] || text.lowercased().contains("relay")
        if isOurs || isStanding { return .stopped(reason: reason) }
        return isNoMailbox(code, status, stage) ? .noSuchAddress(reason: reason) : .givenUp(reason: reason)
    }

    /// RFC 3463, 3.2 and 3.3: bad mailbox, bad system, bad syntax, moved without a trace, disabled; 5.1.10 (RFC 7505) is a
    /// domain without mail. A server that gives no such code says it with 550, 551 or 553 to the recipient (RFC 5321, 4.2.3).
    private static func isNoMailbox(_ code: Int, _ status: [Int], _ stage: SMTPStage?) -> Bool {
        isNoMailbox(status) || status.isEmpty && stage == .recipient && [550, 551, 553].contains(code)
    }

    private static func isNoMailbox(_ status: [Int]) -> Bool {
        [[5, 1, 1], [5, 1, 2], [5, 1, 3], [5, 1, 6], [5, 1, 10], [5, 2, 1]].contains(status)
    }

    private static func enhancedStatus(_ text: String) -> [Int] {
        let first = text.prefix { $0 != " " }
        guard first.utf8.count <= 9 else { return [] }
        let numbers = first.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        return numbers.count == 3 ? numbers.compactMap(\.self) : []
    }
}
