import Boundaries
import Civic
import EventLoop
import Observability
import Store

/// The outbox at work: holds the notifications owed in memory, attempts them through their carriers, and records what
/// became of each.
///
/// - A notification is attempted until it is delivered, refused for good, or its time is over (`RetryPolicy`).
/// - Each line, which is another side that they wait for, has its own limit of attempts under way, its own pace, and a
///   circuit breaker (`Breaker`): one that is down holds up no other.
/// - What is told about one ticket to one reader goes in order (`Chains`).
/// - Outcomes are recorded in batches: those that come in while one batch is being written go with the next. While
///   PostgreSQL is away they are kept and no new attempt begins, so that a crash then repeats as little as can be.
/// - While intake is at its limit, each line gets one every ten milliseconds, and a few at a time once that has lasted for half
///   a minute, or is just over: what a sender waits for goes first.
/// - When a medium does not reach the citizen, the notification that takes its place is owed in the same transaction.
///
/// Limits: `capacity` notifications in memory, `lineCapacity` of one line; what is owed beyond that waits in the table.
public actor DeliveryQueue {
    public struct Policy: Sendable {
        public var retry: RetryPolicy
        /// What follows an App IO request whose answer was lost: an e-mail where there is an address, or nothing.
        public var emailWhenUncertain: Bool
        public var capacity: Int
        public var lineCapacity: Int
        /// When the quiet is over in which a notification would go at a moment; nil: it may go.
        public var quietEnd: @Sendable (OwedNotification, Timestamp) -> Timestamp?

        public init(
            retry: RetryPolicy, emailWhenUncertain: Bool, capacity: Int = 50_000, lineCapacity: Int = 10_000,
            quietEnd: @escaping @Sendable (OwedNotification, Timestamp) -> Timestamp? = { _, _ in nil }
        ) {
            self.retry = retry
            self.emailWhenUncertain = emailWhenUncertain
            self.capacity = capacity
            self.lineCapacity = min(lineCapacity, capacity)
            self.quietEnd = quietEnd
        }
    }

    let loop: EventLoop
    let outbox: any DeliveryJournal
    let marks: SendingMarks
    let observe: Observer
    let now: @Sendable () -> Timestamp
    let pressure: IntakePressure
    /// For which lines there is room; read from outside.
    public nonisolated let board = LineRoom()
    /// Called when a line could take more from the table.
    let refill: @Sendable () -> Void
    var policy: Policy
    var carriers: [Medium: any Carrier]
    var lines: [String: Line] = [:]
    var chains = Chains()
    var ledger = Ledger()
    /// What was handed over in doubt, and has not been read from the table since.
    var aside: [Identifier: OwedNotification] = [:]
    var pending = Batch()
    var left = LeftBehind()
    /// Of the outcomes that are pending, and of those that are being written, those with nothing in their place: others
    /// may wait behind them.
    var done: [Held] = []
    var writing: [Held] = []
    var recording = false
    /// Of what is being written, and of what was while somebody read, those that stay open.
    var writes = Open()
    var written = Open()
    /// How often everything was forgotten.
    private var forgotten = 0
    var databaseAway = false
    var owner: Int64?
    /// The last one.
    private var formerOwner: Int64?
    /// In which it writes: also while it holds nothing any more, for then it may get its name back.
    var name: Int64? { owner ?? formerOwner }
    var draining = false
    var timer: (pending: LoopTimer, at: Timestamp)?
    var isFull = false
    var random = SystemRandomNumberGenerator()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    public init(
        loop: EventLoop, outbox: any DeliveryJournal, carriers: [Medium: any Carrier], policy: Policy,
        observe: Observer, now: @escaping @Sendable () -> Timestamp, pressure: IntakePressure? = nil,
        refill: @escaping @Sendable () -> Void = {}
    ) {
        self.pressure = pressure ?? IntakePressure(now: now)
        self.loop = loop
        self.outbox = outbox
        marks = SendingMarks(journal: outbox, executor: loop.taskExecutor)
        self.carriers = carriers
        self.policy = policy
        self.observe = observe
        self.now = now
        self.refill = refill
    }

    /// Takes effect with the next attempt; nothing that waits is lost.
    public func reconfigure(carriers: [Medium: any Carrier], policy: Policy) {
        self.carriers = carriers
        self.policy = policy
        for line in lines.values { line.reconfigure(concurrency: concurrency(of: line.name)) }
        pump()
    }

    /// The id under which this daemon holds notifications. Changing it forgets everything held: others have it now.
    public func adopt(owner: Int64?) {
        guard owner != self.owner else { return }
        if let old = self.owner {
            forget()
            formerOwner = old
        }
        self.owner = owner
        pump()
    }

    /// Forgets everything held, unless `isAlive`: others may have it now. Whether they do is not known, so the table must be
    /// read again.
    ///
    /// The question is put here, where no `adopt` can come between it and its answer: who finds the beat in time and then
    /// adopts is not forgotten afterwards.
    /// - Returns: whether it was forgotten.
    public func forsake(unless isAlive: @Sendable () -> Bool) -> Bool {
        guard !isAlive() else { return false }
        adopt(owner: nil)
        board.learn(nil)
        board.raiseDoubt(at: .now)
        return true
    }

    private func forget() {
        forgotten += 1
        for line in lines.values { line.removeAll() }
        chains.forget()
        ledger.forget()
        aside.removeAll()
        pending.released.removeAll()
        left.forget()
        showRoom()
    }

    /// Hands over what was just written, in the order in which it was; returns at once.
    public nonisolated func hand(_ owed: [OwedNotification]) {
        loop.executor.queue.async {
            self.assumeIsolated {
                $0.takeOver(owed)
                Boundary.outboxHandedOver.pass()
            }
        }
    }

    private func takeOver(_ owed: [OwedNotification]) {
        let held = owed.filter(\.isHeld)
        let own = held.filter { $0.heldBy == owner }
        // Written in a name that this queue does not bear just now: once it does again, the table must be read for it.
        if own.count < held.count { board.raiseDoubt(at: .now) }
        // Whoever read the table in between may have told it already.
        let new = own.filter { ledger.isNew($0.id) && !ledger.wasFinished($0.id) }
        guard board.doubt != nil else { return enqueue(new) }
        for notification in new {
            guard aside.count < policy.capacity else {
                leaveToTable(notification)
                continue
            }
            aside[notification.id] = notification
        }
        record()
    }

    /// Takes in what the table says this daemon owns. Without an owner nothing is taken in: it is for whoever comes to
    /// own it.
    public func enqueue(_ owed: [OwedNotification]) {
        guard owner != nil else { return }
        // By age: one that finds no room keeps those that are later of its ticket out, too.
        for owed in owed.sorted(by: { $0.id < $1.id }) { take(owed) }
        record()
        pump()
    }

    /// Takes over what a dead daemon had under way: its outcome is unknown.
    public func settle(interrupted: [OwedNotification]) {
        guard owner != nil, !interrupted.isEmpty else { return }
        for owed in interrupted {
            // One that is still under way here has its outcome to come.
            guard let held = hold(owed) else { continue }
            if case .underWay = held.state { continue }
            lead(held)
            apply(
                .uncertain(reason: "the daemon stopped while the request was under way"), to: owed,
                attempts: owed.attempts)
        }
        Boundary.outboxSettled.pass()
        record()
        pump()
    }

    /// Takes over what waited in the table until its time was over.
    public func expire(_ owed: [OwedNotification]) {
        guard owner != nil else { return }
        for owed in owed {
            guard let held = hold(owed) else { continue }
            if case .underWay = held.state { continue }
            lead(held)
            expire(owed)
        }
        record()
        pump()
    }

    /// Takes in what `claim` took for `owner` in the table. If everything was forgotten meanwhile it is left: whoever comes
    /// to own it reads it again.
    /// - Returns: how many it found; 0 if they were left.
    public func takeIn(
        for owner: Int64, _ claim: @Sendable () async throws -> Outbox.Claimed
    ) async throws -> Int {
        try await read(for: owner, claim) { found in
            if !found.waiting.isEmpty || !found.interrupted.isEmpty { Boundary.outboxClaimed.pass() }
            accept(found)
            return found.waiting.count + found.interrupted.count
        } ?? 0
    }

    /// The same for those whose time is over.
    public func takeInExpired(
        for owner: Int64, _ claim: @Sendable () async throws -> Outbox.Claimed
    ) async throws -> Int {
        try await read(for: owner, claim) { found in
            settle(interrupted: found.interrupted)
            expire(found.waiting)
            return found.waiting.count + found.interrupted.count
        } ?? 0
    }

    /// Takes in what the table says is in `owner`'s name, where that is in doubt, and frees what waited for it.
    /// - Parameters:
    ///   - known: all that was made before this, and is in that name, is found.
    ///   - isLast: the table can know of nothing that came about before this doubt and is not found.
    public func resolve(
        _ doubt: LineRoom.Doubt, for owner: Int64, known: Timestamp, isLast: Bool,
        _ read: @Sendable () async throws -> Outbox.Claimed
    ) async throws {
        try await self.read(for: owner, read) { found in
            let (kept, isWhole) = kept(found)
            accept(kept)
            if isLast, isWhole, board.end(doubt) { return enqueueAside { _ in true } }
            board.learn(known)
            enqueueAside { $0.createdAt < known }
        }
    }

    /// Takes in those that `read` finds in the table for `owner` and that are not held: there should be none.
    /// - Returns: how many; nil if it must be asked again.
    public func recover(
        for owner: Int64, _ read: @Sendable () async throws -> Outbox.Claimed
    ) async throws -> Int? {
        try await self.read(for: owner, read) { found in
            guard board.doubt == nil else { return nil }
            let missing = kept(found).kept.waiting.filter { ledger.isNew($0.id) && !ledger.wasFinished($0.id) }
            enqueue(missing)
            return missing.count
        } ?? nil
    }

    /// Remembers what is finished while `read` reads, and until it is taken in.
    /// - Returns: nil if what was found is not this queue's any more.
    @discardableResult
    private func read<Value>(
        for owner: Int64, _ read: @Sendable () async throws -> Outbox.Claimed,
        takeIn: (Outbox.Claimed) -> Value
    ) async throws -> Value? {
        let before = forgotten
        ledger.beginReading()
        defer {
            ledger.endReading()
            if !ledger.isRead { written = Open() }
        }
        let found = try await read()
        guard self.owner == owner else { return nil }
        guard forgotten == before else {
            // What was claimed for this name meanwhile is in the table, and nobody knows of it.
            board.raiseDoubt(at: .now)
            return nil
        }
        return takeIn(found)
    }

    /// Without those of which something is being written, for they may have been read as they were before, and without those
    /// behind them.
    /// - Returns: those, and whether none is left that is still in this queue's name.
    private func kept(_ found: Outbox.Claimed) -> (kept: Outbox.Claimed, isWhole: Bool) {
        let open = written.union(writes).union(pending.open)
        guard !open.isEmpty else { return (found, true) }
        let all = found.waiting + found.interrupted
        let first = Dictionary(all.lazy.filter { open.contains($0.id) }.map { (Chains.Key($0), $0.id) }) { min($0, $1) }
        func isKept(_ owed: OwedNotification) -> Bool { first[Chains.Key(owed)].map { owed.id < $0 } ?? true }
        let isWhole = all.allSatisfy { isKept($0) || open.givenUp.contains($0.id) || !ledger.isNew($0.id) }
        return ((found.waiting.filter(isKept), found.interrupted.filter(isKept)), isWhole)
    }

    private func accept(_ found: Outbox.Claimed) {
        if !aside.isEmpty { for owed in found.waiting + found.interrupted { aside[owed.id] = nil } }
        // Those under way come first in their chains.
        settle(interrupted: found.interrupted)
        enqueue(found.waiting)
    }

    private func enqueueAside(where isTrusted: (OwedNotification) -> Bool) {
        let owed = aside.values.filter(isTrusted).sorted { $0.id < $1.id }
        for one in owed { aside[one.id] = nil }
        enqueue(owed)
    }

    /// Begins nothing new, and returns once what is under way is done and recorded, or `deadline` has passed.
    /// - Returns: how many attempts were still under way.
    public func drain(within deadline: Duration) async -> Int {
        draining = true
        let end = ContinuousClock.now + deadline
        while ContinuousClock.now < end, !isQuiet {
            await pause(.milliseconds(20))
        }
        return underWay
    }

    /// Nothing is under way, and all outcomes are recorded.
    var isQuiet: Bool { underWay == 0 && !recording && pending.isEmpty }

    private var underWay: Int { lines.values.reduce(0) { $0 + $1.inFlight } }

    private func pause(_ time: Duration) async {
        await withCheckedContinuation { continuation in loop.after(time) { continuation.resume() } }
    }
}
