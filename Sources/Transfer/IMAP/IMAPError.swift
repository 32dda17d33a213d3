/// Why an IMAP session did not do what was asked, and what the caller may conclude from it.
public struct IMAPError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// No connection, or it was lost, or the server fell silent. What the last command did is unknown.
        case connection
        /// No TLS session: certificate, handshake, or STARTTLS required and not offered. An operator's to repair.
        case tls
        /// The server does not accept our credentials. An operator's to repair.
        case authentication
        /// The server said NO or BAD. `code` is its response code (RFC 3501, 7.1; RFC 5530), such as `TRYCREATE`.
        case refused(code: String?)
        /// The other side does not speak IMAP as it should.
        case protocolError
        /// A line or literal is larger than the bound that was set for it.
        case tooLarge
        /// The task was cancelled, or the session was closed.
        case cancelled
        /// What was asked for cannot be sent, or a failure of this machine.
        case other
    }

    public let kind: Kind
    /// One line for logs: host, command and response code at most; no credentials, no text of the server's.
    public let message: String
    /// Whether the same may succeed later without anybody changing anything.
    public let isRetriable: Bool

    public init(_ kind: Kind, _ message: String, isRetriable: Bool) {
        self.kind = kind
        self.message = message
        self.isRetriable = isRetriable
    }

    public var description: String { message }

    /// Whether the session is gone. After a refusal it goes on.
    public var endsSession: Bool {
        if case .refused = kind { false } else { true }
    }

    static func malformed(_ message: String) -> IMAPError { IMAPError(.protocolError, message, isRetriable: true) }
    static func tooLarge(_ message: String) -> IMAPError { IMAPError(.tooLarge, message, isRetriable: false) }
    static func invalid(_ message: String) -> IMAPError { IMAPError(.other, message, isRetriable: false) }

    /// Of the connection under the session.
    init(_ error: TransferError) {
        let kind: Kind =
            switch error.kind {
            case .resolve, .connect, .timeout: .connection
            case .tls: .tls
            case .authentication: .authentication
            case .refused, .protocolError: .protocolError
            case .tooLarge: .tooLarge
            case .cancelled: .cancelled
            case .other: .other
            }
        let isOperators = kind == .tls || kind == .authentication
        self.init(kind, error.message, isRetriable: error.isRetriable && !isOperators)
    }
}
