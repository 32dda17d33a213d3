import Transfer

/// One mailbox that citizens write to. Folders are named in plain Unicode with `/` between levels.
public struct MailboxSettings: Sendable, Equatable {
    /// The channel's name, in logs and in a message's origin.
    public var name: String
    /// `imaps://host:993` or `imap://host:143`.
    public var server: String
    public var user: String
    public var password: String
    /// STARTTLS on `imap://`.
    public var tls: IMAPAccount.TLSMode
    /// A file of CA certificates (PEM) trusted instead of the system's.
    public var trustAuthority: String?
    /// Where mails arrive. Messages marked `\Deleted` there are left alone.
    public var folder: String
    /// Where mails go that have become messages. Without it they stay, with the keyword `$Pasquino` and `\Seen`.
    public var moveTo: String?
    /// Where mails go that cannot be read, are too large, or failed too often.
    public var failedTo: String
    /// Between two looks, where the server cannot announce mails (IDLE) or does not.
    public var pollInterval: Duration
    /// Bytes. Of a larger mail only `excerpt` is read, and it is moved aside.
    public var sizeLimit: Int
    /// Bytes read of a mail beyond the limit: the header and the start of the text.
    public var excerpt: Int
    /// How many mails are taken in a minute, so that a backlog does not crowd out the other channels.
    public var messagesPerMinute: Int
    /// After so many failures of its own a mail is moved aside.
    public var attempts: Int

    public init(
        name: String, server: String, user: String, password: String, tls: IMAPAccount.TLSMode = .required,
        trustAuthority: String? = nil, folder: String = "INBOX", moveTo: String? = nil,
        failedTo: String = "Pasquino/failed", pollInterval: Duration = .seconds(60), sizeLimit: Int = 30 << 20,
        excerpt: Int = 256 << 10, messagesPerMinute: Int = 300, attempts: Int = 8
    ) {
        self.name = name
        self.server = server
        self.user = user
        self.password = password
        self.tls = tls
        self.trustAuthority = trustAuthority
        self.folder = folder
        self.moveTo = moveTo
        self.failedTo = failedTo
        self.pollInterval = pollInterval
        self.sizeLimit = sizeLimit
        self.excerpt = excerpt
        self.messagesPerMinute = messagesPerMinute
        self.attempts = attempts
    }

    var account: IMAPAccount {
        IMAPAccount(
            server: server, tls: tls, user: user, secret: .password(password), trustAuthority: trustAuthority)
    }
}
