import Civic
import Daemon
import Foundation
import Intake
import Settings
import Store

/// The stored messages of a period with what people made of their tickets, read in batches while the last batch is being
/// worked on.
struct Archive {
    /// As many as there are processors: deciding is all computation.
    static let threads = max(2, ProcessInfo.processInfo.activeProcessorCount)

    let messages: StoredMessages
    /// Tickets moved by hand, by number.
    let corrections: [Int64: Correction]

    /// - Parameter age: how long ago the period begins, in seconds.
    static func with<R>(
        _ options: ConfigurationOption, age: Int64, _ body: (Archive) async throws -> R
    ) async throws -> R {
        let now = Timestamp.current
        let since = now + .seconds(-age)
        var result: R?
        try await withDatabase(options) { database, _ in
            let corrections = try await database.withPatientSession {
                try await Tickets(pool: $0).corrections(since: since)
            }
            let messages = StoredMessages(pool: database.pool, since: since, until: now)
            result = try await body(Archive(messages: messages, corrections: corrections))
        }
        guard let result else { throw Outcome.failed("the database could not be read") }
        return result
    }

    /// Every message of the period, in the order in which they came.
    func forEachBatch(_ label: String, _ body: ([BacktestInput]) async -> Void) async throws {
        var bar = ProgressBar(label, total: try await messages.count())
        defer { bar.clear() }
        var done = 0
        var batch = try await messages.batch(after: nil)
        while let last = batch.last {
            async let next = messages.batch(after: last.id)
            await body(batch.map { BacktestInput($0, corrections: corrections) })
            done += batch.count
            bar.show(done)
            batch = try await next
        }
    }
}
