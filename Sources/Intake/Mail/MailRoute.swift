import Civic
import HTTPTypes
import Hummingbird
import Observability
import Postgres

/// `POST /v1/channels/{name}` of a channel of type email: one raw mail as the body (`message/rfc822`), with the channel's
/// token. `pasquino deliver` comes here.
struct MailRoute: Sendable {
    let mail: MailDesk

    func handle(_ request: Request, context: RouteContext) async throws -> Response {
        let name = context.decoded("name") ?? ""
        let desk = mail.desk
        guard let channel = desk.current.configuration.channels[name], channel.isOpen,
            let intake = channel.email
        else {
            throw Problem(.notFound, "there is no such channel of type email")
        }
        do {
            guard let expected = channel.token.map({ Authentication.digest($0.value) }),
                let token = Authentication.bearer(request.headers[.authorization]),
                Authentication.equal(Authentication.digest(token), expected)
            else { throw Problem.unauthorized }
            return try await request.withBody(upTo: intake.size, of: desk.mailBodies, proven: true, context: context) {
                let outcome = try await mail.accept($0, on: name)
                return Response.json(
                    .object([
                        ("outcome", .string(outcome.word)), ("ticket", .optional(outcome.ticket)),
                        ("reason", .optional(outcome.reason)),
                    ]), status: outcome.isNew ? .created : .ok)
            }
        } catch let problem as Problem {
            desk.observe(.messageRefused(channel: name, status: problem.status.code, reason: problem.detail))
            throw problem
        } catch let error as PostgresError {
            desk.observe(.messageRefused(channel: name, status: 503, reason: String(describing: error)))
            throw Problem.unavailable("the mail could not be made durable; it is safe to send it again")
        }
    }
}

extension MailDesk.Outcome {
    var reason: String? {
        switch self {
        case .kept(let reason), .unread(let reason): reason
        case .opened, .appended, .duplicate: nil
        }
    }

    var isNew: Bool { if case .duplicate = self { false } else { true } }
}
