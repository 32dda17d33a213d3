import Hummingbird
import Synchronization

/// What stands behind the daemon's one listener: first, while PostgreSQL is away, the waiting room; then all routes. It is
/// changed between two requests, and no connection is lost over it.
public final class CurrentRoutes: Sendable {
    private let current: Mutex<any HTTPResponder<RouteContext>>

    public init(_ room: WaitingRoom) { current = Mutex(room.router().buildResponder()) }

    public func open(_ desk: Desk, mail: MailDesk, chats: ChatDesk) {
        let routes = Routes.router(for: desk, mail: mail, chats: chats).buildResponder()
        current.withLock { $0 = routes }
    }

    var responder: any HTTPResponder<RouteContext> { current.withLock { $0 } }
}
