import Civic
import EventLoop
import Observability
import Store
import Synchronization

@testable import Delivery

/// A queue with everything around it in the test's hands. The clock stands still unless a test moves it.
struct World: Sendable {
    static let start = Timestamp(seconds: 1_800_000_000)
    static let owner: Int64 = 7

    let clock: TestClock
    let journal = FakeJournal()
    let mail: FakeCarrier
    let appIO: FakeCarrier
    let sink = MemorySink()
    let pressure: IntakePressure
    let queue: DeliveryQueue

    init(
        concurrency: Int = 4, emailWhenUncertain: Bool = true, capacity: Int = 1000, lineCapacity: Int? = nil,
        attempts: Int = 3,
        quietEnd: @escaping @Sendable (OwedNotification, Timestamp) -> Timestamp? = { _, _ in nil }
    ) async throws {
        let clock = TestClock(World.start)
        self.clock = clock
        pressure = IntakePressure(now: { clock.now })
        mail = FakeCarrier("mail", concurrency: concurrency, clock: clock)
        appIO = FakeCarrier("io", concurrency: concurrency, clock: clock)
        queue = DeliveryQueue(
            loop: try EventLoop(label: "test.delivery"), outbox: journal, carriers: [.email: mail, .appIO: appIO],
            policy: World.policy(
                emailWhenUncertain: emailWhenUncertain, capacity: capacity, lineCapacity: lineCapacity,
                attempts: attempts, quietEnd: quietEnd),
            observe: Observer(level: .debug, sink: sink), now: { clock.now }, pressure: pressure)
        await queue.adopt(owner: World.owner)
    }

    /// Without chance: 10 s after the first attempt, 20 s after the second.
    static func policy(
        emailWhenUncertain: Bool = true, capacity: Int = 1000, lineCapacity: Int? = nil, attempts: Int = 3,
        quietEnd: @escaping @Sendable (OwedNotification, Timestamp) -> Timestamp? = { _, _ in nil }
    ) -> DeliveryQueue.Policy {
        DeliveryQueue.Policy(
            retry: RetryPolicy(first: .seconds(10), factor: 2, jitter: 0, attempts: attempts),
            emailWhenUncertain: emailWhenUncertain, capacity: capacity, lineCapacity: lineCapacity ?? capacity,
            quietEnd: quietEnd)
    }

    /// Moves the clock, and makes the queue look at it: its own timers run in real time.
    func advance(by time: Duration) async {
        clock.advance(by: time)
        await nudge()
    }

    /// Reads the table, as the daemon does in doubt.
    func resolve(
        _ doubt: LineRoom.Doubt, for owner: Int64 = owner, known: Timestamp = start, isLast: Bool = true,
        _ read: @Sendable () async throws -> Outbox.Claimed = { ([], []) }
    ) async throws {
        try await queue.resolve(doubt, for: owner, known: known, isLast: isLast, read)
    }

    func nudge() async { await queue.enqueue([]) }

    /// How many observations of that name were made.
    func seen(_ name: String) -> Int { sink.records.count { $0.name == name } }

    private static let tickets = Atomic<Int64>(0)

    /// - Parameter ticket: one of its own, if none is given.
    static func owed(
        _ medium: Medium = .email, fallback: String? = nil, priority: Priority = .normal, next: Timestamp = start,
        expires: Timestamp = start + .seconds(72 * 3600), attempts: Int = 0, ticket: Int64? = nil,
        template: String = "opened", recipient: String? = nil
    ) -> OwedNotification {
        var owed = OwedNotification(
            id: .timeOrdered(at: start), ticket: ticket ?? tickets.add(1, ordering: .relaxed).newValue,
            event: .timeOrdered(at: start), code: "RM-1", medium: medium,
            recipient: recipient ?? (medium == .email ? "anna@example.org" : "RSSMRA80A01H501U"), fallback: fallback,
            template: template, language: "it", attempts: attempts, createdAt: start, nextAttemptAt: next,
            expiresAt: expires, priority: priority, category: nil, office: "urp", openedAt: start, dueAt: nil,
            eventAt: start)
        owed.heldBy = owner
        return owed
    }
}

final class TestClock: Sendable {
    private let moment: Mutex<Timestamp>
    init(_ start: Timestamp) { moment = Mutex(start) }
    var now: Timestamp { moment.withLock { $0 } }
    func advance(by time: Duration) { moment.withLock { $0 = $0 + time } }
}

/// Returns once `condition` holds; the test's time limit ends it otherwise.
func until(_ condition: () async -> Bool) async {
    while await !condition(), !Task.isCancelled { await Task.yield() }
}

/// What was true at certain moments.
final class Order: Sendable {
    private let kept = Mutex<[Bool]>([])
    var notes: [Bool] { kept.withLock { $0 } }
    func note(_ value: Bool) { kept.withLock { $0.append(value) } }
}
