import HummingbirdCore
import NIOCore
import Observability

/// Rests when a connection cannot be taken for want of descriptors or memory.
///
/// NIO's own back-off does not help: the listening socket stays readable, and its loop goes round without a pause.
final class AcceptBackOff: ChannelDuplexHandler {
    typealias InboundIn = Channel
    typealias OutboundIn = Channel

    static let pause = TimeAmount.seconds(1)

    private let observe: Observer
    private var resting = false

    init(observe: Observer) { self.observe = observe }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !resting, error is IOError {
            resting = true
            observe(.acceptFailed(error: String(describing: error)))
            set(reading: false, context)
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: AcceptBackOff.pause) {
                bound.value.handler.resting = false
                bound.value.handler.set(reading: true, bound.value.context)
            }
        }
        context.fireErrorCaught(error)
    }

    func read(context: ChannelHandlerContext) {
        if !resting { context.read() }
    }

    private func set(reading: Bool, _ context: ChannelHandlerContext) {
        context.channel.setOption(.autoRead, value: reading).whenFailure { [observe] error in
            observe(.acceptFailed(error: String(describing: error)))
        }
    }
}

/// How many connections there may be at a time. Those beyond wait in the system's queue.
struct ConnectionCap: AvailableConnectionsDelegate {
    let most: Int
    let observe: Observer
    private var open = 0
    private var reported = false

    init(most: Int, observe: Observer) {
        self.most = most
        self.observe = observe
    }

    func isAcceptingNewConnections() -> Bool { open < most }

    mutating func connectionOpened() {
        open += 1
        guard open >= most, !reported else { return }
        reported = true
        observe(.connectionsFull(most: most))
    }

    /// Reported again only after a tenth of them have gone: not at each coming and going at the edge.
    mutating func connectionClosed() {
        open -= 1
        if open <= most - most / 10 - 1 { reported = false }
    }
}
