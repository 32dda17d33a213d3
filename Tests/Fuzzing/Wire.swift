import Civic
import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Store

@testable import Intake
@testable import Transfer

// Streams of bytes that are cut into messages: however they arrive in pieces, they say the same.
extension FuzzTarget {
    static let wire = [http, smtp, imap, httpHead]

    private static let http = FuzzTarget("http", "requests on a connection: framing, pipelining, bodies") { bytes in
        let whole = try Wire.requests([bytes])
        let halves = try Wire.requests([Array(bytes.prefix(bytes.count / 2)), Array(bytes.dropFirst(bytes.count / 2))])
        try must(whole == halves, "other requests in two pieces: \(whole) and \(halves)")
        guard bytes.count <= 1024 else { return }
        let drops = try Wire.requests(bytes.map { [$0] })
        try must(whole == drops, "other requests byte by byte: \(whole) and \(drops)")
    }

    private static let smtp = FuzzTarget("smtp-replies", "what a mail server answers") { bytes in
        func replies(_ pieces: [ArraySlice<UInt8>]) -> [SMTPReply]? {
            var reader = SMTPReplies()
            var all: [SMTPReply] = []
            for piece in pieces {
                piece.withUnsafeBytes { reader.append($0) }
                do { while let reply = try reader.next() { all.append(reply) } } catch { return nil }
            }
            return all
        }
        let whole = replies([bytes[...]])
        try must(whole == replies(bytes.indices.map { bytes[$0...$0] }), "other replies byte by byte")
        var dialogue = SMTPDialogue()
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            Array(line).withUnsafeBytes { dialogue.received($0) }
        }
        if let no = dialogue.refusal { _ = SMTPDialogue.summary(place: "x", code: no.code, text: no.text) }
    }

    private static let imap = FuzzTarget("imap", "what an IMAP server says") { bytes in
        func frames(_ pieces: [[UInt8]]) -> [IMAPFrame]? {
            var framer = IMAPFramer()
            var all: [IMAPFrame] = []
            for piece in pieces {
                framer.append(piece)
                do { while let frame = try framer.next() { all.append(frame) } } catch { return nil }
            }
            return all
        }
        let whole = frames([bytes])
        try must(whole == frames(bytes.map { [$0] }), "other responses byte by byte")
        for frame in whole ?? [] { _ = try? IMAPParser.parse(frame) }
    }

    private static let httpHead = FuzzTarget("http-head", "the header of an answer over HTTP") { bytes in
        var head = HTTPHead()
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            Array(line).withUnsafeBytes { head.received($0) }
        }
        try must(
            head.headers.allSatisfy { !$0.1.hasPrefix(" ") && !$0.1.hasSuffix("\r") }, "a value with its spaces")
    }
}

private enum Wire {
    /// Another way to say what came of a connection: each request with the length of its body, `!` where it broke off.
    static func requests(_ pieces: [[UInt8]]) throws -> [String] {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.pipeline.syncOperations.addHandler(FirstRequest())
        try ListenerChannel.configure(
            channel.pipeline.syncOperations, limits: ConnectionLimits(),
            pressure: IntakePressure(now: { Timestamp(seconds: 0) }))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        var seen: [String] = []
        var body = 0
        for piece in pieces where seen.last != "!" {
            let isBroken = (try? channel.writeInbound(ByteBuffer(bytes: piece))) == nil
            try read()
            // What broke may show only once the answer to what came before it is gone; or the guard ended it.
            if isBroken || (try? channel.throwIfErrorCaught()) == nil || !channel.isActive { seen.append("!") }
        }
        // Of what broke off it does not matter how much was read.
        if body > 0, seen.last != "!" { seen.append("\(body)…") }
        return seen

        func read() throws {
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                switch part {
                case .head(let head):
                    seen.append("\(head.method) \(head.uri)")
                    body = 0
                case .body(let bytes): body += bytes.readableBytes
                case .end:
                    seen.append("\(body).")
                    body = 0
                    answer()
                }
            }
        }
        func answer() {
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "0"])
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }
}
