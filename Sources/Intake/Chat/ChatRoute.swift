import Civic
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Postgres

/// `POST /v1/channels/{name}` of a messenger's channel, and the `GET` by which it makes sure of the address: authentic,
/// then understood, then durable, then acknowledged. Only a wrong proof and a full house are refused; whatever else
/// comes is answered 200, for a messenger repeats what is not, and gives up on who refuses too often.
struct ChatRoute: Sendable {
    let chats: ChatDesk

    /// After a pause Meta sends a thousand messages at once; what is refused as too large comes again for days.
    private static let batch = 4 << 20

    /// - Returns: nil if the channel is no messenger's.
    func handle(_ request: Request, context: RouteContext) async throws -> Response? {
        let name = context.decoded("name") ?? ""
        let desk = chats.desk
        let rulebook = desk.current
        guard let channel = rulebook.messengers[name] else { return nil }
        do {
            if request.method == .get || request.method == .head { return try challenge(request, channel.messenger) }
            return try await request.withBody(
                upTo: max(rulebook.configuration.limits.body, ChatRoute.batch), of: desk.bodies, proven: false,
                context: context
            ) { body in
                let delivery = Delivery(
                    url: rulebook.configuration.city.baseURL + request.uri.string, headers: request.headers, body: body,
                    receivedAt: desk.now())
                try channel.messenger.prove(delivery)
                if let seconds = channel.rate.take(at: delivery.receivedAt) {
                    throw Problem(.tooManyRequests, "the channel's rate is exceeded", retryAfter: seconds)
                }
                try await take(delivery, on: channel, by: rulebook)
                return answer(channel.messenger)
            }
        } catch let problem as Problem {
            desk.observe(.messageRefused(channel: name, status: problem.status.code, reason: problem.detail))
            throw problem
        } catch let error as PostgresError {
            desk.observe(.messageRefused(channel: name, status: 503, reason: String(describing: error)))
            throw Problem.unavailable("the message could not be made durable; it is safe to send it again")
        } catch is ChatDesk.EarlyReceipt {
            throw Problem.unavailable("what it speaks of is still being written; it is safe to send it again")
        }
    }

    private func take(_ delivery: Delivery, on channel: MessengerChannel, by rulebook: Desk.Rulebook) async throws {
        let events: [ChatEvent]
        do throws(UnreadableDelivery) { events = try channel.messenger.read(delivery) } catch {
            return try await keep(delivery, of: channel, reason: error.reason)
        }
        var early: ChatDesk.EarlyReceipt?
        for (index, event) in events.enumerated() {
            do {
                // A delivery may hold hundreds: with the first few it stands as it came, with the others by their words.
                try await chats.take(
                    event, raw: index < 8 ? delivery.body : [], on: channel.settings, medium: channel.messenger.medium,
                    by: rulebook)
            } catch let error as ChatDesk.EarlyReceipt {
                early = error
            } catch let error as PostgresError where !error.isRetriable {
                // One event that nothing can be done with must not keep out the others for ever.
                try await keep(delivery, of: channel, reason: "PostgreSQL does not take an event: \(error.message)")
            }
        }
        if let early { throw early }
    }

    private func keep(_ delivery: Delivery, of channel: MessengerChannel, reason: String) async throws {
        try await chats.unread.keep(
            delivery.body, channel: channel.settings.name, reason: reason, at: delivery.receivedAt)
        chats.desk.observe(
            .messageRefused(channel: channel.settings.name, status: 200, reason: "kept unread: \(reason)"))
    }

    private func challenge(_ request: Request, _ messenger: any Messenger) throws -> Response {
        guard let text = try messenger.challenge(try FormBody(urlencoded: request.uri.query ?? "")) else {
            throw Problem(.methodNotAllowed, "this channel takes POST", allow: "POST")
        }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func answer(_ messenger: any Messenger) -> Response {
        let (type, body) = messenger.answer
        return Response(
            status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
