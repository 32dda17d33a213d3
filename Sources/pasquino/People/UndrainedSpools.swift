import Daemon
import Spool
import Store

/// What was acknowledged and lies in a daemon's spool, where no erasure looks: it may be of the person it is about.
struct UndrainedSpools {
    private var waiting: [(host: String, count: Int)] = []
    private var aside: [String] = []

    /// This machine's disk, and what the daemons said with their last beats.
    init(in database: Database, stateDirectory: String) async throws {
        let own = SpoolGlance(at: "\(stateDirectory)/spool") ?? SpoolGlance()
        note("this machine", waiting: own.waiting, aside: own.aside)
        for daemon in try await DaemonRegistry(pool: database.pool).all() {
            // A machine may have several, each with a spool; what a dead one said here, the disk says better.
            let isOther = daemon.host != hostName || daemon.alive && own.waiting + own.aside == 0
            guard isOther, let spool = DaemonStats(daemon)?.spool else { continue }
            note(daemon.host, waiting: spool.waiting, aside: spool.aside)
        }
    }

    private mutating func note(_ host: String, waiting count: Int, aside files: Int) {
        if count > 0 { waiting.append((Terminal.safe(host), count)) }
        if files > 0 { aside.append(Terminal.safe(host)) }
    }

    /// Why nothing may be erased yet.
    var refusal: String? {
        guard !waiting.isEmpty else { return nil }
        let counts = waiting.map { "\($0.count) on \($0.host)" }.joined(separator: ", ")
        return "messages wait in the spool for PostgreSQL (\(counts)) and may be of the same person; "
            + "nothing is erased: let a running daemon drain them (`pasquino status`), then try again"
    }

    /// What a person must look through.
    var warning: String? {
        guard !aside.isEmpty else { return nil }
        return "spool files were set aside on \(aside.joined(separator: ", ")): no erasure reaches them; look through "
            + "them, and remove them once they have been seen to"
    }
}
