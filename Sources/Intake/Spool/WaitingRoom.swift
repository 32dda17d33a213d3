import Civic
import Hummingbird
import NIOCore
import Observability
import Settings

/// Answers while the daemon starts and PostgreSQL is away: what channels with a spool post is kept, as it is when
/// PostgreSQL goes away later; everybody else is asked to come again.
public struct WaitingRoom: Sendable {
    private let channels: [String: WebhookChannel]
    private let gate: WebhookGate
    private let spool: Spooler
    private let observe: Observer

    public init(
        _ configuration: Configuration, spool: Spooler, observe: Observer, now: @escaping @Sendable () -> Timestamp
    ) throws {
        channels = try configuration.channels.filter { $1.isOpen && $1.isWebhook && $1.isSpooled }.mapValues {
            try WebhookChannel($0, limits: configuration.limits, zone: configuration.city.zone)
        }
        gate = WebhookGate(bodies: BodyBudget(), now: now)
        self.spool = spool
        self.observe = observe
    }

    /// Whether anybody is served here.
    public var isWanted: Bool { !channels.isEmpty }

    func router() -> Router<RouteContext> {
        let router = Router(context: RouteContext.self, options: .autoGenerateHeadEndpoints)
        router.middlewares.add(ProblemMiddleware(observe: observe))
        router.middlewares.add(ClosedElsewhere())
        router.post("/v1/channels/{name}/messages") { request, context in
            guard let channel = channels[context.decoded("name") ?? ""] else { throw Problem.starting }
            return try await keep(request, context: context, on: channel)
        }
        router.post("/v1/channels/{name}") { request, context in
            guard let channel = channels[context.decoded("name") ?? ""], channel.mapper != nil else {
                throw Problem.starting
            }
            return try await keep(request, context: context, on: channel)
        }
        router.get("/health/live") { _, _ in Routes.live }
        router.get("/metrics") { [observe] _, _ in Routes.metrics(observe) }
        return router
    }

    private func keep(_ request: Request, context: RouteContext, on channel: WebhookChannel) async throws -> Response {
        do {
            return try await gate.read(request, context: context, on: channel) { try await spool.keep($0, on: channel) }
        } catch let problem as Problem {
            observe(.refused(problem, on: channel))
            throw problem
        }
    }
}

/// What has no address here may have one in a minute.
private struct ClosedElsewhere: RouterMiddleware {
    func handle(
        _ request: Request, context: RouteContext, next: (Request, RouteContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch let error as HTTPError where error.status == .notFound {
            throw Problem.starting
        }
    }
}

extension Problem {
    fileprivate static let starting = unavailable("the service is starting, and PostgreSQL does not answer")
}
