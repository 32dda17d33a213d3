import Civic
import HTTPTypes
import Hummingbird
import NIOCore
import Observability

/// Every address that Pasquino answers at. A new channel adds its line here.
enum Routes {
    static func router(for desk: Desk, mail: MailDesk, chats: ChatDesk) -> Router<RouteContext> {
        let router = Router(context: RouteContext.self, options: .autoGenerateHeadEndpoints)
        router.middlewares.add(ProblemMiddleware(observe: desk.observe))

        let webhook = WebhookRoute(desk: desk, mail: mail)
        router.post("/v1/channels/{name}/messages") { try await webhook.handle($0, context: $1) }

        // A channel's own protocol: a messenger's, or a raw mail.
        let chats = ChatRoute(chats: chats)
        let mail = MailRoute(mail: mail)
        router.post("/v1/channels/{name}") { request, context in
            if let answer = try await chats.handle(request, context: context) { return answer }
            // Foreign senders may know one address only.
            if webhook.isMapped(context) { return try await webhook.handle(request, context: context) }
            return try await mail.handle(request, context: context)
        }
        router.get("/v1/channels/{name}") { request, context in
            if let answer = try await chats.handle(request, context: context) { return answer }
            throw Problem(.methodNotAllowed, "this channel takes POST", allow: "POST")
        }

        let tickets = TicketRoutes(desk: desk)
        router.get("/v1/tickets") { try await tickets.list($0, context: $1) }
        router.get("/v1/tickets/{code}") { try await tickets.show($0, context: $1) }
        router.post("/v1/tickets/{code}/events") { try await tickets.event($0, context: $1) }

        router.get("/v1/tickets/{code}/attachments/{number}") { try await tickets.attachment($0, context: $1) }

        router.get("/v1/citizens") { try await tickets.citizens($0, context: $1) }

        let open311 = Open311Route(desk: desk)
        for path: RouterPath in ["/open311/v2/{resource}", "/open311/v2/{resource}/{name}"] {
            router.get(path) { try await open311.get($0, context: $1) }
            router.post(path) { try await open311.post($0, context: $1) }
        }
        // A word in place of {resource} would hide the addresses above.
        router.get("/open311/v2/{resource}/{name}/media/{number}") { try await open311.picture($0, context: $1) }

        let status = StatusRoute(desk: desk)
        router.get("/t/{code}") { try await status.handle($0, context: $1) }
        router.post("/t/{code}") { try await status.choose($0, context: $1) }
        router.get("/t/{code}/documents/{number}") { try await status.document($0, context: $1) }
        router.get("/t/{code}/unsubscribe") { try await status.askForSilence($0, context: $1) }
        router.post("/t/{code}/unsubscribe") { try await status.silence($0, context: $1) }

        router.get("/health/live") { _, _ in live }
        router.get("/health/ready") { _, _ in
            if let reason = desk.unready() { throw Problem.unavailable(reason) }
            return Response.json(
                .object([("status", .string("ready")), ("config", .string(desk.current.configuration.hash))]))
        }
        router.get("/metrics") { _, _ in metrics(desk.observe) }
        router.get("/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
        }
        refuseOthers(
            router, [.post], at: ["/v1/channels/{name}/messages", "/v1/tickets/{code}/events"])
        refuseOthers(
            router, [.get, .head, .post], at: ["/v1/channels/{name}", "/t/{code}", "/t/{code}/unsubscribe"])
        refuseOthers(
            router, [.get, .head],
            at: [
                "/v1/tickets", "/v1/citizens", "/v1/tickets/{code}", "/v1/tickets/{code}/attachments/{number}",
                "/t/{code}/documents/{number}",
                "/health/live", "/health/ready", "/metrics",
                "/openapi.yaml", "/open311/v2/{resource}/{name}/media/{number}",
            ])
        refuseOthers(
            router, [.get, .head, .post], at: ["/open311/v2/{resource}", "/open311/v2/{resource}/{name}"])
        return router
    }

    static var live: Response { .json(.object([("status", .string("live"))])) }

    static func metrics(_ observe: Observer) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: observe.metrics.render())))
    }

    /// 405 (RFC 9110, 15.5.6) at a known address, rather than 404.
    private static func refuseOthers(
        _ router: Router<RouteContext>, _ known: [HTTPRequest.Method], at paths: [RouterPath]
    ) {
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        let problem = Problem(
            .methodNotAllowed, "this address does not know the method",
            allow: known.map(\.rawValue).joined(separator: ", "))
        for path in paths {
            for method in methods where !known.contains(method) {
                router.on(path, method: method) { _, _ -> Response in throw problem }
            }
        }
    }
}
