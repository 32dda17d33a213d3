import Hummingbird
import Observability

/// Turns every error into the answer that the contract names; what nobody foresaw is a 503 that asks to come again, and
/// is reported.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let observe: Observer

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let error as HTTPError {
            return Problem(error.status, error.body ?? error.status.reasonPhrase).response
        } catch is SenderLeft {
            observe(.senderLeft)
            return Problem.malformed("the request is not complete").response
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            observe(.internalError(place: "http", error: String(describing: error)))
            return Problem.unavailable("the request could not be handled now").response
        }
    }
}
