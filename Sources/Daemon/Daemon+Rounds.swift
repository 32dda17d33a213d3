import Intake
import Observability
import Postgres
import Store

/// What the daemon does again and again.
extension Daemon {
    /// Every two seconds a round: the beat, the reconciler, and with them the service manager's sign of life.
    func beat() async {
        let sign = signOfLife()
        while !Task.isCancelled {
            await sign.earn()
            try? await Task.sleep(for: DaemonRegistry.beat)  // cancellation ends the loop above
        }
    }

    func passBeat() async {
        let configuration = desk.current.configuration
        do {
            try await heartbeat.pass(
                host: hostName, version: options.version, config: configuration.hash, stats: await stats())
            try await lookForRequests()
            await shadow.flush()
            wakeChores.yield()
            wakeFetcher.yield()
            wakeFollower.yield()
            wakeWatcher.yield()
            wakeSpool.yield()
            health.database(up: true)
            observe(.databaseAnswers(true))
            trouble.withLock { $0 = nil }
        } catch {
            // That it is away its connections say. What else it says is told once.
            let text = String(describing: error)
            let isNew = trouble.withLock { last in
                defer { last = text }
                return last != text
            }
            if !error.isAbsence, isNew {
                observe(.internalError(place: "the beat", error: text))
            }
            observe(.databaseAnswers(false))
            health.database(up: false, away: error.isAbsence)
            await heartbeat.fence()
            wakeSpool.yield()
            revive()
        }
    }

    /// With each beat, and beside it: a beat in time is worth more than any of them.
    func tend() async {
        var told: Set<String> = []
        func chore(_ name: String, _ body: () async throws -> Void) async {
            do {
                try await body()
                told.remove(name)
            } catch {
                // That the database is away is told by its connections.
                guard !error.isAbsence, told.insert(name).inserted else { return }
                observe(.internalError(place: name, error: String(describing: error)))
            }
        }
        for await _ in chores {
            guard !Task.isCancelled else { return }
            await chore("escalation") { try await escalator.pass() }
            await chore("preferences") { try await desk.preferences.refresh(at: now()) }
            await chore("PostgreSQL's own state") { try await lookAtDatabase() }
            await chore("retention") { try await retainer.pass() }
            await chore("unread notifications") { try await followUnread(by: desk.current.configuration) }
        }
    }

    /// With each beat, one look after the other.
    func follow() async {
        for await _ in looks {
            guard !Task.isCancelled else { return }
            do { try await follower.round() } catch {
                // That the database is away is told by its connections; the leases end by themselves.
                guard !error.isAbsence else { continue }
                observe(.internalError(place: "offices' Open311 servers", error: String(describing: error)))
            }
        }
    }

    /// A line that flows is filled up between two beats.
    func refill() async {
        for await _ in refills {
            // What PostgreSQL says here it says to the next beat, too.
            do { try await heartbeat.fill() } catch { observe(.databaseAnswers(false)) }
        }
    }

    /// With each beat. A spool that could not be opened is tried again, all the more while it is needed.
    func drainSpool() async {
        for await _ in spoolRounds {
            guard !Task.isCancelled else { return }
            await desk.spool.adapt(to: desk.current.configuration)
            if !health.isDatabaseAway { await desk.spool.drain(into: mail) }
        }
    }

    /// A private server that died is started again. It may have much to recover: the beat does not wait for it.
    private func revive() {
        guard let server = database.server, isReviving.withLock({ $0.begin() }) else { return }
        Task {
            defer { isReviving.withLock { $0 = false } }
            do { _ = try await server.start() } catch {
                observe(.internalError(place: "embedded PostgreSQL", error: String(describing: error)))
            }
        }
    }
}

extension Bool {
    /// - Returns: false if it had begun already.
    fileprivate mutating func begin() -> Bool {
        defer { self = true }
        return !self
    }
}

extension Error {
    /// PostgreSQL does not answer, or the daemon stops. What it says, and what anything else says, is another matter.
    fileprivate var isAbsence: Bool {
        if let error = self as? PostgresError { error.sqlstate == nil } else { self is CancellationError }
    }
}
