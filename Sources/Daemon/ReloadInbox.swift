import Civic
import Store
import Synchronization

/// The requests of `pasquino reload` to this daemon.
final class ReloadInbox: Sendable {
    private let requests: ReloadRequests
    /// Taken by the reload under way.
    private let taken = Mutex<Set<Int64>>([])

    init(_ requests: ReloadRequests) { self.requests = requests }

    /// Whether there are requests that no reload under way has taken.
    func isWaiting(daemon: Int64) async throws -> Bool {
        let open = try await requests.open(daemon: daemon)
        return taken.withLock { taken in open.contains { !taken.contains($0) } }
    }

    /// Those that the reload that is about to begin answers.
    func take(daemon: Int64) async throws -> [Int64] {
        let open = try await requests.open(daemon: daemon)
        taken.withLock { $0.formUnion(open) }
        return open
    }

    /// - Throws: what PostgreSQL said; then they are open again, and one more reload answers them.
    func settle(_ ids: [Int64], report: ReloadReport) async throws {
        defer { taken.withLock { $0.subtract(ids) } }
        try await requests.settle(ids, report: report.json)
    }
}
