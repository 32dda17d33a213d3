import Civic
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Postgres
import Store

/// `POST /v1/channels/{name}/messages`: authentic, then understood, then decided, then durable, then acknowledged.
struct WebhookRoute: Sendable {
    let desk: Desk

    func handle(_ request: Request, context: some RequestContext) async throws -> Response {
        let started = ContinuousClock.now
        let name = context.parameters.get("name") ?? ""
        let rulebook = desk.current
        guard let channel = rulebook.channels[name] else { throw Problem(.notFound, "there is no such channel") }
        do {
            let response = try await accept(request, on: channel, rulebook: rulebook, started: started)
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
        _ request: Request, on channel: WebhookChannel, rulebook: Desk.Rulebook, started: ContinuousClock.Instant
    ) async throws -> Response {
        let now = desk.now()
        let proof = try proof(in: request, for: channel)
        let body = try await request.collectBody(upTo: channel.bodyLimit)
        if case .signature(let id, let timestamp, let signatures) = proof {
            guard
                channel.signatures?.accepts(
                    id: id, timestamp: timestamp, signatures: signatures, body: body, now: now.seconds) == true
            else { throw Problem.unauthorized }
        }
        if let seconds = channel.rate.take(at: now) {
            desk.observe(.rateLimited(channel: channel.settings.name))
            throw Problem(.tooManyRequests, "the channel's rate is exceeded", retryAfter: seconds)
        }
        try request.requireJSON()
        let message = try JSONBody.decode(body, as: WebhookBody.self).message(
            channel: channel.settings.name, attests: channel.settings.attests, bounds: channel.bounds, now: now)

        let verdict = rulebook.classifier.decide(message)
        for failure in verdict.explanation.outcome.failed {
            desk.observe(.ruleFailed(rule: "all", error: failure.message))
        }
        let number = try await desk.numbers.next()
        let record = try rulebook.registrar.record(message, raw: body, verdict: verdict, number: number)
        let result = try await desk.writer.submit(record)
        return answer(record, result, verdict: verdict, registrar: rulebook.registrar, started: started)
    }

    private enum Proof {
        case token
        case signature(id: String, timestamp: String, signatures: String)
    }

    /// A wrong token is refused before the body is read; a signature needs the body.
    private func proof(in request: Request, for channel: WebhookChannel) throws -> Proof {
        if let digest = channel.tokenDigest, let token = Authentication.bearer(request.headers[.authorization]) {
            guard Authentication.equal(Authentication.digest(token), digest) else { throw Problem.unauthorized }
            return .token
        }
        if channel.signatures != nil, let id = request.headers[.webhookID],
            let timestamp = request.headers[.webhookTimestamp], let signatures = request.headers[.webhookSignature]
        {
            return .signature(id: id, timestamp: timestamp, signatures: signatures)
        }
        throw Problem.unauthorized
    }

    private func answer(
        _ record: IntakeRecord, _ result: IntakeResult, verdict: Verdict, registrar: Registrar,
        started: ContinuousClock.Instant
    ) -> Response {
        let outcome: String
        var code: String?
        var message = record.message.id
        switch result {
        case .stored:
            if case .ticket(let ticket) = record.outcome {
                outcome = "opened"
                code = ticket.code
            } else {
                outcome = "discarded"
            }
        case .duplicate(let earlier, let ticket):
            outcome = "duplicate"
            code = ticket
            message = earlier
        }
        desk.observe(
            .messageAccepted(
                channel: record.message.channel, outcome: outcome, ticket: code, category: verdict.category,
                office: verdict.office, rule: verdict.explanation.because.first { $0.field == .category }?.rule,
                undecided: verdict.undecided, seconds: (ContinuousClock.now - started).inSeconds))
        var members: [(String, JSON)] = [
            ("outcome", .string(outcome)), ("ticket", .optional(code)), ("message", .string(message.description)),
        ]
        if let code { members.append(("status_url", .string(registrar.statusURL(of: code)))) }
        return .json(.object(members), status: outcome == "duplicate" ? .ok : .created)
    }
}

extension HTTPField.Name {
    static let webhookID = HTTPField.Name("webhook-id")!
    static let webhookTimestamp = HTTPField.Name("webhook-timestamp")!
    static let webhookSignature = HTTPField.Name("webhook-signature")!
}

extension Request {
    /// The whole body.
    /// - Throws: `Problem` 413, without reading further than the limit.
    func collectBody(upTo limit: Int) async throws -> [UInt8] {
        let tooLarge = Problem(.contentTooLarge, "the body is larger than \(limit) bytes")
        if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw tooLarge }
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// A missing type is taken for JSON: nothing else is spoken here.
    /// - Throws: `Problem` 415; also for compressed bodies and texts that are not UTF-8.
    func requireJSON() throws(Problem) {
        if let encoding = headers[.contentEncoding], !encoding.isEmpty, encoding.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType, "expected a body without Content-Encoding")
        }
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
