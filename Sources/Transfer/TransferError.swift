/// Why a transfer did not succeed, and what the caller may conclude from it.
public struct TransferError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The host name has no address, or the resolver did not answer.
        case resolve
        /// No connection, or it was lost half-way: `requestSent` tells the two apart.
        case connect
        /// No TLS session: certificate, handshake, or STARTTLS required and not offered.
        case tls
        /// The request's own timeout, or that of the connection, ran out.
        case timeout
        /// The SMTP server does not accept our credentials, or asks for some (RFC 4954: 530, 534, 535, 538, 454).
        case authentication
        /// The SMTP server said no, in its own words. They may quote a recipient's address: not for logs.
        case refused(code: Int, text: String)
        /// The other side does not speak the protocol.
        case protocolError
        /// The answer is larger than `HTTPRequest.maximumResponse`, or its head or an SMTP reply is beyond reason.
        case tooLarge
        /// The task was cancelled, or the client was closed.
        case cancelled
        /// A request that cannot be sent as it stands, or a failure of this machine.
        case other
    }

    public let kind: Kind

    /// One line for logs. Names the host at most: no path, query, header value, password, address or body.
    public let message: String

    /// Whether the outcome is unknown: the request, or part of the mail's text, may have reached the other side and no
    /// answer came back. False when no connection or TLS session was made, when no byte of the body (of the head,
    /// where there is no body) was sent, and when an SMTP server answered no.
    public let requestSent: Bool

    /// Whether the same request may succeed later. Says nothing about duplicates: see `requestSent` first.
    /// Credentials and certificates are repaired by operators, so failures of those are retriable.
    public let isRetriable: Bool

    public init(kind: Kind, message: String, requestSent: Bool, isRetriable: Bool) {
        self.kind = kind
        self.message = message
        self.requestSent = requestSent
        self.isRetriable = isRetriable
    }

    public var description: String { message }

    /// A request refused before anything left this machine.
    static func invalid(_ message: String) -> TransferError {
        TransferError(kind: .other, message: message, requestSent: false, isRetriable: false)
    }

    static func cancelled(requestSent: Bool = false) -> TransferError {
        TransferError(kind: .cancelled, message: "cancelled", requestSent: requestSent, isRetriable: true)
    }

    /// This machine is short of something: memory, descriptors.
    static func local(_ message: String) -> TransferError {
        TransferError(kind: .other, message: message, requestSent: false, isRetriable: true)
    }
}
