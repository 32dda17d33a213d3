import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Takes connections until it is told to stop; then those that are open end with what they are at.
struct ListeningService: Service {
    let place: Listener.Place
    let connections: ConnectionCap
    let child: ListenerChannel
    let backOff: @Sendable () -> AcceptBackOff
    let logger: Logger
    let onRunning: @Sendable (any Channel) -> Void

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let quiescing = ServerQuiescingHelper(group: group)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // NIO keeps what it reads into as long as the connection lasts: by default four times 64 KiB, which for the ten
            // thousand connections of a flood would be gigabytes.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 8 * 1024)
            )
            .serverChannelInitializer { [connections, backOff] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    // First, so that all that ask for connections ask it.
                    try pipeline.addHandler(AcceptGate(eventLoop: channel.eventLoop))
                    try pipeline.addHandler(backOff())
                    try pipeline.addHandler(AvailableConnectionsChannelHandler(delegate: connections))
                    try pipeline.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
        let accept = { @Sendable (channel: any Channel) in child.setup(channel: channel, logger: logger) }
        let server =
            switch place {
            case .address(let host, let port):
                try await bootstrap.bind(host: host, port: port, childChannelInitializer: accept)
            case .descriptor(let descriptor):
                try await bootstrap.bind(descriptor, childChannelInitializer: accept)
            }
        onRunning(server.channel)
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { tasks in
                try await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        tasks.addTask { await child.handle(value: connection, logger: logger) }
                    }
                }
            }
        } onGracefulShutdown: {
            Task {
                // It fails only where the listener has closed by itself.
                try? await AcceptGate.shut(server.channel)
                quiescing.initiateShutdown(promise: nil)
            }
        }
    }
}
