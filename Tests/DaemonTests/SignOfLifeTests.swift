import Civic
import Delivery
import EventLoop
import Foundation
import Intake
import NIOPosix
import Observability
import Postgres
import Synchronization
import Testing

@testable import Daemon
@testable import Store

@Suite("The watchdog's sign is earned", .timeLimit(.minutes(30))) struct SignOfLifeTests {
    /// Holds up whoever comes, until it is opened.
    private final class Barrier: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func hold() { semaphore.wait() }
        func open() { semaphore.signal() }
    }

    /// The parts as the daemon has them, without a database behind them.
    private final class Parts: Sendable {
        let delivery: EventLoop
        let queue: DeliveryQueue
        let writer: IntakeWriter
        let sink = MemorySink()
        let given = Mutex(0)

        init() throws {
            let nowhere = PostgresConfiguration(connectionString: "host=/nowhere", applicationName: "test")
            let pool = try PostgresPool(configuration: nowhere, size: 1, label: "test.pool", observe: { _ in })
            delivery = try EventLoop(label: "test.delivery")
            queue = DeliveryQueue(
                loop: delivery, outbox: Outbox(pool: pool), carriers: [:],
                policy: DeliveryQueue.Policy(retry: RetryPolicy(), emailWhenUncertain: true),
                observe: Observer(level: .debug, sink: sink), now: { Timestamp(seconds: 0) })
            writer = try IntakeWriter(
                configuration: nowhere, owner: { nil }, observe: { _ in }, measured: { _ in }, committed: { _ in })
        }

        var sign: SignOfLife {
            SignOfLife(
                parts: [
                    .init(name: "the listener") { await Listener.roundTrip() },
                    .init(name: "the writers") { await self.writer.roundTrip() },
                    .init(name: "the delivery") { _ = await self.queue.room },
                ], patience: .milliseconds(1), observe: Observer(level: .error, sink: sink),
                give: { self.given.withLock { $0 += 1 } })
        }

        func block(_ part: String, with barrier: Barrier) {
            switch part {
            case "the listener": MultiThreadedEventLoopGroup.singleton.any().execute { barrier.hold() }
            case "the writers": writer.writers[1].loop.executor.queue.async { barrier.hold() }
            default: delivery.executor.queue.async { barrier.hold() }
            }
        }
    }

    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test(
        "A part that is stuck keeps it and is named; when it goes on, the sign is given",
        arguments: ["the listener", "the writers", "the delivery"])
    func stuck(_ part: String) async throws {
        let parts = try Parts()
        let sign = parts.sign
        await sign.earn()
        #expect(parts.given.withLock { $0 } == 1)

        let barrier = Barrier()
        parts.block(part, with: barrier)
        let round = Task { await sign.earn() }
        await until { parts.sink.records.contains { $0.name == "part_stuck" && $0.sentence.hasPrefix(part) } }
        #expect(parts.given.withLock { $0 } == 1)
        barrier.open()
        await round.value
        #expect(parts.given.withLock { $0 } == 2)
    }
}
