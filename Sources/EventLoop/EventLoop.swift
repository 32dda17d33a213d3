internal import CLinux
@preconcurrency import Dispatch
internal import Glibc
internal import Synchronization

/// What a descriptor is watched for, and what it became.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let read = Readiness(rawValue: 1)
    public static let write = Readiness(rawValue: 2)
    /// Error or hang-up. Always reported, never asked for; read until the end, for this is the last report.
    public static let closed = Readiness(rawValue: 4)
}

/// One serial queue, one private epoll set, and the timers of the actors that live on it.
///
/// Dispatch watches one descriptor a loop, the epoll set itself, from the loop's birth to its end: per-descriptor
/// Dispatch sources on Linux lose reads and crash under hang-ups (libdispatch #949).
///
/// An actor lives on a loop by returning `loop.executor.asUnownedSerialExecutor()` as its `unownedExecutor`; handlers
/// then run isolated to it (`assumeIsolated`). `watch`, `unwatch` and `after` must be called on the loop's queue.
public final class EventLoop: Sendable {
    public let executor: QueueExecutor
    /// For tasks that have nearly all to do with actors of this loop (`Task(executorPreference:)`).
    public let taskExecutor: QueueTaskExecutor
    private let epoll: Int32
    /// Never changed after init; Dispatch objects may be cancelled from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    /// Touched on the loop's queue only; the lock is uncontended and keeps the compiler's proof whole.
    private let watches = Mutex(Watches())

    private struct Watches {
        struct Watch {
            let handler: @Sendable (Readiness) -> Void
            /// The pass in which it was set: what that pass still holds for this number may be about a descriptor that
            /// was closed in the meantime, and its number taken again.
            let pass: UInt64
        }
        var pass: UInt64 = 0
        var byDescriptor: [Int32: Watch] = [:]
    }

    /// - Throws: `EventLoopError` if the kernel refuses an epoll set (too many open files).
    public init(label: String) throws(EventLoopError) {
        let executor = QueueExecutor(label: label)
        let epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw EventLoopError(call: "epoll_create1", errno: errno) }
        self.executor = executor
        taskExecutor = QueueTaskExecutor(queue: executor.queue)
        self.epoll = epoll
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: executor.queue)
        source.setEventHandler { [weak self] in self?.drain() }
        source.setCancelHandler { close(epoll) }
        source.activate()
    }

    deinit { source.cancel() }

    /// Watches `descriptor`, or changes what it is watched for; level-triggered.
    public func watch(
        _ descriptor: Int32, for interest: Readiness, handler: @escaping @Sendable (Readiness) -> Void
    ) throws(EventLoopError) {
        dispatchPrecondition(condition: .onQueue(executor.queue))
        var events: UInt32 = 0
        if interest.contains(.read) { events |= UInt32(CLINUX_EPOLL_READ) }
        if interest.contains(.write) { events |= UInt32(CLINUX_EPOLL_WRITE) }
        let code = clinux_epoll_set(epoll, descriptor, events)
        guard code == 0 else { throw EventLoopError(call: "epoll_ctl", errno: code) }
        let replaced = watches.withLock {
            $0.byDescriptor.updateValue(Watches.Watch(handler: handler, pass: $0.pass), forKey: descriptor)
        }
        // Released outside the lock: what the old handler holds may call back when it goes.
        _ = replaced
    }

    /// Stops watching. Synchronous: closing the descriptor right after is legal. A descriptor already closed is fine.
    public func unwatch(_ descriptor: Int32) {
        dispatchPrecondition(condition: .onQueue(executor.queue))
        _ = clinux_epoll_remove(epoll, descriptor)
        let removed = watches.withLock { $0.byDescriptor.removeValue(forKey: descriptor) }
        _ = removed  // outside the lock, as above
    }

    /// Runs `body` on the loop's queue once, after `delay`, unless the timer is cancelled before.
    @discardableResult
    public func after(_ delay: Duration, _ body: @escaping @Sendable () -> Void) -> LoopTimer {
        let (seconds, attoseconds) = delay.components
        // A century is for ever, and does not overflow.
        let nanoseconds =
            delay <= .zero ? 0 : min(seconds, 3_200_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
        let item = DispatchWorkItem(block: body)
        executor.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds)), execute: item)
        return LoopTimer(item)
    }

    /// Passes over what is ready before Dispatch and the actors' jobs get their turn again: coming back by way of
    /// Dispatch costs two threads' wakes, and under load the next answers are there when the last pass is done.
    private static let passes = 8

    private func drain() {
        for _ in 0..<Self.passes {
            guard pass() else { return }
        }
    }

    /// - Returns: whether anything was ready.
    private func pass() -> Bool {
        withUnsafeTemporaryAllocation(of: clinux_ready.self, capacity: 64) { ready in
            let count = clinux_epoll_ready(epoll, ready.baseAddress, 64)
            // EINTR, or taken by an earlier pass: level-triggered, it comes again
            guard count > 0 else { return false }
            let pass = watches.withLock {
                $0.pass += 1
                return $0.pass
            }
            for entry in ready.prefix(Int(count)) {
                // A handler earlier in this pass may have unwatched this one, or watched a new one of that number.
                guard let watch = watches.withLock({ $0.byDescriptor[entry.fd] }), watch.pass != pass else { continue }
                watch.handler(Self.readiness(entry.events))
            }
            return true
        }
    }

    private static func readiness(_ events: UInt32) -> Readiness {
        var readiness: Readiness = []
        if events & UInt32(CLINUX_EPOLL_READ) != 0 { readiness.insert(.read) }
        if events & UInt32(CLINUX_EPOLL_WRITE) != 0 { readiness.insert(.write) }
        if events & UInt32(CLINUX_EPOLL_ERROR | CLINUX_EPOLL_HANGUP) != 0 { readiness.insert(.closed) }
        return readiness
    }
}

/// A pending `EventLoop.after`.
public struct LoopTimer: @unchecked Sendable {  // DispatchWorkItem.cancel is safe from any thread
    private let item: DispatchWorkItem
    fileprivate init(_ item: DispatchWorkItem) { self.item = item }
    public func cancel() { item.cancel() }
}

/// The kernel refused a call that the loop cannot do without.
public struct EventLoopError: Error, CustomStringConvertible {
    public let call: String
    public let errno: Int32
    public var description: String { "\(call): \(String(cString: strerror(errno)))" }
}
