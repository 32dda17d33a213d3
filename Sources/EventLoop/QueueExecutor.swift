@preconcurrency import Dispatch

/// Runs an actor's jobs on a serial Dispatch queue.
///
/// Linux has no `DispatchSerialQueue` (swift-corelibs-libdispatch #848), so the executor is ours.
public final class QueueExecutor: SerialExecutor {
    public let queue: DispatchQueue

    public init(label: String, qos: DispatchQoS = .userInitiated) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Lets a Dispatch handler that runs on this queue call `assumeIsolated`; without it that traps.
    public func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}

/// Runs the jobs of tasks that prefer it on the same queue as the loop's actors.
///
/// Whoever awaits a continuation is resumed by way of the task's executor, whatever actor awaits it: without a preference
/// that is a thread of the global pool and back, some twenty microseconds; with this one it is a turn of the queue.
public final class QueueTaskExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(queue: DispatchQueue) { self.queue = queue }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
