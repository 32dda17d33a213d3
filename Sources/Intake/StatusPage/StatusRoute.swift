import Civic
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import Store

struct StatusRoute: Sendable {
    let desk: Desk

    func handle(_ request: Request, context: RouteContext) async throws -> Response {
        let rulebook = desk.current
        let configuration = rulebook.configuration
        let key = request.uri.queryParameters["k"].map(String.init) ?? ""
        let language =
            request.headers[.acceptLanguage].flatMap(StatusWords.language(accepted:)) ?? configuration.city.language
        guard let text = context.decoded("code"),
            let code = TicketCode(parsing: text, prefix: configuration.city.prefix)?.text,
            desk.instance.accepts(key: key, for: code)
        else { return html(rulebook.pages.notFound(in: configuration, language: language), status: .notFound) }
        let ticket: TicketRecord?
        do {
            ticket = try await desk.tickets.find(code: code)
        } catch {
            desk.observe(.internalError(place: "status page", error: String(describing: error)))
            throw Problem.unavailable("the database cannot answer now")
        }
        guard let ticket else {
            return html(rulebook.pages.notFound(in: configuration, language: language), status: .notFound)
        }
        return html(rulebook.pages.found(ticket, in: configuration), status: .ok)
    }

    private func html(_ page: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "private, no-store",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
                .xContentTypeOptions: "nosniff",
                // The address holds the key.
                .referrerPolicy: "no-referrer",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = HTTPField.Name("referrer-policy")!
}
