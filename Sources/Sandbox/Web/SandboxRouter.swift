import Hummingbird
import NIOCore

/// A request's context, with the connection, because one of the faults is to close it.
struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Of App IO: whose key the request has.
    var service: AppIOSandboxService?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// All that the sandbox serves over HTTP.
enum SandboxRouter {
    static func make(_ desk: ControlDesk) -> Router<SandboxContext> {
        let router = Router(context: SandboxContext.self)
        AppIORoutes(desk: desk).add(to: router)
        ControlRoutes(desk: desk).add(to: router)
        ReadingRoutes(desk: desk).add(to: router)
        ChatRoutes(desk: desk).add(to: router)
        GraphRoutes(desk: desk).add(to: router)
        TwilioRoutes(desk: desk).add(to: router)
        TelegramRoutes(desk: desk).add(to: router)
        MastodonRoutes(desk: desk).add(to: router)
        OfficeRoutes(desk: desk).add(to: router)
        UtilityRoutes(desk: desk).add(to: router)
        router.get("/") { _, _ in Page.response() }
        return router
    }
}
