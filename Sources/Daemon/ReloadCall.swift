import Glibc
import Settings
import Store

/// Asks the daemons of this machine to reload, and waits for what they say.
///
/// The request goes through the database that a daemon shares with the command; SIGHUP only makes the daemon look at once
/// and not at its next beat, so it does no harm if it may not be sent.
public struct ReloadCall: Sendable {
    public struct Answer: Sendable {
        public let daemon: DaemonRegistry.Entry
        /// Nil if the daemon said nothing in time.
        public let report: ReloadReport?
    }

    /// Of the daemons of this machine.
    public let answers: [Answer]
    /// Daemons of other machines on the same database: they go on with what they have.
    public let others: [DaemonRegistry.Entry]

    public var isAccepted: Bool { !answers.isEmpty && answers.allSatisfy { $0.report?.accepted == true } }
    public var isRefused: Bool { answers.contains { $0.report?.accepted == false } }

    private static let look = Duration.milliseconds(50)

    /// - Parameter patience: for all answers together.
    public static func make(on database: Database, within patience: Duration) async throws -> ReloadCall {
        let alive = try await DaemonRegistry(pool: database.pool).all().filter(\.alive)
        let requests = ReloadRequests(pool: database.pool)
        var waiting: [(daemon: DaemonRegistry.Entry, request: Int64)] = []
        for daemon in alive where daemon.host == hostName && isProcess(daemon.pid) {
            waiting.append((daemon, try await requests.ask(daemon: daemon.id)))
            nudge(daemon.pid)
        }
        let ids = waiting.map(\.request)
        do {
            let answers = try await answers(to: waiting, from: requests, within: patience)
            try await requests.forget(ids)
            return ReloadCall(answers: answers, others: alive.filter { $0.host != hostName })
        } catch {
            // The daemon forgets it too, a day later.
            try? await requests.forget(ids)
            throw error
        }
    }

    private static func answers(
        to waiting: [(daemon: DaemonRegistry.Entry, request: Int64)], from requests: ReloadRequests,
        within patience: Duration
    ) async throws -> [Answer] {
        let end = ContinuousClock.now + patience
        var answers: [Answer] = []
        for (daemon, request) in waiting {
            var report: ReloadReport?
            while report == nil {
                report = try await requests.answer(to: request).map(ReloadReport.init(json:))
                if report != nil || ContinuousClock.now >= end || !isProcess(daemon.pid) { break }
                try await Task.sleep(for: look)
            }
            answers.append(Answer(daemon: daemon, report: report))
        }
        return answers
    }

    /// A daemon that was killed a moment ago still seems to beat.
    private static func isProcess(_ pid: Int) -> Bool { kill(Int32(truncatingIfNeeded: pid), 0) == 0 || errno != ESRCH }

    /// The number may long be another's.
    private static func nudge(_ pid: Int) {
        guard let file = fopen("/proc/\(pid)/comm", "re") else { return }
        defer { fclose(file) }
        var name = [CChar](repeating: 0, count: 64)
        guard fgets(&name, Int32(name.count), file) != nil else { return }
        let text = String(decoding: name.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        if text == "pasquino" { kill(Int32(truncatingIfNeeded: pid), SIGHUP) }
    }
}
