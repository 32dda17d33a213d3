import Civic
import Store
import Transfer

/// What an office's system answered, as far as it matters to every kind of them.
public struct OfficeAnswer: Sendable {
    public let status: Int
    /// In which it asks to be left alone. An hour at most: a broken header must not silence an office for days.
    public let retryAfter: Duration?
    public let body: [UInt8]

    public init(status: Int, retryAfter: Duration? = nil, body: [UInt8] = []) {
        self.status = status
        self.retryAfter = retryAfter.map { min(max($0, .zero), .seconds(3600)) }
        self.body = body
    }

    init(_ response: HTTPResponse, now: Timestamp) {
        let after = response.header("retry-after").flatMap { value -> Duration? in
            if let seconds = Int64(value) { return .seconds(min(seconds, 1_000_000)) }
            return HTTPDate.parse(value).map { $0 - now }
        }
        self.init(status: response.status, retryAfter: after, body: response.body)
    }
}

/// A request that got no answer.
public struct OfficeFailure: Hashable, Sendable {
    /// Whether it may have reached the other side.
    public let requestSent: Bool
    public let isRetriable: Bool
    /// One line without anything personal.
    public let message: String

    public init(requestSent: Bool, isRetriable: Bool, message: String) {
        self.requestSent = requestSent
        self.isRetriable = isRetriable
        self.message = message
    }

    init(_ error: TransferError) {
        self.init(requestSent: error.requestSent, isRetriable: error.isRetriable, message: error.message)
    }
}

/// Reads a ticket as it stands, because of one of its events; nil if there is none any more.
public typealias OfficeTasks = @Sendable (_ code: String, _ event: Identifier) async throws -> OfficeTask?
