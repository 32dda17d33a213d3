import Civic
import Hummingbird
import Store

extension TicketRoutes {
    /// `GET /v1/citizens?phone=…`, `?email=…`, `?fiscal_code=…`: who is known by it, with their tickets, for a contact
    /// centre's screen. That an office looked is on record in the audit trail.
    func citizens(_ request: Request, context: some RequestContext) async throws -> Response {
        let office = try office(of: request)
        let asked = request.uri.queryParameters
        guard asked.count == 1, let (name, value) = asked.first else { throw TicketRoutes.askForOne }
        let text = String(value)
        let (kind, known): (IdentityKind, String?) =
            switch String(name) {
            // A plus sign in a query is a space, unless it was encoded.
            case "phone": (.phone, PhoneNumber(text.first == " " ? "+" + text.dropFirst() : text)?.text)
            case "email": (.email, EmailAddress(text)?.text)
            case "fiscal_code": (.fiscalCode, FiscalCode(text)?.text)
            default: throw TicketRoutes.askForOne
            }
        guard let known else { throw Problem(.badRequest, "\(kind.rawValue): the value is none") }
        let stories = try await reachable {
            try await desk.tickets.stories(of: kind, known, by: .office(office.code), at: desk.now())
        }
        return .json(.object([("citizens", .array(stories.map(\.json)))]))
    }

    private static let askForOne = Problem(
        .badRequest, "expected one of phone, email, fiscal_code in the query, and nothing else")
}
