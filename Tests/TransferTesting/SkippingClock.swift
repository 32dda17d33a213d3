import Synchronization

/// A clock whose sleepers wake at once, the time having passed: for code that waits between attempts.
package final class SkippingClock: Clock, Sendable {
    package struct Instant: InstantProtocol, Sendable {
        package var offset: Duration
        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private let state = Mutex((now: Instant(offset: .zero), slept: [Duration]()))
    private let onSleep: @Sendable (Duration) -> Void
    /// Sleeps of this length and more do not end before they are cancelled.
    private let endless: Duration?

    /// - Parameter onSleep: hears of each sleep at its start.
    package init(endless: Duration? = nil, onSleep: @escaping @Sendable (Duration) -> Void = { _ in }) {
        self.endless = endless
        self.onSleep = onSleep
    }

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .nanoseconds(1) }
    /// All sleeps so far.
    package var slept: [Duration] { state.withLock { $0.slept } }

    package func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let length = now.duration(to: deadline)
        state.withLock { $0.slept.append(length) }
        onSleep(length)
        if let endless, length >= endless {
            // A stream that nobody feeds ends with the task.
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in stream {}
            continuation.finish()
        }
        try Task.checkCancellation()
        state.withLock { $0.now = max($0.now, deadline) }
        await Task.yield()
    }
}
