import Boundaries
import EventLoop
import Store
import Synchronization

/// Makes durable that requests are about to be made which must not be repeated blindly: those that come while some are
/// being written go together with the next statement.
final class SendingMarks: Sendable {
    private struct State {
        var waiting: [(mark: Outbox.Outcome, continuation: CheckedContinuation<Void, any Error>)] = []
        var isWriting = false
    }

    /// Of one statement: enough for every attempt under way.
    private static let most = 1000
    private let journal: any DeliveryJournal
    private let executor: QueueTaskExecutor
    private let state = Mutex(State())

    /// - Parameter executor: of those who wait, so that none is woken by way of another thread.
    init(journal: any DeliveryJournal, executor: QueueTaskExecutor) {
        self.journal = journal
        self.executor = executor
    }

    /// Another daemon has the notification by now, or it is finished: it must not be sent.
    struct Gone: Error {}

    /// Returns once the mark is on disk.
    /// - Throws: `Gone`, or what PostgreSQL said; then the mark may be there or not.
    func write(_ mark: Outbox.Outcome) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append((mark, continuation))
                defer { state.isWriting = true }
                return !state.isWriting
            }
            if isFirst { Task(executorPreference: executor) { await self.writeAll() } }
        }
    }

    private func writeAll() async {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.most))
                state.waiting.removeFirst(batch.count)
                state.isWriting = !batch.isEmpty
                return batch
            }
            guard !batch.isEmpty else { return }
            do {
                let marked = try await Boundary.deliveryMarkSent.whenSent {
                    try await journal.mark(batch.map(\.mark))
                }
                for waiting in batch {
                    if marked.contains(waiting.mark.id) {
                        waiting.continuation.resume()
                    } else {
                        waiting.continuation.resume(throwing: Gone())
                    }
                }
            } catch {
                for waiting in batch { waiting.continuation.resume(throwing: error) }
            }
        }
    }
}
