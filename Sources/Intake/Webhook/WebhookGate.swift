import Civic
import Foundation
import HTTPTypes
import Hummingbird
import Spool

/// What stands before every webhook, whatever becomes of what it posts: proven, within its rate, understood.
struct WebhookGate: Sendable {
    let bodies: BodyBudget
    let now: @Sendable () -> Timestamp

    /// What somebody posted who may.
    struct Posted: Sendable {
        enum Content: Sendable {
            case message(Message)
            /// In the sender's own words, not read yet.
            case foreign(MessageMapper)
        }
        let content: Content
        /// As it came.
        let body: [UInt8]
        /// Where the words are the sender's own.
        let type: String?
        let message: Identifier
        let receivedAt: Timestamp
    }

    /// - Throws: `Problem`; what `use` throws.
    func read(
        _ request: Request, context: RouteContext, on channel: WebhookChannel,
        _ use: (Posted) async throws -> Response
    ) async throws -> Response {
        let proof = try proof(in: request, for: channel, now: now())
        return try await request.withBody(
            upTo: channel.bodyLimit, of: bodies, proven: proof == .token, context: context
        ) { body in
            try await use(try posted(body, in: request, proof: proof, on: channel))
        }
    }

    private func posted(
        _ body: [UInt8], in request: Request, proof: Proof, on channel: WebhookChannel
    ) throws -> Posted {
        let now = now()
        switch proof {
        case .token: break
        case .signature(let id, let timestamp, let signatures):
            guard
                channel.signatures?.accepts(
                    id: id, timestamp: timestamp, signatures: signatures, body: body, now: now.seconds) == true
            else { throw Problem.unauthorized }
        case .bodySignature(let signature):
            guard channel.bodySignatures?.accepts(signature, body: body) == true else { throw Problem.unauthorized }
        }
        if let seconds = channel.rate.take(at: now) {
            throw Problem(.tooManyRequests, "the channel's rate is exceeded", retryAfter: seconds)
        }
        if let mapper = channel.mapper {
            try request.refuseEncodings()
            return Posted(
                content: .foreign(mapper), body: body, type: request.headers[.contentType],
                message: .timeOrdered(at: now), receivedAt: now)
        }
        try request.requireJSON()
        let message = try JSONBody.decode(body, as: WebhookBody.self).message(
            channel: channel.settings.name, attests: channel.settings.attests, bounds: channel.bounds, now: now)
        return Posted(content: .message(message), body: body, type: nil, message: message.id, receivedAt: now)
    }

    private enum Proof: Equatable {
        case token
        case bodySignature(String)
        case signature(id: String, timestamp: String, signatures: String)
    }

    /// A wrong token is refused before the body is read; a signature needs the body, but not to see that it is stale or
    /// no signature at all.
    private func proof(in request: Request, for channel: WebhookChannel, now: Timestamp) throws -> Proof {
        if let digest = channel.tokenDigest, let token = Authentication.bearer(request.headers[.authorization]) {
            guard Authentication.equal(Authentication.digest(token), digest) else { throw Problem.unauthorized }
            return .token
        }
        if let digest = channel.tokenDigest, let token = foreignToken(in: request, for: channel) {
            guard Authentication.equal(Authentication.digest(token), digest) else { throw Problem.unauthorized }
            return .token
        }
        if let verifier = channel.bodySignatures, let signature = request.headers[verifier.header],
            BodySignatures.given(in: signature) != nil
        {
            return .bodySignature(signature)
        }
        if let verifier = channel.signatures, let id = request.headers[.webhookID],
            let timestamp = request.headers[.webhookTimestamp], let signatures = request.headers[.webhookSignature],
            verifier.isPlausible(timestamp: timestamp, signatures: signatures, now: now.seconds)
        {
            return .signature(id: id, timestamp: timestamp, signatures: signatures)
        }
        throw Problem.unauthorized
    }

    /// Where the channel's sender puts it, if it cannot write a bearer token.
    private func foreignToken(in request: Request, for channel: WebhookChannel) -> String? {
        let token =
            channel.tokenHeader.flatMap { request.headers[$0] }
            ?? channel.tokenParameter.flatMap { request.uri.queryParameters[Substring($0)].map(String.init) }
        return token.flatMap { $0.isEmpty || $0.utf8.count > 4096 ? nil : $0 }
    }
}

extension HTTPField.Name {
    static let webhookID = HTTPField.Name("webhook-id")!
    static let webhookTimestamp = HTTPField.Name("webhook-timestamp")!
    static let webhookSignature = HTTPField.Name("webhook-signature")!
}
