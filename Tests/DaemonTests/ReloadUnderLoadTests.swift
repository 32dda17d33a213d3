import Civic
import Delivery
import EventLoop
import Foundation
import Intake
import Observability
import Postgres
import Settings
import Store
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Ten thousand reloads of the parts as the daemon puts them together, without a database: nothing is written.
@Suite("Reloads under load", .timeLimit(.minutes(30))) struct ReloadUnderLoadTests {
    private struct Silence: LogSink {
        func write(_ record: LogRecord) -> Bool { true }
    }

    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    private final class Held<Value: Sendable>: Sendable {
        private let state: Mutex<Value>
        init(_ value: Value) { state = Mutex(value) }
        var value: Value {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    private static let instance = Instance(ticketKey: [UInt8](1...16), statusKey: [UInt8](17...32))
    private static let message = Message(
        id: Identifier(high: 1, low: 2), channel: "portale", externalID: "x",
        receivedAt: Timestamp(seconds: 1_800_000_000), text: "una buca")

    private func desk(_ configuration: Configuration, observe: Observer) throws -> Desk {
        let nowhere = PostgresConfiguration(connectionString: "host=/nonexistent dbname=none")
        let pool = try PostgresPool(configuration: nowhere, size: 1, label: "none", observe: { _ in })
        return try Desk(
            rulebook: try Desk.Rulebook(configuration: configuration, instance: Self.instance),
            instance: Self.instance, numbers: TicketNumbers(pool: pool),
            writer: try IntakeWriter(
                configuration: nowhere, owner: { nil }, observe: { _ in }, measured: { _ in }, committed: { _ in }),
            pressure: IntakePressure(now: { Timestamp(seconds: 0) }), tickets: Tickets(pool: pool),
            archive: Tickets(pool: pool),
            shadow: ShadowRunner(record: { _, _ throws(PostgresError) in }, observe: observe),
            spool: Spooler(state: "/nonexistent", observe: observe, isAway: { false }), observe: observe,
            now: { Self.message.receivedAt }, owner: { nil }, deliver: { _ in }, unready: { nil })
    }

    @Test("Valid and invalid in random order: each message is decided wholly under one configuration")
    func consistent() async throws {
        let cities = [try Borgo(category: "strade.buche"), try Borgo(category: "strade.altro")]
        let broken = try Borgo(category: "nowhere.at-all")
        @Sendable func examine(_ path: String) -> (configuration: Configuration?, findings: [Finding]) {
            ConfigurationGate.examine(directory: path, environment: Borgo.environment, secrets: .optional)
        }
        let examined = Dictionary(uniqueKeysWithValues: (cities + [broken]).map { ($0.path, examine($0.path)) })
        let configurations = try cities.map { try #require(examined[$0.path]?.configuration) }
        let expected = [configurations[0].hash: "strade.buche", configurations[1].hash: "strade.altro"]

        let observe = Observer(level: .error, sink: Silence())
        let desk = try desk(configurations[0], observe: observe)
        let away = try PostgresPool(
            configuration: PostgresConfiguration(connectionString: "host=/nonexistent"), size: 1, label: "none",
            observe: { _ in })
        let couriers = try Couriers(
            mailConnections: 1, conversations: Conversations(pool: away), voice: ChatVoice(observe: observe),
            tasks: { _, _ in nil }, observe: observe, now: { Self.message.receivedAt })
        let (carriers, policy, _) = try couriers.carriers(
            for: configurations[0], statusURL: { $0 }, unsubscribeURL: { $0 }, threadToken: { $0 })
        let queue = DeliveryQueue(
            loop: try EventLoop(label: "reloads"),
            outbox: Outbox(pool: away),
            carriers: carriers, policy: policy, observe: observe, now: { Self.message.receivedAt })
        let gates = AppIOGates(
            AppIOWatcher(
                journal: Outbox(pool: away), observe: { observe($0) }, now: { Self.message.receivedAt }, owner: { nil },
                deliver: { _ in }))
        let files = Held(0)
        let directory = Held(cities[0].path)
        let reloader = Reloader(
            running: configurations[0], now: { Self.message.receivedAt },
            // One in a hundred reads the files, as the daemon does; a debug build takes 10 ms for that.
            examine: { files.value % 100 == 0 ? examine(directory.value) : examined[directory.value] ?? (nil, []) },
            apply: Daemon.apply(to: desk, couriers: couriers, queue: queue, appIO: gates))

        let isOver = Flag()
        let deciders = (0..<2).map { _ in
            Task {
                var decided: [String: Int] = [:]
                var mixed = 0
                while !isOver.isSet {
                    let rulebook = desk.current
                    let verdict = rulebook.classifier.decide(Self.message)
                    let record = try rulebook.registrar.record(Self.message, raw: [], verdict: verdict, number: 7)
                    guard case .ticket(let ticket) = record.outcome, expected[ticket.config] == ticket.category,
                        ticket.decision.contains(#""config":"\#(ticket.config)""#)
                    else {
                        mixed += 1
                        continue
                    }
                    decided[ticket.config, default: 0] += 1
                    await Task.yield()
                }
                return (decided, mixed)
            }
        }
        var dice = Dice(1234)
        var accepted = 0
        let total = 10_000
        for _ in 0..<total {
            let choice = Int.random(in: 0..<3, using: &dice)
            let before = desk.current.configuration.hash
            files.value += 1
            directory.value = choice == 2 ? broken.path : cities[choice].path
            let report = await reloader.reload()
            #expect(report.accepted == (choice < 2))
            #expect(report.config == (choice < 2 ? configurations[choice].hash : before))
            #expect(desk.current.configuration.hash == report.config)
            if report.accepted { accepted += 1 }
        }
        isOver.set()
        var decided: [String: Int] = [:]
        for decider in deciders {
            let (counts, mixed) = try await decider.value
            #expect(mixed == 0)
            decided.merge(counts, uniquingKeysWith: +)
        }
        #expect(Set(decided.keys) == Set(expected.keys))
        #expect((total / 2..<total).contains(accepted))
        await couriers.close()
    }
}
