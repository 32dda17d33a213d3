import Civic
import HTTPTypes
import Hummingbird
import NIOCore

/// An error answer, `application/problem+json` (RFC 9457).
public struct Problem: Error, Sendable, Equatable {
    public var status: HTTPResponse.Status
    /// What went wrong, for the person who runs the sending system; never echoes what the citizen wrote.
    public var detail: String
    /// JSON pointer (RFC 6901) to the member at fault.
    public var pointer: String?
    /// Seconds after which the sender may come again.
    public var retryAfter: Int?
    public var challenge: String?
    /// The methods that the address knows.
    public var allow: String?
    /// What stood behind it, for the log: it is none of the sender's business.
    var reason: String?

    public init(
        _ status: HTTPResponse.Status, _ detail: String, pointer: String? = nil, retryAfter: Int? = nil,
        challenge: String? = nil, allow: String? = nil
    ) {
        self.status = status
        self.detail = detail
        self.pointer = pointer
        self.retryAfter = retryAfter
        self.challenge = challenge
        self.allow = allow
    }

    public static let unauthorized = Problem(
        .unauthorized, "the token or signature is missing or wrong", challenge: "Bearer realm=\"pasquino\"")
    public static let notFound = Problem(.notFound, "there is nothing at this address")
    public static func malformed(_ detail: String) -> Problem { Problem(.badRequest, detail) }
    public static func invalid(_ pointer: String, _ detail: String) -> Problem {
        Problem(.unprocessableContent, detail, pointer: pointer)
    }
    public static func unavailable(_ detail: String, retryAfter: Int = 5) -> Problem {
        Problem(.serviceUnavailable, detail, retryAfter: retryAfter)
    }

    var json: JSON {
        var members: [(String, JSON)] = [
            ("type", .string("about:blank")), ("title", .string(status.reasonPhrase)),
            ("status", .int(Int64(status.code))), ("detail", .string(detail)),
        ]
        if let pointer { members.append(("pointer", .string(pointer))) }
        return .object(members)
    }

    var response: Response {
        var response = Response.json(json, status: status, type: "application/problem+json")
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if let allow { response.headers[.allow] = allow }
        if let challenge { response.headers[.wwwAuthenticate] = challenge }
        return response
    }
}

extension Response {
    static func json(
        _ json: JSON, status: HTTPResponse.Status = .ok, type: String = "application/json"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
