import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The HTTP listener: every route behind guarded connections.
public enum Listener {
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - connections: the most at a time.
    ///   - onRunning: called with the port once requests are taken.
    public static func application(
        for desk: Desk, mail: MailDesk, chats: ChatDesk, host: String, port: Int, connections: Int,
        limits: ConnectionLimits = ConnectionLimits(),
        logger: Logger, onRunning: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        let observe = desk.observe
        return Application(
            router: Routes.router(for: desk, mail: mail, chats: chats, metrics: { observe.metrics.render() }),
            server: HTTPServerBuilder { ListenerChannel(responder: $0, limits: limits) },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: ConnectionCap(most: connections, observe: observe)),
            onServerRunning: { channel in
                do {
                    try await channel.eventLoop.submit {
                        try channel.pipeline.syncOperations.addHandler(
                            AcceptBackOff(observe: observe), position: .first)
                    }.get()
                } catch { observe(.internalError(place: "http listener", error: String(describing: error))) }
                onRunning(channel.localAddress?.port ?? port)
            },
            logger: logger)
    }
}
