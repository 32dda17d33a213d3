/// How to reach one user's mailboxes on an IMAP server.
public struct IMAPAccount: Sendable {
    /// STARTTLS on `imap://`; `imaps://` is always encrypted. Where there is TLS, the certificate is verified.
    public enum TLSMode: Sendable, Hashable {
        /// The password travels in the clear: for a server on this machine.
        case never
        /// Encrypted where the server offers it. Who sits in between can hide the offer and read the password.
        case opportunistic
        case required
    }

    public enum Secret: Sendable {
        case password(String)
        /// An OAuth 2.0 access token, for SASL XOAUTH2 and OAUTHBEARER (RFC 7628).
        case bearer(String)
    }

    /// `imap://host:port` or `imaps://host:port`, nothing after it.
    public var server: String
    public var tls: TLSMode
    public var user: String
    public var secret: Secret
    /// A file of CA certificates (PEM) trusted instead of the system's.
    public var trustAuthority: String?
    /// Name resolution, TCP, TLS and login.
    public var connectTimeout: Duration
    /// How long the server may be silent while it owes an answer.
    public var silence: Duration
    /// How long one command may take, the download of a message included.
    public var commandTimeout: Duration

    public init(
        server: String, tls: TLSMode = .required, user: String, secret: Secret, trustAuthority: String? = nil,
        connectTimeout: Duration = .seconds(60), silence: Duration = .seconds(120),
        commandTimeout: Duration = .seconds(1800)
    ) {
        self.server = server
        self.tls = tls
        self.user = user
        self.secret = secret
        self.trustAuthority = trustAuthority
        self.connectTimeout = connectTimeout
        self.silence = silence
        self.commandTimeout = commandTimeout
    }

    /// - Throws: `.other` for anything that could be read as a second command on the wire.
    func check() throws(TransferError) {
        guard server.utf8.allSatisfy(Wire.isVisible) else {
            throw .invalid("the mailbox server's URL holds a space or control character")
        }
        let secret =
            switch secret {
            case .password(let text), .bearer(let text): text
            }
        for value in [user, secret, trustAuthority] {
            guard value?.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) ?? true else {
                throw .invalid("the mailbox's credentials or CA file hold a control character")
            }
        }
        guard !user.isEmpty else { throw .invalid("a mailbox without user") }
    }
}
