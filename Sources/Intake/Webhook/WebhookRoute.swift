import Civic
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Postgres

/// `POST /v1/channels/{name}/messages`: authentic, then understood, then decided, then durable, then acknowledged.
struct WebhookRoute: Sendable {
    let desk: Desk

    func handle(_ request: Request, context: RouteContext) async throws -> Response {
        let started = ContinuousClock.now
        let name = context.decoded("name") ?? ""
        let rulebook = desk.current
        guard let channel = rulebook.channels[name] else { throw Problem(.notFound, "there is no such channel") }
        do {
            let response = try await accept(
                request, context: context, on: channel, rulebook: rulebook, started: started)
            return response
        } catch let problem as Problem {
            desk.observe(.messageRefused(channel: name, status: problem.status.code, reason: problem.detail))
            throw problem
        } catch let error as PostgresError {
            desk.observe(.messageRefused(channel: name, status: 503, reason: String(describing: error)))
            throw Problem.unavailable("the message could not be made durable; it is safe to send it again")
        }
    }

    private func accept(
        _ request: Request, context: RouteContext, on channel: WebhookChannel, rulebook: Desk.Rulebook,
        started: ContinuousClock.Instant
    ) async throws -> Response {
        let proof = try proof(in: request, for: channel, now: desk.now())
        return try await request.withBody(
            upTo: channel.bodyLimit, of: desk.bodies, proven: proof == .token, context: context
        ) { body in
            try await take(body, of: request, proof: proof, on: channel, rulebook: rulebook, started: started)
        }
    }

    private func take(
        _ body: [UInt8], of request: Request, proof: Proof, on channel: WebhookChannel, rulebook: Desk.Rulebook,
        started: ContinuousClock.Instant
    ) async throws -> Response {
        let now = desk.now()
        if case .signature(let id, let timestamp, let signatures) = proof {
            guard
                channel.signatures?.accepts(
                    id: id, timestamp: timestamp, signatures: signatures, body: body, now: now.seconds) == true
            else { throw Problem.unauthorized }
        }
        if let seconds = channel.rate.take(at: now) {
            throw Problem(.tooManyRequests, "the channel's rate is exceeded", retryAfter: seconds)
        }
        try request.requireJSON()
        let posted = try JSONBody.decode(body, as: WebhookBody.self).message(
            channel: channel.settings.name, attests: channel.settings.attests, bounds: channel.bounds, now: now)
        let received = try await desk.receive(
            posted, raw: body, on: channel.settings, by: rulebook, started: started)
        return answer(received, registrar: rulebook.registrar)
    }

    private enum Proof: Equatable {
        case token
        case signature(id: String, timestamp: String, signatures: String)
    }

    /// A wrong token is refused before the body is read; a signature needs the body, but not to see that it is stale or
    /// no signature at all.
    private func proof(in request: Request, for channel: WebhookChannel, now: Timestamp) throws -> Proof {
        if let digest = channel.tokenDigest, let token = Authentication.bearer(request.headers[.authorization]) {
            guard Authentication.equal(Authentication.digest(token), digest) else { throw Problem.unauthorized }
            return .token
        }
        if let verifier = channel.signatures, let id = request.headers[.webhookID],
            let timestamp = request.headers[.webhookTimestamp], let signatures = request.headers[.webhookSignature],
            verifier.isPlausible(timestamp: timestamp, signatures: signatures, now: now.seconds)
        {
            return .signature(id: id, timestamp: timestamp, signatures: signatures)
        }
        throw Problem.unauthorized
    }

    private func answer(_ received: Desk.Received, registrar: Registrar) -> Response {
        var members: [(String, JSON)] = [
            ("outcome", .string(received.outcome.rawValue)), ("ticket", .optional(received.ticket)),
            ("message", .string(received.message.description)),
        ]
        if let code = received.ticket { members.append(("status_url", .string(registrar.statusURL(of: code)))) }
        return .json(.object(members), status: received.outcome == .duplicate ? .ok : .created)
    }
}

extension HTTPField.Name {
    static let webhookID = HTTPField.Name("webhook-id")!
    static let webhookTimestamp = HTTPField.Name("webhook-timestamp")!
    static let webhookSignature = HTTPField.Name("webhook-signature")!
}
