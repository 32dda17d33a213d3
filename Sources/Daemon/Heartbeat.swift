import Boundaries
import Civic
import Delivery
import Glibc
import Observability
import Postgres
import Store
import Synchronization

/// Keeps this daemon known to the others, takes over what dead ones held, and brings in what is owed but held by nobody.
///
/// The daemon holds notifications in memory only while `owner` is set: from a successful beat until `fence` without one.
final class Heartbeat: Sendable {
    private struct State {
        var id: Int64?
        var lastBeat: ContinuousClock.Instant?
        var lastPass: ContinuousClock.Instant?
        var stopped = false
        var isFilling = false
        /// For what there was no room at the last look: since when the oldest of each line is due.
        var waiting: [String: Timestamp] = [:]
        /// When the table was last asked what this daemon should hold.
        var recovered = ContinuousClock.now
    }

    private let registry: DaemonRegistry
    private let outbox: Outbox
    private let queue: DeliveryQueue
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        registry: DaemonRegistry, outbox: Outbox, queue: DeliveryQueue, observe: Observer,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.registry = registry
        self.outbox = outbox
        self.queue = queue
        self.observe = observe
        self.now = now
    }

    /// This daemon while it may hold notifications in memory, else null: then they are left to the reconciler.
    var owner: Holder? { alive.flatMap { queue.board.holder($0) } }

    /// Since when the oldest notification is due for which there is no room, by line, as of the last look.
    var waiting: [String: Timestamp] { state.withLock { $0.waiting } }

    private var alive: Int64? {
        state.withLock { state in
            guard let last = state.lastBeat, !state.stopped, ContinuousClock.now - last < DaemonRegistry.fence else {
                return nil
            }
            return state.id
        }
    }

    var isBeating: Bool { alive != nil }

    /// This daemon's id while its beat is in time, whether or not it has room.
    var identity: Int64? { alive }

    /// Says at once what the next beat would say.
    func tell(config: String, stats: JSON) async throws {
        guard let id = alive else { return }
        let sent = ContinuousClock.now
        if try await registry.beat(id: id, config: config, stats: stats) { note(beatAt: sent) }
    }

    /// Beats beside a pass that takes long, until it is cancelled: what a pass brings in may be much, and a table may be
    /// locked, and neither is a reason for others to take over what is being delivered here. A daemon that does not come to
    /// its next pass at all is stuck: it falls silent, and others take over.
    func keepBeating() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: DaemonRegistry.beat / 2)  // cancellation ends the loop
            guard let id = alive, isDue else { continue }
            let sent = ContinuousClock.now
            // What else PostgreSQL says it says to the pass, too.
            if let isKnown = try? await registry.beat(id: id), isKnown { note(beatAt: sent) }
        }
    }

    private var isDue: Bool {
        state.withLock { state in
            guard let beat = state.lastBeat, let pass = state.lastPass else { return false }
            let now = ContinuousClock.now
            return now - beat > DaemonRegistry.beat * 1.25 && now - pass < Heartbeat.longestPass
        }
    }

    /// Others count from when PostgreSQL noted the beat, which is not before it was sent: an answer may be long in coming.
    private func note(beatAt sent: ContinuousClock.Instant) {
        state.withLock { $0.lastBeat = max($0.lastBeat ?? sent, sent) }
    }

    /// The table may know of more than we hold: a commit's answer was lost, or we forgot what we held.
    func doubt() { queue.board.raiseDoubt(at: .now) }

    /// What may be claimed is older than this; nil: nothing.
    private var claimable: Timestamp? { queue.board.claimable(at: now()) }

    /// Declares dead what died on this machine: after a crash nobody should wait for a late beat.
    func start(host: String, version: String, config: String) async throws {
        let gone = try await registry.pids(host: host).filter { pid in
            pid != getpid() && kill(pid, 0) != 0 && errno == ESRCH
        }
        try await registry.bury(host: host, pids: gone + [getpid()])
        try await register(host: host, version: version, config: config)
    }

    private func register(host: String, version: String, config: String) async throws {
        let sent = ContinuousClock.now
        let id = try await registry.register(host: host, pid: getpid(), version: version, config: config)
        Boundary.registered.pass()
        state.withLock {
            $0.id = id
            $0.lastBeat = sent
        }
        if alive != nil { await queue.adopt(owner: id) }
    }

    /// One pass: beat, then reconcile.
    /// - Throws: what PostgreSQL said; the next pass tries again.
    func pass(host: String, version: String, config: String, stats: JSON) async throws {
        let sent = ContinuousClock.now
        let id = state.withLock { state in
            state.lastPass = sent
            return state.id
        }
        if let id, try await registry.beat(id: id, config: config, stats: stats) {
            Boundary.beaten.pass()
            note(beatAt: sent)
            if alive != nil { await queue.adopt(owner: id) }
        } else {
            observe(.heartbeatLost)
            await queue.adopt(owner: nil)
            try await register(host: host, version: version, config: config)
        }
        try await reconcile()
    }

    /// Looks each second until it is cancelled: a PostgreSQL that answers neither yes nor no must not keep this daemon
    /// delivering what others take over.
    func keepFence() async {
        while !Task.isCancelled {
            await fence()
            try? await Task.sleep(for: .seconds(1))  // cancellation ends the loop
        }
    }

    /// Without a beat in time others take over: this daemon must not deliver what they may be delivering.
    func fence() async {
        // The next beat may still come in time; then nobody else takes over what was forgotten here.
        if await queue.forsake(unless: { [self] in alive != nil }) { Boundary.fenced.pass() }
    }

    private func reconcile() async throws {
        guard let owner = alive else { return }
        try await resolveDoubt(owner: owner)
        let recalled = try await outbox.recalled(from: owner)
        if !recalled.isEmpty { try await outbox.handBack(await queue.recall(recalled), owner: owner) }
        let count = try await outbox.abandon(owner: owner, deadAfter: DaemonRegistry.dead)
        if count > 0 {
            Boundary.outboxAbandoned.pass()
            observe(.tookOver(count: count))
        }
        guard let claimable else { return }
        try await recover(owner: owner)
        let now = now()
        for _ in 0..<Heartbeat.expiredBatches {
            let count = try await queue.takeInExpired(for: owner) { [outbox] in
                try await outbox.claimExpired(owner: owner, limit: Heartbeat.batch, createdBefore: claimable, now: now)
            }
            if count < Heartbeat.batch { break }
        }
        try await fill(within: .seconds(1))
    }

    /// Takes in what the table says this daemon holds and its memory does not, should that ever be: while this daemon lives
    /// nobody else would.
    private func recover(owner: Int64) async throws {
        guard state.withLock({ ContinuousClock.now - $0.recovered > Heartbeat.recovery }) else { return }
        // Long enough ago to have come to the queue by any way.
        let createdBefore = now() + (.zero - Heartbeat.recovery)
        let count = try await queue.recover(for: owner) { [outbox] in
            try await outbox.owned(by: owner, createdBefore: createdBefore)
        }
        guard let count else { return }
        state.withLock { $0.recovered = .now }
        if count > 0 { observe(.tookOver(count: count)) }
    }

    /// Brings in what is owed but held by nobody, line by line, as far as there is room: the most urgent first.
    /// - Parameter time: then the rest is left to the next time. A line that flows as fast as it is filled has no end, and
    ///   a beat must not wait for one.
    func fill(within time: Duration = .seconds(60)) async throws {
        guard let owner = alive, claimable != nil, begin() else { return }
        defer { state.withLock { $0.isFilling = false } }
        let end = ContinuousClock.now + time
        var isOver = false
        while !isOver {
            let backlogs = try await outbox.backlogs()
            let dueBefore = now() + .seconds(60)
            var left: [String: Timestamp] = [:]
            isOver = true
            for backlog in backlogs.sorted(by: { $0.urgency > $1.urgency }) where backlog.due <= dueBefore {
                guard alive == owner, .now < end else { return }
                let (count, isEmpty) = try await fill(backlog, owner: owner, dueBefore: dueBefore, end: end)
                // Those that were behind others of their tickets come with the next round.
                if count > 0 { isOver = false }
                if !isEmpty { left[backlog.line] = min(left[backlog.line] ?? backlog.due, backlog.due) }
            }
            for line in await queue.waiting.keys where left[line] == nil {
                await queue.waits(inTable: line, false)
            }
            state.withLock { $0.waiting = left }
        }
    }

    private func begin() -> Bool {
        state.withLock { state in
            defer { state.isFilling = true }
            return !state.isFilling
        }
    }

    /// - Returns: how many, and whether there was room for all.
    private func fill(
        _ backlog: Outbox.Backlog, owner: Int64, dueBefore: Timestamp, end: ContinuousClock.Instant
    ) async throws -> (count: Int, isEmpty: Bool) {
        var total = 0
        while true {
            let limit = min(await queue.room(in: backlog.line), Heartbeat.batch)
            // A few at a time, as fast as they go, would cost more than they are worth: once half of what is held has
            // gone, the line asks again.
            let isEmpty = await queue.waiting[backlog.line, default: 0] == 0
            let isWorthIt = limit >= Heartbeat.batch / 2 || limit > 0 && isEmpty
            guard isWorthIt, alive == owner, .now < end, let claimable else {
                await queue.waits(inTable: backlog.line, true)
                return (total, false)
            }
            let count = try await queue.takeIn(for: owner) { [outbox] in
                try await outbox.claim(
                    backlog, owner: owner, limit: limit, createdBefore: claimable, dueBefore: dueBefore)
            }
            total += count
            if count < limit { return (total, true) }
            // What is new waits behind it, until the table is empty.
            await queue.waits(inTable: backlog.line, true)
        }
    }

    private static let batch = 1000
    /// In one pass: what became of them is written meanwhile.
    private static let expiredBatches = 5

    /// What was written a moment ago is on its way to the queue, so only older notifications are read; the doubt ends
    /// with a reading that began late enough to see all that it was about. Where connections are lost again and again that
    /// may be long in coming: until then each reading frees what is older than any commit that may still be under way.
    private func resolveDoubt(owner: Int64) async throws {
        guard let doubt = queue.board.doubt else { return }
        let isLast = ContinuousClock.now - doubt.latest > Heartbeat.recent
        let start = now()
        try await queue.resolve(
            doubt, for: owner, known: start + (.zero - Heartbeat.longestCommit), isLast: isLast
        ) { [outbox] in try await outbox.owned(by: owner, createdBefore: start + (.zero - Heartbeat.recent)) }
    }

    /// From one pass to the next: several statements that wait as long as they may.
    private static let longestPass = Duration.seconds(180)
    private static let recent = Duration.seconds(5)
    private static let recovery = Duration.seconds(60)
    /// From a notification's making to the end of its commit: it may wait for a writer as long as for PostgreSQL.
    private static let longestCommit = IntakeWriter.patience * 2

    func leave() async {
        let id = state.withLock { state in
            state.stopped = true
            return state.id
        }
        guard let id else { return }
        do { try await registry.leave(id: id) } catch {
            observe(.internalError(place: "leaving", error: String(describing: error)))
        }
    }
}
