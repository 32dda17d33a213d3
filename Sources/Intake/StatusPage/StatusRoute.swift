import Civic
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Settings
import Store

/// The citizen's page and what can be said on it. The key in the address is the only proof, and reading changes
/// nothing: programs that look into mails follow every link.
struct StatusRoute: Sendable {
    let desk: Desk

    /// What a choice may be in bytes.
    private static let formLimit = 4096

    func handle(_ request: Request, context: RouteContext) async throws -> Response {
        try await withTicket(request, context) { ticket, key, rulebook in
            let isSaved = request.uri.queryParameters["saved"] == "1"
            return html(
                rulebook.pages.found(ticket, in: rulebook.configuration, key: key, isSaved: isSaved), status: .ok)
        }
    }

    /// A document that an office gave to a step.
    func document(_ request: Request, context: RouteContext) async throws -> Response {
        try await withTicket(request, context) { ticket, _, rulebook in
            guard let number = context.decoded("number").flatMap({ Int($0) }),
                let file = try await reachable({ try await desk.archive.document(number, of: ticket) })
            else {
                return html(
                    rulebook.pages.notFound(in: rulebook.configuration, language: ticket.language), status: .notFound)
            }
            var response = Response.saved(name: file.name, type: file.type, file.content)
            // The address holds the key.
            response.headers[.referrerPolicy] = "no-referrer"
            return response
        }
    }

    /// How the citizen wants to be told. The answer leads back to the page, so that reloading it sends nothing again.
    func choose(_ request: Request, context: RouteContext) async throws -> Response {
        try await withTicket(request, context) { ticket, key, rulebook in
            guard let choice = ContactForm(ticket, in: rulebook.configuration) else {
                throw Problem(.conflict, "there is nothing to choose for this ticket")
            }
            let said = try choice.said(try await form(of: request, context))
            try await write(said, on: ticket)
            return Response(
                status: .seeOther,
                headers: [
                    .location: "\(ticket.code)?k=\(key)&saved=1", .cacheControl: "private, no-store",
                    .referrerPolicy: "no-referrer",
                ])
        }
    }

    /// What people see who open the link of a mail's List-Unsubscribe.
    func askForSilence(_ request: Request, context: RouteContext) async throws -> Response {
        try await withTicket(request, context) { ticket, key, rulebook in
            html(
                rulebook.pages.silence(
                    ticket.code, key: key, language: ticket.language, isDone: false, in: rulebook.configuration),
                status: .ok)
        }
    }

    /// One click in a mail program (RFC 8058, 3.1): no news of this ticket any more.
    func silence(_ request: Request, context: RouteContext) async throws -> Response {
        try await withTicket(request, context) { ticket, key, rulebook in
            guard try await form(of: request, context)["List-Unsubscribe"] == "One-Click" else {
                throw Problem.malformed("expected List-Unsubscribe=One-Click")
            }
            try await write(PreferenceTable.Said(wish: .silence, isForAll: false), on: ticket)
            return html(
                rulebook.pages.silence(
                    ticket.code, key: key, language: ticket.language, isDone: true, in: rulebook.configuration),
                status: .ok)
        }
    }

    /// With a wrong key or an unknown code the answer is always the same.
    private func withTicket(
        _ request: Request, _ context: RouteContext,
        _ body: (TicketRecord, _ key: String, Desk.Rulebook) async throws -> Response
    ) async throws -> Response {
        let rulebook = desk.current
        let configuration = rulebook.configuration
        let key = request.uri.queryParameters["k"].map(String.init) ?? ""
        let language =
            request.headers[.acceptLanguage].flatMap(StatusWords.language(accepted:)) ?? configuration.city.language
        let ticket: TicketRecord?
        if let text = context.decoded("code"),
            let code = TicketCode(parsing: text, prefix: configuration.city.prefix)?.text,
            desk.instance.accepts(key: key, for: code)
        {
            ticket = try await reachable { try await desk.tickets.find(code: code) }
        } else {
            ticket = nil
        }
        guard let ticket else {
            return html(rulebook.pages.notFound(in: configuration, language: language), status: .notFound)
        }
        return try await body(ticket, key, rulebook)
    }

    private func form(of request: Request, _ context: RouteContext) async throws -> FormBody {
        try await request.withBody(
            upTo: StatusRoute.formLimit, of: desk.bodies, proven: true, context: context
        ) { body in
            try request.refuseEncodings()
            return try FormBody(body, type: request.headers[.contentType])
        }
    }

    private func write(_ said: PreferenceTable.Said, on ticket: TicketRecord) async throws {
        let isWritten = try await reachable {
            try await desk.tickets.preferences.say(said, on: ticket.code, at: desk.now())
        }
        guard isWritten else { throw Problem.notFound }
    }

    private func reachable<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch {
            desk.observe(.internalError(place: "status page", error: String(describing: error)))
            throw Problem.unavailable("the database cannot answer now")
        }
    }

    private func html(_ page: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "private, no-store",
                .contentSecurityPolicy:
                    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
                .xContentTypeOptions: "nosniff",
                // The address holds the key.
                .referrerPolicy: "no-referrer",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = HTTPField.Name("referrer-policy")!
}
