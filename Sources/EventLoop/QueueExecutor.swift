@preconcurrency import Dispatch

/// Runs an actor's jobs on a serial Dispatch queue.
///
/// A task that prefers it (`Task(executorPreference:)`) runs there whatever no other actor claims. That matters where it
/// waits on a continuation: without a preference it comes back by way of a thread of Swift's pool, which is two threads'
/// wakes for nothing.
///
/// Linux has no `DispatchSerialQueue` (swift-corelibs-libdispatch #848), so the executor is ours.
public final class QueueExecutor: SerialExecutor, TaskExecutor {
    public let queue: DispatchQueue

    public init(label: String, qos: DispatchQoS = .userInitiated) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            job.runSynchronously(
                isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
        }
    }

    /// Lets a Dispatch handler that runs on this queue call `assumeIsolated`; without it that traps.
    public func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
