import NIOCore
import NIOEmbedded
import Observability
import Synchronization
import Testing

@testable import Intake

/// Counts the lines of each name.
private final class Names: LogSink {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func write(_ record: LogRecord) -> Bool {
        names.withLock { $0.append(record.name) }
        return true
    }
}

/// Counts the reads that get through.
private final class Reads: ChannelOutboundHandler {
    typealias OutboundIn = Never
    var count = 0
    func read(context: ChannelHandlerContext) { count += 1 }
}

@Suite struct ListenerTests {
    @Test func restsWhenAConnectionCannotBeTaken() throws {
        let names = Names()
        let reads = Reads()
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers([
            reads, AcceptBackOff(observe: Observer(level: .debug, sink: names)),
        ])
        for _ in 0..<3 { channel.pipeline.fireErrorCaught(IOError(errnoCode: 24, reason: "accept")) }
        channel.read()
        #expect(reads.count == 0)
        #expect(names.all == ["accept_failed"])
        channel.embeddedEventLoop.advanceTime(by: AcceptBackOff.pause)
        channel.read()
        #expect(reads.count >= 1)
    }

    @Test func takesNoMoreConnectionsThanThereMayBe() {
        let names = Names()
        var cap = ConnectionCap(most: 20, observe: Observer(level: .debug, sink: names))
        for _ in 0..<20 {
            #expect(cap.isAcceptingNewConnections())
            cap.connectionOpened()
        }
        #expect(!cap.isAcceptingNewConnections())
        for _ in 0..<5 {
            cap.connectionClosed()
            #expect(cap.isAcceptingNewConnections())
            cap.connectionOpened()
        }
        #expect(names.all == ["connections_full"])
        for _ in 0..<3 { cap.connectionClosed() }
        for _ in 0..<3 { cap.connectionOpened() }
        #expect(names.all == ["connections_full", "connections_full"])
    }

    @Test func bodiesHaveABudgetOfWhichStrangersGetHalf() {
        let budget = BodyBudget(most: 100)
        #expect(budget.take(50, proven: false))
        #expect(!budget.take(1, proven: false))
        #expect(budget.take(50, proven: true))
        #expect(!budget.take(1, proven: true))
        #expect(budget.take(0, proven: true))
        budget.release(60)
        #expect(budget.bytes == 40)
        #expect(!budget.take(11, proven: false))
        #expect(budget.take(10, proven: false))
        #expect(budget.take(50, proven: true))
        #expect(!budget.take(.max, proven: true))
    }
}
