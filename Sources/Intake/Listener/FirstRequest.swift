import NIOCore
import NIOExtras

/// Lets a connection that was taken just before the stop say what it came for.
///
/// Who connects while the listener stops has done nothing wrong: closed at once, the request that is on its way would be
/// lost to its sender. So the word that it is over is kept back until the first bytes have come, or `grace` has passed.
final class FirstRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    static let grace = TimeAmount.seconds(3)
    private var hasSpoken = false
    private var isOver = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let isFirst = !hasSpoken
        hasSpoken = true
        context.fireChannelRead(data)
        // After the request, so that it is answered and then the connection ends.
        if isFirst, isOver { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent, !hasSpoken else {
            return context.fireUserInboundEventTriggered(event)
        }
        isOver = true
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: FirstRequest.grace) {
            let (handler, context) = bound.value
            guard !handler.hasSpoken, context.channel.isActive else { return }
            handler.hasSpoken = true
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }
}
