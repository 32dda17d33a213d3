import Boundaries
import Civic
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Postgres
import Settings
import Store

/// The back offices' side: `GET /v1/tickets…` and `POST /v1/tickets/{code}/events`, with an office's token.
struct TicketRoutes: Sendable {
    let desk: Desk

    func show(_ request: Request, context: RouteContext) async throws -> Response {
        _ = try office(of: request)
        guard let ticket = try await reachable({ try await desk.tickets.find(code: try code(context)) }) else {
            throw Problem(.notFound, "there is no such ticket")
        }
        return .json(ticket.json(personal: true, reasons: true))
    }

    func list(_ request: Request, context: some RequestContext) async throws -> Response {
        _ = try office(of: request)
        let query = request.uri.queryParameters
        var filter = Tickets.Filter()
        for (name, value) in query {
            let text = String(value)
            guard !text.utf8.contains(0) else { throw Problem(.badRequest, "U+0000 in the query") }
            switch String(name) {
            case "office": filter.office = text
            case "category": filter.category = text
            case "status": filter.status = text
            case "channel": filter.channel = text
            case "text": filter.text = text
            case "since":
                guard let moment = Timestamp(rfc3339: text) else {
                    throw Problem(.badRequest, "since: expected a time as in RFC 3339")
                }
                filter.openedSince = moment
            case "limit":
                guard let limit = Int(text), (1...1000).contains(limit) else {
                    throw Problem(.badRequest, "limit: expected 1 to 1000")
                }
                filter.limit = limit
            default: throw Problem(.badRequest, "unknown parameter in the query")
            }
        }
        let tickets = try await reachable { [filter] in try await desk.archive.list(filter) }
        return .json(.object([("tickets", .array(tickets.map { $0.json(personal: true) }))]))
    }

    func event(_ request: Request, context: RouteContext) async throws -> Response {
        let office = try office(of: request)
        let rulebook = desk.current
        let event: EventBody = try await request.withBody(
            upTo: rulebook.configuration.limits.body, of: desk.bodies, proven: true, context: context
        ) { body in
            try request.requireJSON()
            return try EventBody.read(body)
        }
        var step = try event.step(
            code: try code(context), by: office.code, directory: rulebook.configuration.directory,
            at: desk.now(), timing: rulebook.configuration.timing)
        let configuration = rulebook.configuration
        let posted = try event.files(most: rulebook.configuration.limits.attachments)
        let files = await desk.fileRoom.run { [desk] in
            desk.files.take(posted, bounds: FileBounds(), zone: configuration.city.zone)
        }
        if let refusal = files.refusal { throw Problem.invalid("/attachments", refusal) }
        step.attachments = files.kept
        step.offices = configuration.officeNotices
        step.choice = rulebook.registrar.choice
        step.audited = .office(office.code)
        // Asked once: what is written for nobody must not be delivered from memory, for others may take it.
        let owner = desk.owner()
        let result = try await reachable { [step] in
            try await desk.tickets.take(step, owner: owner) { category, from in
                configuration.due(category: category, office: office.code, from: from)
            }
        }
        if case .done = result { Boundary.stepCommitted.pass() }
        switch result {
        case .noSuchTicket: throw Problem(.notFound, "there is no such ticket")
        case .notAllowed(let status):
            throw Problem(.conflict, "a ticket that is \(status.rawValue) cannot become \(step.kind.rawValue)")
        case .noDestination:
            throw Problem.invalid("/to_office", "the member is missing, and the office hands on such tickets to nobody")
        case .duplicate: return .json(.object([("outcome", .string("duplicate")), ("ticket", .string(step.code))]))
        case .done(let owed):
            desk.observe(.ticketStep(ticket: step.code, kind: step.kind, by: step.by))
            if owner != nil, !owed.isEmpty { desk.deliver(owed) }
            return .json(
                .object([("outcome", .string("recorded")), ("ticket", .string(step.code))]), status: .created)
        }
    }

    /// `GET /v1/tickets/{code}/attachments/{number}`: the file as others may see it, or, with `?original=1` for the office
    /// that has the ticket, as it came.
    func attachment(_ request: Request, context: RouteContext) async throws -> Response {
        let office = try office(of: request)
        let code = try code(context)
        let missing = Problem(.notFound, "there is no such attachment, or nothing of it may be shown")
        guard let number = context.decoded("number").flatMap({ Int($0) }) else { throw missing }
        let original = request.uri.queryParameters["original"] == "1"
        guard
            let (attachment, bytes) = try await reachable({
                try await desk.archive.content(
                    ofAttachment: number, code: code, originalFor: original ? office.code : nil)
            })
        else { throw missing }
        return .saved(name: attachment.name, type: attachment.type, bytes)
    }

    /// A code as people write it, brought to its one form.
    private func code(_ context: RouteContext) throws -> String {
        guard let text = context.decoded("code"),
            let code = TicketCode(parsing: text, prefix: desk.current.configuration.city.prefix)
        else { throw Problem(.notFound, "there is no such ticket") }
        return code.text
    }

    func office(of request: Request) throws -> Office {
        guard let token = Authentication.bearer(request.headers[.authorization]) else { throw Problem.unauthorized }
        let digest = Authentication.digest(token)
        let offices = desk.current.configuration.directory.offices.values
        // Every office is compared, so that the time does not tell which one was near.
        var found: Office?
        for office in offices {
            if let expected = office.tokenDigest, Authentication.equal(expected, digest) { found = office }
        }
        guard let found else { throw Problem.unauthorized }
        return found
    }

    func reachable<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as PostgresError {
            desk.observe(.internalError(place: "tickets", error: String(describing: error)))
            throw Problem.unavailable("the database cannot answer now")
        }
    }
}

extension String {
    /// RFC 8187, 3.2: all but letters, digits and a few marks as %XX.
    fileprivate var percentEncoded: String {
        utf8.reduce(into: "") { text, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: text.unicodeScalars.append(.init(byte))
            default: text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

extension Response {
    /// A stranger's file: whatever it is, a browser neither runs nor guesses at it, but saves it.
    static func saved(name: String, type: String, _ bytes: [UInt8]) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.contentDisposition] = "attachment; filename*=UTF-8''\(name.percentEncoded)"
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] = "sandbox; default-src 'none'"
        headers[.cacheControl] = "private, no-store"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
