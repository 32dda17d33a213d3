import Civic
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Store
import Testing

@testable import Intake

/// An embedded channel closes whole when it is asked to close one direction.
private final class HalfClosing: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var outputIsClosed = false
    var reads = 0

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output {
            outputIsClosed = true
            promise?.succeed()
        } else {
            context.close(mode: mode, promise: promise)
        }
    }
}

/// One guarded connection with a clock of its own; the test is the peer and the application.
private final class Wire {
    static let limits = ConnectionLimits(idle: .seconds(30), body: .seconds(60), linger: .seconds(2))
    let channel = EmbeddedChannel()
    let halves = HalfClosing()

    init(pressure: IntakePressure = IntakePressure(now: { Timestamp(seconds: 0) })) throws {
        try channel.pipeline.syncOperations.addHandler(halves)
        try ListenerChannel.configure(channel.pipeline.syncOperations, limits: Wire.limits, pressure: pressure)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    /// The parts that reached the application since the last call.
    func parts() throws -> [String] {
        var parts: [String] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): parts.append("\(head.method) \(head.uri)")
            case .body(let body): parts.append("\(body.readableBytes)")
            case .end: parts.append("end")
            }
        }
        return parts
    }

    func answer(_ status: HTTPResponseStatus) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: ["content-length": "0"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    /// What the peer received since the last call.
    func received() throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
    var isOpen: Bool { channel.isActive }
}

@Suite struct ConnectionGuardTests {
    static let get = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
    static let post = "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"

    @Test(arguments: ["", "POST /x HTT", "POST /x HTTP/1.1\r\nHost: x\r\n"])
    func silenceAndHalfAHeadEndAfterTheIdleTime(_ start: String) throws {
        let wire = try Wire()
        wire.pass(.seconds(29))
        if !start.isEmpty { try wire.send(start) }
        #expect(wire.isOpen)
        wire.pass(.seconds(1))
        #expect(!wire.isOpen)
    }

    @Test(
        "a request is in hand from its last byte to its answer, or until its sender is gone",
        arguments: [true, false])
    func pressure(isAnswered: Bool) throws {
        let pressure = IntakePressure(now: { Timestamp(seconds: 0) })
        let wire = try Wire(pressure: pressure)
        try wire.send(Self.post)
        try wire.send("0123456789")
        if isAnswered { wire.answer(.ok) } else { wire.channel.close(promise: nil) }
        wire.pass(.zero)
        for _ in 1..<IntakePressure.crowd { pressure.begin() }
        #expect(!pressure.isHigh)
        guard isAnswered else { return }
        try wire.send(Self.post)
        #expect(!pressure.isHigh)
        try wire.send("0123456789")
        #expect(pressure.isHigh)
    }

    @Test func keepAliveEndsAfterTheIdleTime() throws {
        let wire = try Wire()
        for _ in 0..<3 {
            try wire.send(Self.get)
            wire.answer(.ok)
            wire.pass(.seconds(29))
            #expect(wire.isOpen)
        }
        wire.pass(.seconds(1))
        #expect(!wire.isOpen)
    }

    @Test func aBodyThatDripsHasTheTimeOfABody() throws {
        let wire = try Wire()
        try wire.send(Self.post)
        for _ in 0..<5 {
            wire.pass(.seconds(11))
            try wire.send("x")
        }
        #expect(wire.isOpen)
        wire.pass(.seconds(5))
        #expect(!wire.isOpen)
    }

    @Test func theApplicationMayTakeItsTime() throws {
        let wire = try Wire()
        try wire.send(Self.post + "0123456789")
        wire.pass(.hours(1))
        #expect(wire.isOpen)
        wire.answer(.created)
        #expect(try wire.received().hasPrefix("HTTP/1.1 201 Created\r\n"))
    }

    @Test func whoTakesNoAnswersIsClosed() throws {
        let wire = try Wire()
        try wire.send(Self.get)
        wire.channel.isWritable = false
        wire.channel.pipeline.fireChannelWritabilityChanged()
        wire.pass(.seconds(29))
        #expect(wire.isOpen)
        wire.pass(.seconds(1))
        #expect(!wire.isOpen)
    }

    @Test func afterAnEarlyAnswerNothingMoreIsTaken() throws {
        let wire = try Wire()
        try wire.send(Self.post + "0123")
        #expect(try wire.parts() == ["POST /x", "4"])
        wire.answer(.unauthorized)
        let answer = try wire.received()
        #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(wire.halves.outputIsClosed)
        #expect(wire.isOpen)
        try wire.send("456789" + Self.get)
        #expect(try wire.parts().isEmpty)
        wire.answer(.ok)
        #expect(try wire.received().isEmpty)
        wire.pass(.seconds(1))
        #expect(wire.isOpen)
        wire.pass(.seconds(1))
        #expect(!wire.isOpen)
    }

    @Test func aRefusalOfAWholeRequestKeepsTheConnection() throws {
        let wire = try Wire()
        try wire.send(Self.post + "0123456789")
        wire.answer(.unauthorized)
        #expect(try !wire.received().contains("close"))
        try wire.send(Self.get)
        #expect(try wire.parts() == ["POST /x", "10", "end", "GET /x", "end"])
    }

    @Test func oneRequestAtATime() throws {
        let wire = try Wire()
        try wire.send(Self.get + Self.get)
        #expect(try wire.parts() == ["GET /x", "end"])
        wire.answer(.ok)
        #expect(try wire.parts() == ["GET /x", "end"])
    }

    @Test(arguments: [
        ("HTTP/1.0\r\n\r\n", false, "close"), ("HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, "keep-alive"),
        ("HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false, "close"),
        ("HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", false, "close"),
    ])
    func theConnectionEndsAsTheRequestAsks(_ rest: String, _ stays: Bool, _ said: String) throws {
        let wire = try Wire()
        try wire.send("GET /x " + rest)
        wire.answer(.ok)
        #expect(try wire.received().contains("\r\nconnection: \(said)\r\n"))
        #expect(wire.isOpen == stays)
    }

    @Test func continuesWhenTheBodyIsWanted() throws {
        let wire = try Wire()
        try wire.send("POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
        #expect(try wire.received().isEmpty)
        wire.channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
        wire.channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
        #expect(try wire.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try wire.send("{}")
        wire.answer(.created)
        #expect(try wire.received().hasPrefix("HTTP/1.1 201 Created\r\n"))
        #expect(wire.isOpen)
    }

    @Test("of a large body the beginning is read, and the rest for who wants it; the next body is another matter")
    func largeBodies() throws {
        let wire = try Wire()
        let length = 3 * ConnectionGuard.unaskedBody
        let part = String(repeating: "a", count: ConnectionGuard.unaskedBody - 1)
        let head = "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n"
        for _ in 0..<2 {
            try wire.send(head + part)
            wire.channel.read()
            #expect(wire.halves.reads == 1)
            try wire.send("a")
            wire.channel.read()
            wire.channel.read()
            #expect(wire.halves.reads == 1)
            wire.channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
            #expect(wire.halves.reads == 2)
            try wire.send(part + "a")
            wire.channel.read()
            #expect(wire.halves.reads == 3)
            try wire.send(part + "a")
            wire.answer(.ok)
            wire.channel.read()
            #expect(wire.halves.reads == 4)
            wire.halves.reads = 0
        }
        #expect(wire.isOpen)
    }

    @Test(arguments: ["HTTP/1.1\r\nHost: x", "HTTP/1.0\r\nExpect: 100-continue"])
    func saysNothingToThoseWhoDoNotWait(_ head: String) throws {
        let wire = try Wire()
        try wire.send("POST /x \(head)\r\nContent-Length: 2\r\n\r\n")
        wire.channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
        #expect(try wire.received().isEmpty)
    }

    @Test(arguments: [
        ("HTTP/1.1\r\n", 400), ("HTTP/1.1\r\nHost: x\r\nhost: x\r\n", 400), ("HTTP/1.0\r\nHost: x\r\nHost: y\r\n", 400),
        ("HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n", 501),
    ])
    func whatTwoReadersMightReadDifferentlyIsRefused(_ head: String, _ status: Int) throws {
        let wire = try Wire()
        try? wire.send("POST /x \(head)\r\n2\r\n{}\r\n0\r\n\r\n" + Self.get)
        #expect(try wire.parts().isEmpty)
        let answer = try wire.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(answer.contains("application/problem+json"))
        #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2)
        wire.pass(.seconds(30))
        #expect(!wire.isOpen)
    }

    @Test(arguments: [
        "GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n",
        "POST /x HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func afterAnotherProtocolIsAskedForNothingFollows(_ request: String) throws {
        let wire = try Wire()
        try wire.send(request)
        #expect(try wire.parts().count == 2)
        wire.answer(.ok)
        #expect(try wire.received().contains("\r\nconnection: close\r\n"))
        #expect(!wire.isOpen)
    }

    @Test func chunksInAnyCaseAreChunks() throws {
        let wire = try Wire()
        try wire.send("POST /x HTTP/1.1\r\nHOST: x\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
        #expect(try wire.parts() == ["POST /x", "2", "end"])
    }
}
