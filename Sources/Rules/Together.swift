import Dispatch
import Synchronization

/// Does two things, at a time if another thread is free, and returns when both are done. It may be used within itself,
/// where `concurrentPerform` would do one after the other, and never waits for a thread that is not there.
public func together<First, Second: Sendable>(
    _ first: () -> First, _ second: @escaping @Sendable () -> Second
) -> (First, Second) {
    let isTaken = Atomic(false)
    let result = Mutex<Second?>(nil)
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
        guard !isTaken.exchange(true, ordering: .relaxed) else { return }
        let value = second()
        result.withLock { $0 = value }
        done.signal()
    }
    let one = first()
    if !isTaken.exchange(true, ordering: .relaxed) { return (one, second()) }
    done.wait()
    guard let two = result.withLock({ $0 }) else { preconditionFailure("the second was not done") }
    return (one, two)
}
