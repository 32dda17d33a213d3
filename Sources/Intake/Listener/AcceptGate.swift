import NIOCore

/// Takes no more connections once it is shut.
///
/// One that is taken while the listener closes would be thrown away by NIO, and its sender see it reset. Those that are
/// not taken wait in the kernel, for the next daemon if the socket is the service manager's.
final class AcceptGate: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = Never

    private let isShut: NIOLoopBoundBox<Bool>

    init(eventLoop: any EventLoop) { isShut = NIOLoopBoundBox(false, eventLoop: eventLoop) }

    func read(context: ChannelHandlerContext) {
        if !isShut.value { context.read() }
    }

    /// Returns once no connection is on its way in any more: each of those that were taken has its place.
    static func shut(_ channel: any Channel) async throws {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: AcceptGate.self).isShut.value = true
        }.get()
        // Else what the kernel announced before would still be taken.
        try await channel.setOption(.autoRead, value: false).get()
        // A connection is made ready on its own loop, and handed back to the listener's.
        await Listener.roundTrip()
        try await channel.eventLoop.submit {}.get()
    }
}
