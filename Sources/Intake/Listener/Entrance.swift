import Hummingbird
import Synchronization

/// What stands behind the daemon's one listener: first, while PostgreSQL is away, the waiting room; then all routes. It is
/// changed between two requests, and no connection is lost over it.
public final class Entrance: Sendable {
    private let state: Mutex<any HTTPResponder<RouteContext>>

    public init(_ room: WaitingRoom) { state = Mutex(room.router().buildResponder()) }

    public func lead(to desk: Desk, mail: MailDesk, chats: ChatDesk) {
        let routes = Routes.router(for: desk, mail: mail, chats: chats).buildResponder()
        state.withLock { $0 = routes }
    }

    var routes: any HTTPResponder<RouteContext> { state.withLock { $0 } }
}
