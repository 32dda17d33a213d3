import Foundation
import NIOCore

/// One connection of the mail server: bytes in, lines to the session, replies out.
///
/// A client that does not read its replies is not read from either, and neither is one whose reply is delayed, so
/// that nothing piles up.
final class SMTPHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let store: MailStore
    private let control: ControlDesk
    private let budget: SMTPBudget
    private var session = SMTPSession()
    private var reader = SMTPLineReader()
    private var buffer = ByteBuffer()
    private var replies = ByteBuffer()
    private var text: SMTPText?
    private var admitted = false
    private var paused = false
    private var closing = false
    private var wantsRead = false

    init(store: MailStore, control: ControlDesk, budget: SMTPBudget) {
        self.store = store
        self.control = control
        self.budget = budget
    }

    func channelActive(context: ChannelHandlerContext) {
        admitted = budget.connect(context.channel)
        let isBusy = control.mailFaults.mode == .busy
        if isBusy { control.show(.busy) }
        if admitted, !isBusy { reply(SMTPSession.greeting) } else { hangUp(.busy) }
        flush(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if admitted { budget.disconnect(context.channel) }
        admitted = false
        closing = true
        dropText()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !closing else { return }
        var received = unwrapInboundIn(data)
        buffer.writeBuffer(&received)
        work(context)
    }

    func read(context: ChannelHandlerContext) {
        if paused || !context.channel.isWritable { wantsRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            hangUp(.timeout)
            flush(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection that broke is the client's affair; nothing is lost, as nothing was acknowledged.
        context.close(promise: nil)
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard wantsRead, !paused, context.channel.isWritable else { return }
        wantsRead = false
        context.read()
    }

    /// Takes as many lines as there are.
    private func work(_ context: ChannelHandlerContext) {
        while !paused, !closing {
            let line = reader.next(
                from: &buffer, limit: text == nil ? SMTPLimits.commandLine : SMTPLimits.textLine, strict: text != nil)
            if case .incomplete = line { break }
            if text == nil { command(line) } else { textLine(line, context) }
        }
        buffer.discardReadBytes()
        flush(context)
    }

    private func command(_ line: SMTPLineReader.Line) {
        let step: SMTPSession.Step
        if case .line(let bytes) = line {
            step = session.receive(
                Array(bytes.readableBytesView), faults: control.mailFaults, failure: control.takeMailFailure)
        } else {
            step = session.receiveTooLong()
        }
        switch step {
        case .reply(let answer): reply(answer)
        case .close(let answer): hangUp(answer)
        case .drop:
            control.show(.reset)
            closing = true
        case .readText(let answer):
            text = SMTPText()
            reply(answer)
        }
    }

    private func textLine(_ line: SMTPLineReader.Line, _ context: ChannelHandlerContext) {
        guard case .line(let bytes) = line else {
            text?.appendTooLong()
            return
        }
        if bytes.readableBytes == 1, bytes.readableBytesView.first == UInt8(ascii: ".") {
            endOfText(context)
        } else {
            text?.append(bytes, budget: budget)
        }
    }

    private func endOfText(_ context: ChannelHandlerContext) {
        guard let text, let envelope = session.finish() else { return }
        dropText()
        let faults = control.mailFaults
        if let refusal = text.refusal { return reply(refusal) }
        if faults.mode != .normal { control.show(faults.mode) }
        if faults.mode == .reject { return reply(SMTPReply(554, "5.7.1 Refused (asked for)")) }
        let number = store.add(
            from: envelope.from, to: envelope.to, user: session.user, raw: Array(text.bytes.readableBytesView))
        let accepted = SMTPReply(250, "2.0.0 Ok: queued as \(number)")
        switch faults.mode {
        case .dropAfterData: closing = true
        case .halfAnswer:
            replies.writeString(String(accepted.wire.prefix(6)))
            closing = true
        case .slow: replyLater(accepted, .milliseconds(Int64(faults.delay)), context)
        default: reply(accepted)
        }
    }

    private func dropText() {
        if let text { budget.release(text.reserved) }
        text = nil
    }

    private func replyLater(_ answer: SMTPReply, _ delay: TimeAmount, _ context: ChannelHandlerContext) {
        paused = true
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
            paused = false
            guard !closing else { return }
            reply(answer)
            work(context)
            resumeReading(context)
        }
    }

    private func reply(_ answer: SMTPReply) {
        if answer.code >= 400 { store.countRefusal(answer.code) }
        replies.writeString(answer.wire)
    }

    private func hangUp(_ answer: SMTPReply) {
        reply(answer)
        closing = true
    }

    /// Pipelined commands are answered together (RFC 2920, section 3.2).
    private func flush(_ context: ChannelHandlerContext) {
        let close = closing
        if replies.readableBytes > 0 {
            context.writeAndFlush(wrapOutboundOut(replies), promise: nil)
            replies = ByteBuffer()
        }
        if close { context.close(promise: nil) }
    }
}
