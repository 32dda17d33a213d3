import Civic
import TestSupport
import Testing

@testable import Delivery

@Suite struct RetryPolicyTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func pause(
        _ policy: RetryPolicy, attempt: Int, after: Duration = .zero, asked: Duration? = nil, seed: UInt64 = 1
    ) -> Duration? {
        var random = Dice(seed)
        let now = start + after
        switch policy.next(
            afterAttempt: attempt, created: start, expires: start + .seconds(72 * 3600), now: now, random: &random,
            serverAsked: asked)
        {
        case .retry(let at): return at - now
        case .giveUp: return nil
        }
    }

    @Test(
        "Grows to the longest pause",
        arguments: [(1, 5.0), (2, 12.5), (3, 31.25), (4, 78.125), (9, 3600), (19, 3600)] as [(Int, Double)])
    func growth(attempt: Int, seconds: Double) {
        let policy = RetryPolicy(jitter: 0)
        #expect(pause(policy, attempt: attempt) == .microseconds(Int64(seconds * 1_000_000)))
    }

    @Test func jitterStaysInItsBoundsAndVaries() throws {
        let policy = RetryPolicy()
        let pauses = try (0..<500).map { try #require(pause(policy, attempt: 1, seed: $0)) / .seconds(1) }
        #expect(pauses.allSatisfy { (3.75...6.25).contains($0) })
        #expect(pauses.contains { $0 < 4.2 } && pauses.contains { $0 > 5.8 })
    }

    @Test func theServerMayAskForMoreNeverForLess() {
        let policy = RetryPolicy(jitter: 0)
        #expect(pause(policy, attempt: 1, asked: .seconds(120)) == .seconds(120))
        #expect(pause(policy, attempt: 1, asked: .seconds(1)) == .seconds(5))
    }

    @Test func endsAfterItsAttempts() {
        var random = Dice(1)
        let policy = RetryPolicy(attempts: 3)
        #expect(pause(policy, attempt: 2) != nil)
        let next = policy.next(
            afterAttempt: 3, created: start, expires: start + .seconds(72 * 3600), now: start, random: &random,
            serverAsked: nil)
        #expect(next == .giveUp(reason: "3 attempts failed"))
    }

    @Test func endsWithItsTime() {
        var random = Dice(1)
        let policy = RetryPolicy(jitter: 0)
        #expect(pause(policy, attempt: 1, after: .seconds(72 * 3600 - 6)) == .seconds(5))
        let late = start + .seconds(72 * 3600 - 5)
        let next = policy.next(
            afterAttempt: 1, created: start, expires: start + .seconds(72 * 3600), now: late, random: &random,
            serverAsked: nil)
        #expect(next == .giveUp(reason: "not delivered within 72 hours"))
        #expect(pause(policy, attempt: 1, asked: .seconds(73 * 3600)) == nil)
    }

    @Test func anyNumberOfAttemptsIsCounted() {
        #expect(pause(RetryPolicy(jitter: 0, attempts: .max), attempt: 1_000_000_000) == .seconds(3600))
        #expect(pause(RetryPolicy(factor: 1, jitter: 0, attempts: .max), attempt: 1_000_000_000) == .seconds(5))
    }
}
