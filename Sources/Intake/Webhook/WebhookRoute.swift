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
    private let gate: WebhookGate

    init(desk: Desk, mail: MailDesk) {
        self.desk = desk
        self.mail = mail
        gate = WebhookGate(bodies: desk.bodies, now: desk.now)
    }

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
            desk.observe(.refused(problem, on: channel))
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
        try await gate.read(request, context: context, on: channel) { posted in
            try await orKeep(posted, on: channel) {
                switch posted.content {
                case .message(let message):
                    let received = try await desk.receive(
                        message, raw: posted.body, on: channel.settings, by: rulebook, started: started)
                    return answer(received, registrar: rulebook.registrar)
                case .foreign(let mapper):
                    return try await take(
                        posted.body, type: posted.type, by: mapper, on: channel, rulebook: rulebook, started: started)
                }
            }
        }
    }

    /// Takes it in; if PostgreSQL cannot now, and the channel's sender does not come again, the request is kept as it came.
    private func orKeep(
        _ posted: WebhookGate.Posted, on channel: WebhookChannel, _ take: () async throws -> Response
    ) async throws -> Response {
        guard channel.settings.isSpooled else { return try await take() }
        if !desk.spool.isAway() {
            // Whether it was written or not, the same id again changes nothing.
            do { return try await take() } catch let error as PostgresError where error.isRetriable {}
        }
        return try await desk.spool.keep(posted, on: channel)
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

    private func answer(_ received: Desk.Received, registrar: Registrar) -> Response {
        var members: [(String, JSON)] = [
            ("outcome", .string(received.outcome.rawValue)), ("ticket", .optional(received.ticket)),
            ("message", .string(received.message.description)),
        ]
        if let code = received.ticket { members.append(("status_url", .string(registrar.statusURL(of: code)))) }
        return .json(.object(members), status: received.outcome == .duplicate ? .ok : .created)
    }
}

extension Observation {
    static func refused(_ problem: Problem, on channel: WebhookChannel) -> Observation {
        .messageRefused(
            channel: channel.settings.name, status: problem.status.code, reason: problem.reason ?? problem.detail)
    }
}
