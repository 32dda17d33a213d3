import Civic
import Delivery
import Store
import Synchronization

/// Answers with the verdicts it was given, in order, and then with `delivered`; or waits for the test to answer.
final class FakeCarrier: Carrier {
    struct Attempt: Sendable {
        let owed: OwedNotification
        let at: Timestamp
    }

    private struct State {
        var attempts: [Attempt] = []
        var verdicts: [Verdict] = []
        var asks = false
        var marks = false
        var onAttempt: @Sendable (OwedNotification) -> Void = { _ in }
        var waiting: [Identifier: CheckedContinuation<Verdict, Never>] = [:]
    }

    let destination: String
    let concurrency: Int
    private let clock: TestClock
    private let state = Mutex(State())

    init(_ destination: String, concurrency: Int, clock: TestClock) {
        self.destination = destination
        self.concurrency = concurrency
        self.clock = clock
    }

    var attempts: [Attempt] { state.withLock { $0.attempts } }
    var ids: [Identifier] { attempts.map(\.owed.id) }
    var waiting: Set<Identifier> { state.withLock { Set($0.waiting.keys) } }

    /// What the next attempts come to.
    func answer(_ verdicts: Verdict...) { state.withLock { $0.verdicts += verdicts } }

    /// From now on each attempt waits for `answer(_:_:)`.
    func ask() { state.withLock { $0.asks = true } }

    /// Each attempt is marked before it is made, as App IO's are; one that cannot be marked is not made.
    func mark() { state.withLock { $0.marks = true } }

    func onAttempt(_ body: @escaping @Sendable (OwedNotification) -> Void) { state.withLock { $0.onAttempt = body } }

    /// Waits until that attempt is under way, and ends it.
    func answer(_ owed: OwedNotification, _ verdict: Verdict) async {
        await until { self.waiting.contains(owed.id) }
        state.withLock { $0.waiting.removeValue(forKey: owed.id) }?.resume(returning: verdict)
    }

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        if state.withLock({ $0.marks }) {
            do { try await markSending() } catch {
                return .tryAgain(reason: "the request could not be recorded", after: nil, pause: false)
            }
        }
        state.withLock { $0.onAttempt }(owed)
        let now = clock.now
        return await withCheckedContinuation { continuation in
            let verdict = state.withLock { state -> Verdict? in
                state.attempts.append(Attempt(owed: owed, at: now))
                if state.asks {
                    state.waiting[owed.id] = continuation
                    return nil
                }
                return state.verdicts.isEmpty ? .delivered(remoteID: nil) : state.verdicts.removeFirst()
            }
            if let verdict { continuation.resume(returning: verdict) }
        }
    }
}
