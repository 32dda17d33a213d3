import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Observability
import ServiceLifecycle
import Store

/// The HTTP listener: every route behind guarded connections.
public enum Listener {
    public enum Place: Hashable, Sendable {
        /// - Parameter port: 0 for any that is free.
        case address(host: String, port: Int)
        /// A socket that listens already: the service manager's, which outlives the daemon.
        case descriptor(Int32)
    }

    /// Returns once each of the loops that serve connections has gone round.
    public static func roundTrip() async {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            try? await loop.submit {}.get()  // it fails only where there is no loop any more
        }
    }

    /// - Parameters:
    ///   - connections: the most at a time.
    ///   - onRunning: called with the port once requests are taken.
    public static func service(
        to routes: CurrentRoutes, at place: Place, connections: Int, limits: ConnectionLimits = ConnectionLimits(),
        pressure: IntakePressure, observe: Observer, logger: Logger, onRunning: @escaping @Sendable (Int) -> Void
    ) -> some Service {
        let child = ListenerChannel(
            responder: { request, writer, channel in
                let context = RouteContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
                var response: Response
                do {
                    response = try await routes.responder.respond(to: request, context: context)
                } catch let error as HTTPParserError {
                    throw error
                } catch {
                    observe(.internalError(place: "http", error: String(describing: error)))
                    response = Response(status: .internalServerError)
                }
                response.headers[.date] = HTTPDay.now
                do {
                    try await writer.write(response: response.head, body: response.body)
                } catch let error as HTTPParserError {
                    // As it is, it would be answered once more.
                    throw RequestBroken(error: error)
                }
            }, limits: limits, pressure: pressure)
        return ListeningService(
            place: place, connections: ConnectionCap(most: connections, observe: observe), child: child,
            backOff: { AcceptBackOff(observe: observe) }, logger: logger,
            onRunning: { onRunning($0.localAddress?.port ?? 0) })
    }
}

/// What the sender sends breaks off while it is being answered.
private struct RequestBroken: Error { let error: HTTPParserError }
