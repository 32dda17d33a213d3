import Civic
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Postgres
import Spool

/// `POST /v1/channels/{name}/messages`: authentic, then understood, then decided, then durable, then acknowledged. What
/// a channel with `fields` cannot understand is kept as it came: foreign senders hear no refusal. While PostgreSQL is away
/// a channel with `spool` keeps what is authentic and understood on the daemon's own disk (`Spooler`).
struct WebhookRoute: Sendable {
    let desk: Desk
    let mail: MailDesk

    /// Whether the address is that of a channel whose sender speaks a language of its own.
    func isMapped(_ context: RouteContext) -> Bool {
        desk.current.channels[context.decoded("name") ?? ""]?.mapper != nil
    }

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
            desk.observe(
                .messageRefused(
                    channel: name, status: problem.status.code, reason: problem.reason ?? problem.detail))
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
            let type = request.headers[.contentType]
            return try await orKeep(body, type: type, as: .timeOrdered(at: now), on: channel, at: now) {
                try await take(body, type: type, by: mapper, on: channel, rulebook: rulebook, started: started)
            }
        }
        try request.requireJSON()
        let posted = try JSONBody.decode(body, as: WebhookBody.self).message(
            channel: channel.settings.name, attests: channel.settings.attests, bounds: channel.bounds, now: now)
        return try await orKeep(body, type: nil, as: posted.id, on: channel, at: now) {
            let received = try await desk.receive(
                posted, raw: body, on: channel.settings, by: rulebook, started: started)
            return answer(received, registrar: rulebook.registrar)
        }
    }

    /// Takes it in; if PostgreSQL cannot now, and the channel's sender does not come again, the request is kept as it came.
    /// 202: it will be taken in, and has no ticket yet.
    private func orKeep(
        _ body: [UInt8], type: String?, as message: Identifier, on channel: WebhookChannel, at now: Timestamp,
        _ take: () async throws -> Response
    ) async throws -> Response {
        guard channel.settings.isSpooled else { return try await take() }
        if !desk.spool.isAway() {
            // Whether it was written or not, the same id again changes nothing.
            do { return try await take() } catch let error as PostgresError where error.isRetriable {}
        }
        try await desk.spool.keep(
            SpooledRequest(
                message: message, channel: channel.settings.name, type: type, receivedAt: now, body: body))
        return .json(
            .object([("outcome", .string("kept")), ("ticket", .null), ("message", .string(message.description))]),
            status: .accepted)
    }

    private func take(
        _ body: [UInt8], type: String?, by mapper: MessageMapper, on channel: WebhookChannel, rulebook: Desk.Rulebook,
        started: ContinuousClock.Instant
    ) async throws -> Response {
        do {
            switch try mapper.map(body, type: type, now: desk.now()) {
            case .message(let posted, _):
                let received = try await desk.receive(
                    posted, raw: body, on: channel.settings, by: rulebook, started: started)
                return answer(received, registrar: rulebook.registrar)
            case .ignored(let message, let reason):
                let id = try await desk.keep(message, raw: body, reason: reason, started: started)
                return .json(
                    .object([
                        ("outcome", .string(Desk.Received.Outcome.discarded.rawValue)), ("ticket", .null),
                        ("message", .string(id.description)), ("reason", .string(reason)),
                    ]))
            }
        } catch let problem as Problem {
            return try await keep(body, on: channel, reason: problem.detail)
        } catch let error as PostgresError where !error.isRetriable {
            return try await keep(body, on: channel, reason: "PostgreSQL does not take it: \(error.message)")
        }
    }

    /// 202: it was accepted, and an operator must see to it.
    private func keep(_ body: [UInt8], on channel: WebhookChannel, reason: String) async throws -> Response {
        let outcome = try await mail.keep(body, on: channel.settings.name, reason: reason)
        return .json(
            .object([("outcome", .string(outcome.word)), ("ticket", .null), ("reason", .string(reason))]),
            status: .accepted)
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
