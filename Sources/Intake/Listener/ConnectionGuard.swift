import Boundaries
import NIOCore
import NIOHTTP1
import Store

/// A route's word to the connection: the request is welcome, its body may come.
struct BodyWanted: Sendable {}

/// Watches one connection: what takes too long is closed, what is framed ambiguously is refused, `Expect: 100-continue` is
/// answered, a large body is read only for a route that wants it, and after an answer that came before the request's end
/// nothing more is read.
///
/// Hummingbird's own idle time is no help against a body that drips: each part of it starts the time anew. Stands behind
/// `HTTPServerPipelineHandler`, so there is one request at a time.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Bytes of a body that are read before a route wants it. Most bodies are smaller and cost no hop; a flood of larger
    /// ones without a proof costs no more than this each.
    static let unaskedBody = 16 * 1024

    private enum Phase { case waiting, receiving, answering, closing }

    private let limits: ConnectionLimits
    /// Counts requests that are being answered.
    private let pressure: IntakePressure
    private var phase = Phase.waiting {
        didSet {
            guard (phase == .answering) != (oldValue == .answering) else { return }
            if phase == .answering { pressure.begin() } else { pressure.end() }
        }
    }
    private var version = HTTPVersion.http1_1
    private var keepsAlive = true
    private var expectsContinue = false
    private var bodyBytes = 0
    private var wantsBody = false
    private var withheldRead = false
    /// When the phase ends by itself; nil while the answer is being made.
    private var deadline: NIODeadline?
    /// Looks at the deadline. It may come early: moving it for each of thousands of requests costs more than one look in
    /// vain.
    private var look: (scheduled: Scheduled<Void>, at: NIODeadline)?
    /// Runs while the peer takes no answers.
    private var unread: Scheduled<Void>?

    init(limits: ConnectionLimits, pressure: IntakePressure) {
        self.limits = limits
        self.pressure = pressure
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { closes(after: limits.idle, context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.scheduled.cancel()
        unread?.cancel()
        phase = .closing
    }

    func channelActive(context: ChannelHandlerContext) {
        closes(after: limits.idle, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .closing else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            phase = .receiving
            version = head.version
            let framing = RequestFraming(head)
            keepsAlive = head.isKeepAlive && !framing.isLast
            bodyBytes = 0
            wantsBody = false
            withheldRead = false
            expectsContinue =
                head.version != .http1_0
                && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
            closes(after: limits.body, context)
            if let fault = framing.fault { return refuse(fault, context) }
        case .body(let bytes): bodyBytes += bytes.readableBytes
        case .end:
            phase = .answering
            deadline = nil
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        switch phase {
        case .closing: break
        case .receiving where !wantsBody && bodyBytes >= ConnectionGuard.unaskedBody: withheldRead = true
        case .waiting, .receiving, .answering: context.read()
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .closing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // The rest of a request that was not read to its end would be taken for the next one.
            keepsAlive = keepsAlive && phase == .answering && head.isKeepAlive
            if !keepsAlive {
                head.headers.replaceOrAdd(name: "connection", value: "close")
            } else if version == .http1_0 {
                head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end: finish(context, data, Boundary.isArmed ? watched(promise, context) : promise)
        }
    }

    private func watched(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) -> EventLoopPromise<Void>
    {
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.whenSuccess { Boundary.requestAnswered.pass() }
        return written
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        if phase == .receiving {
            wantsBody = true
            if expectsContinue {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
            }
            if withheldRead { context.read() }
        }
        expectsContinue = false
        withheldRead = false
        promise?.succeed()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unread?.cancel()
        unread = context.channel.isWritable ? nil : schedule(limits.idle, context)
        context.fireChannelWritabilityChanged()
    }

    /// Before its end, so that the connection ends with it.
    private func refuse(_ fault: Problem, _ context: ChannelHandlerContext) {
        let body = ByteBuffer(bytes: fault.json.bytes)
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: fault.status.code),
            headers: ["content-type": "application/problem+json", "content-length": "\(body.readableBytes)"])
        write(context: context, data: wrapOutboundOut(.head(head)), promise: nil)
        write(context: context, data: wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        write(context: context, data: wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// The end of an answer: the next request may come, or the connection ends.
    private func finish(_ context: ChannelHandlerContext, _ end: NIOAny, _ promise: EventLoopPromise<Void>?) {
        if keepsAlive {
            phase = .waiting
            closes(after: limits.idle, context)
            context.write(end, promise: promise)
            return
        }
        let complete = phase == .answering
        phase = .closing
        closes(after: complete ? limits.idle : limits.linger, context)
        if complete {
            let written = promise ?? context.eventLoop.makePromise()
            let bound = context.loopBound
            written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
            context.writeAndFlush(end, promise: written)
        } else {
            // Closed at once, with bytes unread, the peer's system would throw the answer away (RFC 9112, 9.6).
            context.writeAndFlush(end, promise: promise)
            context.close(mode: .output, promise: nil)
        }
    }

    private func closes(after time: TimeAmount, _ context: ChannelHandlerContext) {
        let end = context.eventLoop.now + time
        deadline = end
        if let look {
            if look.at <= end { return }
            look.scheduled.cancel()
        }
        look(at: end, context)
    }

    private func look(at moment: NIODeadline, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let scheduled = context.eventLoop.scheduleTask(deadline: moment) {
            let (handler, context) = bound.value
            handler.look = nil
            guard let deadline = handler.deadline else { return }
            if deadline <= context.eventLoop.now {
                context.close(promise: nil)
            } else {
                handler.look(at: deadline, context)
            }
        }
        look = (scheduled, moment)
    }

    private func schedule(_ time: TimeAmount, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        let bound = context.loopBound
        return context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }
}
