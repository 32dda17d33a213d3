/// Why PostgreSQL did not do what was asked.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The server refused; the five characters of PostgreSQL's appendix A. Nothing was changed.
        case server(sqlstate: String)
        /// The session died while the statement ran. See `outcomeUnknown`.
        case connectionLost
        /// There is no session and the statement was not sent.
        case unavailable
        /// The statement took too long: the server cancelled it, or the server fell silent and was left.
        case timeout
        /// The caller asked for something impossible; asking again will not help.
        case usage
    }

    public let kind: Kind
    /// What happened, in the server's words if it had any. May quote data; `description` is the one to log.
    public let message: String
    /// The server's detail and hint. May quote data: never log it.
    public let detail: String?
    /// The statement was sent and nobody knows whether it took effect. After a `COMMIT` in particular: the transaction
    /// may be durable although its caller sees this error, so whoever repeats it must make repeating harmless.
    public let outcomeUnknown: Bool

    public init(_ kind: Kind, _ message: String, detail: String? = nil, outcomeUnknown: Bool = false) {
        self.kind = kind
        self.message = message
        self.detail = detail
        self.outcomeUnknown = outcomeUnknown
    }

    /// The server's code, if the server answered.
    public var sqlstate: String? {
        if case .server(let code) = kind { code } else { nil }
    }

    /// Whether the same request may succeed later: the server was away, overloaded, or another transaction won.
    public var isRetriable: Bool {
        switch kind {
        case .connectionLost, .unavailable, .timeout: true
        case .usage: false
        case .server(let code): Self.isTransient(code)
        }
    }

    /// PostgreSQL's appendix A: 08 connection, 53 resources, 57P administrator, 40 rolled back, 55P03 lock, 25006 a
    /// standby that was a primary, 26000 a statement the session has forgotten, 58 the system under the server.
    private static func isTransient(_ code: String) -> Bool {
        ["08", "53", "57P", "58"].contains(where: code.hasPrefix)
            || ["40001", "40P01", "40003", "55P03", "55006", "25006", "26000"].contains(code)
    }

    /// Fit for a log: no parameter values. Messages of class 22 (bad data) quote the data; the quotes are emptied.
    public var description: String {
        let unknown = outcomeUnknown ? " (outcome unknown)" : ""
        switch kind {
        case .server(let code):
            return "PostgreSQL \(code): \(code.hasPrefix("22") ? message.withoutQuotedText : message)\(unknown)"
        case .connectionLost: return "PostgreSQL connection lost: \(message)\(unknown)"
        case .unavailable: return "PostgreSQL unavailable: \(message)"
        case .timeout: return "PostgreSQL timeout: \(message)\(unknown)"
        case .usage: return "PostgreSQL misused: \(message)"
        }
    }

    /// The same error where the outcome is known after all.
    var withKnownOutcome: PostgresError { PostgresError(kind, message, detail: detail) }
}

extension String {
    /// `"…"` in place of all that stands between double quotes; an unclosed quote empties the rest.
    var withoutQuotedText: String {
        split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset % 2 == 0 ? String($0.element) : "\"…\"" }.joined()
    }
}
