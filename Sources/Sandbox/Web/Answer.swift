import Foundation
import Hummingbird
import NIOCore

typealias HeaderName = HTTPFields.Element.Name

extension HeaderName {
    private static func custom(_ name: String) -> HeaderName {
        // The names below are tokens; the fallback is never used.
        HeaderName(name) ?? .server
    }

    static let subscriptionKey = custom("Ocp-Apim-Subscription-Key")
    static let rateRetryAfter = custom("x-rate-limit-retry-after")
    static let rateRemaining = custom("x-rate-limit-remaining")
}

/// Builds answers.
enum Answer {
    static func json(_ value: JSONValue, status: Int = 200) throws -> Response {
        try json(value as any Encodable, status: status)
    }

    static func json(_ value: any Encodable, status: Int = 200, type: String = "application/json") throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return bytes(try encoder.encode(value), type: type, status: status)
    }

    static func problem(_ refusal: AppIORefusal) throws -> Response {
        let value: JSONValue = [
            "type": "about:blank", "title": .string(refusal.title), "status": JSONValue(refusal.status),
            "detail": .string(refusal.detail),
        ]
        return try json(value as any Encodable, status: refusal.status, type: "application/problem+json")
    }

    static func bytes(_ bytes: some Sequence<UInt8>, type: String, status: Int = 200) -> Response {
        let body = ByteBuffer(bytes: bytes)
        let headers: HTTPFields = [
            .contentType: type, .contentLength: String(body.readableBytes), .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: body))
    }

    /// ISO 8601 in UTC with milliseconds.
    static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
