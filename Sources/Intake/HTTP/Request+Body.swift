import Hummingbird
import NIOCore
import NIOHTTP1

/// The sender hung up before the end of its request: nobody waits for an answer.
struct SenderLeft: Error {}

extension Request {
    /// Hands the whole body on; its bytes count in the budget until `use` returns.
    /// - Throws: `Problem` 413, without reading further than the limit; 503 if too much is held already; 400 if the body
    ///   breaks HTTP's grammar. `SenderLeft`.
    func withBody<Result>(
        upTo limit: Int, of budget: BodyBudget, proven: Bool, context: RouteContext,
        _ use: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        let tooLarge = Problem(.contentTooLarge, "the body is larger than \(limit) bytes")
        let length = headers[.contentLength].flatMap(Int.init)
        if let length, length > limit { throw tooLarge }
        // A word to the connection is a hop to its thread: only where somebody waits for it.
        if headers[.expect] != nil || length.map({ $0 > ConnectionGuard.unaskedBody }) ?? true { context.wantBody() }
        var bytes: [UInt8] = []
        defer { budget.release(bytes.count) }
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
                guard budget.take(buffer.readableBytes, proven: proven) else {
                    throw Problem.unavailable("too many messages are coming in at once")
                }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch HTTPParserError.invalidEOFState {
            throw SenderLeft()
        } catch is HTTPParserError {
            throw Problem.malformed("the body breaks HTTP's grammar")
        } catch is IOError {
            throw SenderLeft()
        } catch is ChannelError {
            throw SenderLeft()
        }
        return try await use(bytes)
    }

    /// - Throws: `Problem` 415 for compressed bodies.
    func refuseEncodings() throws(Problem) {
        if let encoding = headers[.contentEncoding], !encoding.isEmpty, encoding.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType, "expected a body without Content-Encoding")
        }
    }

    /// A missing type is taken for JSON: nothing else is spoken here.
    /// - Throws: `Problem` 415; also for compressed bodies and texts that are not UTF-8.
    func requireJSON() throws(Problem) {
        try refuseEncodings()
        guard let type = headers[.contentType], type != "application/json" else { return }
        let parts = type.lowercased().split(separator: ";", omittingEmptySubsequences: false).map { part in
            part.filter { !$0.isWhitespace && $0 != "\"" }
        }
        let media = parts[0]
        guard media == "application/json" || (media.hasPrefix("application/") && media.hasSuffix("+json")) else {
            throw Problem(.unsupportedMediaType, "expected application/json")
        }
        guard parts.dropFirst().allSatisfy({ !$0.hasPrefix("charset=") || $0 == "charset=utf-8" }) else {
            throw Problem(.unsupportedMediaType, "expected the charset utf-8")
        }
    }
}
