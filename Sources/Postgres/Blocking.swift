internal import Dispatch

/// For calls that block: name resolution, processes, files. Each runs on a thread of its own, never on Swift's
/// cooperative pool nor on a loop's queue.
enum Blocking {
    static func run<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            // A serial queue of its own: Dispatch gives those a thread even when all processors are taken.
            DispatchQueue(label: "postgres.blocking").async { continuation.resume(returning: body()) }
        }
    }
}
