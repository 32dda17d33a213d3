import Foundation
import Synchronization

/// Threads with room for the deepest text: libyaml stops at a depth of 1000, and composing that deep needs more stack than
/// a pool's thread has.
enum DeepThreads {
    /// Does `work` for each number below `count`, on as many threads as there are cores; returns when all is done.
    static func perform(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let next = Atomic(0)
        let done = DispatchSemaphore(value: 0)
        let threads = min(count, ProcessInfo.processInfo.activeProcessorCount)
        for _ in 0..<threads {
            let thread = Thread {
                var number = next.add(1, ordering: .relaxed).oldValue
                while number < count {
                    work(number)
                    number = next.add(1, ordering: .relaxed).oldValue
                }
                done.signal()
            }
            thread.stackSize = 64 << 20
            thread.start()
        }
        for _ in 0..<threads { done.wait() }
    }
}
