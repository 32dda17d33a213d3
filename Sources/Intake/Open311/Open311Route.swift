import Civic
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Postgres
import Settings
import Store

/// Open311 GeoReport v2, with FixMyStreet's updates: `/open311/v2/…`, in XML and JSON.
///
/// Reading is open to everybody, as the protocol has it, and tells no more than the channel publishes. Reports and all
/// updates need a key. Every answer, refusals too, is in the format that the address names.
struct Open311Route: Sendable {
    let desk: Desk

    func get(_ request: Request, context: RouteContext) async throws -> Response {
        try await answer(context) { address, format in
            let query = try self.query(of: request)
            let rulebook = desk.current
            let server = try Open311Server.meant(by: query["jurisdiction_id"], among: rulebook.open311)
            if let seconds = server.reading.take(at: desk.now()) { throw Open311Failure.tooOften(after: seconds) }
            var response = try await read(address, format, Open311Query(query), server, rulebook.configuration)
            // Maps in browsers read it too. Nothing here depends on who asks.
            if address != .updates { response.headers[.accessControlAllowOrigin] = "*" }
            return response
        }
    }

    func post(_ request: Request, context: RouteContext) async throws -> Response {
        try await answer(context) { address, format in
            guard address == .requests || address == .updates else {
                var failure = Open311Failure(.methodNotAllowed, ["the address only answers GET"])
                failure.allow = "GET, HEAD"
                throw failure
            }
            let query = try self.query(of: request)
            let servers = desk.current.open311
            guard let most = servers.map(\.bodyLimit).max() else {
                throw Open311Failure.unknown("there is nothing at this address")
            }
            let type = request.headers[.contentType]
            let isUpload = type?.lowercased().hasPrefix("multipart/") ?? false
            let limit = isUpload ? most : desk.current.configuration.limits.body
            return try await request.withBody(upTo: limit, of: desk.bodies, proven: false, context: context) { body in
                try await take(read(body, type, query), as: address, format)
            }
        }
    }

    /// The picture of a ticket, where texts are published.
    func picture(_ request: Request, context: RouteContext) async throws -> Response {
        let rulebook = desk.current
        let missing = Problem(.notFound, "there is no such picture, or nobody may see it")
        guard context.decoded("resource") == "requests",
            let code = context.decoded("name").flatMap({ ticketCode($0, rulebook) }),
            let number = context.decoded("number").flatMap({ Int($0) })
        else { throw missing }
        for server in rulebook.open311 {
            guard server.reading.take(at: desk.now()) == nil else {
                throw Problem(.tooManyRequests, "too many readings", retryAfter: 1)
            }
            let found = try await reachable { try await desk.archive.picture(number, code: code, server.visibility) }
            guard let (type, bytes) = found else { continue }
            var headers: HTTPFields = [.contentType: type, .cacheControl: "public, max-age=300"]
            headers[.xContentTypeOptions] = "nosniff"
            headers[.contentSecurityPolicy] = "sandbox; default-src 'none'"
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        throw missing
    }

    // MARK: Reading

    private func read(
        _ address: Open311Address, _ format: Open311Format, _ query: Open311Query, _ server: Open311Server,
        _ configuration: Configuration
    ) async throws -> Response {
        let prefix = configuration.city.prefix
        switch address {
        case .discovery: return try format.response(server.discovery, root: "discovery")
        case .services: return try format.response(server.serviceList, root: "services")
        case .service(let code): return try format.response(server.definition(of: code), root: "service_definition")
        case .requests:
            let filter = try query.requests(server.visibility, prefix: prefix, now: desk.now())
            let tickets = try await reachable { try await desk.archive.published(filter, server.visibility) }
            if tickets.isEmpty, filter.codes != nil {
                throw Open311Failure.unknown("service_request_id: there is none such")
            }
            return try format.response(server.list(tickets, in: configuration), root: "service_requests")
        case .request(let name):
            var filter = Tickets.PublishedFilter()
            filter.codes = TicketCode(parsing: name, prefix: prefix).map { [$0.text] } ?? []
            let tickets = try await reachable { [filter] in try await desk.archive.published(filter, server.visibility)
            }
            guard !tickets.isEmpty else { throw Open311Failure.unknown("service_request_id: there is none such") }
            return try format.response(server.list(tickets, in: configuration), root: "service_requests")
        case .token(let token):
            guard server.intake.answer != .blackbox, let id = Identifier(token) else {
                throw Open311Failure.unknown("token: there is none such")
            }
            let (isKnown, code) = try await reachable {
                try await desk.tickets.ticket(ofMessage: id, channel: server.channel.name)
            }
            guard isKnown else { throw Open311Failure.unknown("token: there is none such") }
            return try format.response(
                .list(
                    of: "request", [.object([("service_request_id", .text(code)), ("token", .text(id.description))])]),
                root: "service_requests")
        case .updates:
            guard let key = server.sender(query["api_key"]) else { throw Open311Failure.forbidden }
            let (from, until, limit, offset) = try query.updates(now: desk.now())
            let updates = try await reachable {
                try await desk.archive.updates(
                    from: from, until: until, for: key.actor, server.visibility, limit: limit, offset: offset)
            }
            return try format.response(server.list(updates), root: "service_request_updates")
        }
    }

    private func query(of request: Request) throws(Problem) -> FormBody {
        try FormBody(urlencoded: request.uri.query ?? "")
    }

    func ticketCode(_ text: String, _ rulebook: Desk.Rulebook) -> String? {
        TicketCode(parsing: text, prefix: rulebook.configuration.city.prefix)?.text
    }

    // MARK: Refusals

    /// Answers in the address's own format, whatever goes wrong.
    private func answer(
        _ context: RouteContext, _ body: (Open311Address, Open311Format) async throws -> Response
    ) async throws -> Response {
        let resource = context.decoded("resource") ?? ""
        let name = context.parameters.get("name") == nil ? nil : context.decoded("name") ?? ""
        guard let (address, format) = Open311Address.read(resource, name) else {
            let format = Open311Format.split(name ?? resource)?.format ?? .xml
            return try Open311Failure.unknown("there is nothing at this address").response(format)
        }
        do {
            return try await body(address, format)
        } catch let failure as Open311Failure {
            return try failure.response(format)
        } catch let problem as Problem {
            return try Open311Failure(problem).response(format)
        }
    }

    func reachable<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as PostgresError {
            desk.observe(.internalError(place: "open311", error: String(describing: error)))
            throw Problem.unavailable("the database cannot answer now")
        }
    }
}

extension Open311Failure {
    static func tooOften(after seconds: Int) -> Open311Failure {
        var failure = Open311Failure(.tooManyRequests, ["too many requests"])
        failure.retryAfter = seconds
        return failure
    }
}

extension Open311Intake.Key {
    /// Who speaks, in a ticket's history.
    var actor: String { office ?? "open311:\(name)" }
}

extension Open311Server {
    /// Of a form with files. Nobody has proved who it is before the whole form is there: half of what may be held of all.
    var bodyLimit: Int { min(channel.files.bytesTogether + 1 << 20, BodyBudget.standard / 2) }
}
