/// One mail handed to an SMTP server.
public struct MailSubmission: Sendable {
    /// STARTTLS on `smtp://`; `smtps://` is always encrypted and its certificate always verified.
    public enum TLSMode: Sendable, Hashable {
        case never
        /// Encrypted where the server offers it. As between mail servers (RFC 7435), the certificate is verified only
        /// when `trustAuthority` is given: who could forge it could as well hide the offer.
        case opportunistic
        /// Encrypted and verified, or not sent.
        case required
    }

    /// `smtp://host:port` or `smtps://host:port`, nothing after it.
    public var server: String
    public var tls: TLSMode
    public var user: String?
    public var password: String?
    /// The envelope's sender; empty for mails that must not be answered by bounces.
    public var from: String
    /// All are accepted by the server, or the mail is not sent.
    public var recipients: [String]
    /// RFC 5322, lines ended by CRLF. Dots are stuffed on the way.
    public var message: [UInt8]
    public var timeout: Duration
    /// What EHLO says; this machine's name when absent.
    public var helloName: String?
    /// A file of CA certificates (PEM) trusted instead of the system's.
    public var trustAuthority: String?

    public init(
        server: String, tls: TLSMode = .required, user: String? = nil, password: String? = nil, from: String,
        recipients: [String], message: [UInt8], timeout: Duration = .seconds(120), helloName: String? = nil,
        trustAuthority: String? = nil
    ) {
        self.server = server
        self.tls = tls
        self.user = user
        self.password = password
        self.from = from
        self.recipients = recipients
        self.message = message
        self.timeout = timeout
        self.helloName = helloName
        self.trustAuthority = trustAuthority
    }

    /// - Throws: `.other` for anything that could be read as a second command or mail on the wire.
    func check() throws(TransferError) {
        guard server.utf8.allSatisfy(Wire.isVisible) else {
            throw .invalid("the mail server's URL holds a space or control character")
        }
        guard Wire.isMailbox(from) else { throw .invalid("the sender's address cannot be sent") }
        guard !recipients.isEmpty else { throw .invalid("a mail without recipients") }
        guard recipients.allSatisfy({ !$0.isEmpty && Wire.isMailbox($0) }) else {
            throw .invalid("a recipient's address cannot be sent")
        }
        guard !message.isEmpty, Wire.hasOnlyWholeLineEnds(message) else {
            throw .invalid("the mail's text is empty, or holds a CR or LF that is not part of a CRLF")
        }
        for value in [user, password, trustAuthority] {
            guard value?.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) ?? true else {
                throw .invalid("the mail server's credentials or CA file hold a control character")
            }
        }
        guard helloName.map(Wire.isHelloName) ?? true else { throw .invalid("the EHLO name is not a host name") }
    }

    var route: MailRoute {
        MailRoute(
            server: server, tls: tls, user: user, password: password, helloName: helloName,
            trustAuthority: trustAuthority)
    }
}

/// The SMTP server's last answer: it has taken the mail over.
public struct MailReceipt: Sendable, Equatable {
    public let code: Int
    /// For example `2.0.0 Ok: queued as 4F2A`.
    public let text: String

    public init(code: Int, text: String) {
        self.code = code
        self.text = text
    }
}

/// What two mails must share to travel over the same connection.
struct MailRoute: Hashable, Sendable {
    let server: String
    let tls: MailSubmission.TLSMode
    let user: String?
    let password: String?
    let helloName: String?
    let trustAuthority: String?
}
