import Civic
import EventLoop
import Observability
import Store

/// The outbox at work: holds the notifications owed in memory, attempts them through their carriers, and records what
/// became of each.
///
/// - A notification is attempted until it is delivered, refused for good, or its time is over (`RetryPolicy`).
/// - Each destination has its own line, its own limit of attempts under way and its own pauses: one that is down holds
///   up no other.
/// - Outcomes are recorded in batches: those that come in while one batch is being written go with the next. While
///   PostgreSQL is away they are kept and no new attempt begins, so that a crash then repeats as little as can be.
/// - While intake is at its limit, each destination gets one every `slowPace`: what a sender waits for goes first.
/// - When App IO does not reach the citizen, the e-mail that takes its place is owed in the same transaction.
///
/// Limits: `capacity` notifications in memory; what is owed beyond that is released in the table until there is room.
public actor DeliveryQueue {
    public struct Policy: Sendable {
        public var retry: RetryPolicy
        /// What follows an App IO request whose answer was lost: an e-mail where there is an address, or nothing.
        public var emailWhenUncertain: Bool
        public var capacity: Int
        public init(retry: RetryPolicy, emailWhenUncertain: Bool, capacity: Int = 50_000) {
            self.retry = retry
            self.emailWhenUncertain = emailWhenUncertain
            self.capacity = capacity
        }
    }

    let loop: EventLoop
    let outbox: any DeliveryJournal
    private let marks: SendingMarks
    /// Where attempts go on when an answer has come.
    private let runner: QueueTaskExecutor
    let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let pressure: IntakePressure
    private var policy: Policy
    private var carriers: [Medium: any Carrier]
    var destinations: [Medium: Destination] = [:]
    var ledger = Ledger()
    var pending = Batch()
    var recording = false
    var databaseAway = false
    var owner: Int64?
    private var draining = false
    private var timer: (pending: LoopTimer, at: Timestamp)?
    private var slowUntil = Timestamp(microseconds: 0)
    private var random = SystemRandomNumberGenerator()

    /// One notification for each destination in this time while intake is at its limit.
    private static let slowPace = Duration.milliseconds(10)

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    public init(
        loop: EventLoop, outbox: any DeliveryJournal, carriers: [Medium: any Carrier], policy: Policy,
        observe: Observer, now: @escaping @Sendable () -> Timestamp, pressure: IntakePressure = IntakePressure()
    ) {
        self.pressure = pressure
        self.loop = loop
        self.outbox = outbox
        marks = SendingMarks(journal: outbox)
        runner = QueueTaskExecutor(loop.executor)
        self.carriers = carriers
        self.policy = policy
        self.observe = observe
        self.now = now
    }

    /// Takes effect with the next attempt; nothing that waits is lost.
    public func reconfigure(carriers: [Medium: any Carrier], policy: Policy) {
        self.carriers = carriers
        self.policy = policy
        // A new key or password may be just what a stopped destination waited for.
        for medium in destinations.keys {
            guard var old = destinations[medium] else { continue }
            var fresh = Destination(concurrency: carriers[medium]?.concurrency ?? 1)
            for owed in old.removeAll() { fresh.add(owed) }
            fresh.adopt(inFlight: old.inFlight)
            destinations[medium] = fresh
        }
        pump()
    }

    /// The id under which this daemon holds notifications. Changing it forgets everything held: others have it now.
    public func adopt(owner: Int64?) {
        guard owner != self.owner else { return }
        if self.owner != nil {
            for medium in destinations.keys { _ = destinations[medium]?.removeAll() }
            ledger.forget()
            pending.released.removeAll()
        }
        self.owner = owner
        pump()
    }

    public var room: Int { max(0, policy.capacity - ledger.count) }
    public var waiting: [Medium: Int] { destinations.mapValues { $0.waiting + $0.inFlight } }

    /// Since when the one that waits longest has waited.
    public var oldest: Timestamp? { destinations.values.compactMap(\.oldest).min() }

    /// What stands in the way of each destination, for the operator.
    public var gates: [(destination: String, reason: String?)] {
        carriers.sorted { $0.key.rawValue < $1.key.rawValue }.map { medium, carrier in
            switch destinations[medium]?.gate {
            case .paused(_, let reason), .stopped(_, let reason): (carrier.destination, reason)
            case .open, nil: (carrier.destination, nil)
            }
        }
    }

    /// Takes in what the table says this daemon owns. Without an owner nothing is taken in: it is for whoever comes to
    /// own it.
    public func enqueue(_ owed: [OwedNotification]) {
        guard owner != nil else { return }
        for notification in owed {
            if ledger.count >= policy.capacity, ledger.isNew(notification.id) {
                pending.released.append(notification.id)
            } else if ledger.take(notification.id) {
                add(notification)
            }
        }
        record()
        pump()
    }

    /// Takes over what a dead daemon had under way: its outcome is unknown.
    public func settle(interrupted: [OwedNotification]) {
        guard owner != nil else { return }
        for owed in interrupted where ledger.take(owed.id) {
            apply(
                .uncertain(reason: "the daemon stopped while the request was under way"), to: owed,
                attempts: owed.attempts)
        }
        record()
    }

    /// Takes in what `read` finds in the table, but for what is finished while it reads.
    /// - Returns: how many it found.
    public func takeIn(
        _ read: @Sendable () async throws -> (waiting: [OwedNotification], interrupted: [OwedNotification])
    ) async throws -> Int {
        ledger.beginReading()
        defer { ledger.endReading() }
        let found = try await read()
        enqueue(found.waiting)
        settle(interrupted: found.interrupted)
        return found.waiting.count + found.interrupted.count
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

    private var underWay: Int { destinations.values.reduce(0) { $0 + $1.inFlight } }

    private func pause(_ time: Duration) async {
        await withCheckedContinuation { continuation in loop.after(time) { continuation.resume() } }
    }

    func add(_ owed: OwedNotification) {
        let concurrency = carriers[owed.medium]?.concurrency ?? 1
        destinations[owed.medium, default: Destination(concurrency: concurrency)].add(owed)
    }

    func pump() {
        guard !draining, !databaseAway else { return }
        let now = now()
        // Slowly, not never: the most urgent come first, and an outage of everything else would look the same.
        let isSlow = pressure.isHigh
        if isSlow, now < slowUntil { return wake(at: slowUntil) }
        if isSlow { slowUntil = now + Self.slowPace }
        let most = isSlow ? 1 : Int.max
        var wake: Timestamp?
        for medium in Medium.allCases where destinations[medium] != nil {
            let held = destinations[medium]?.isHeld == true
            while let owed = destinations[medium]?.next(at: now, most: most) { begin(owed) }
            if held, destinations[medium]?.isHeld == false {
                observe(.destinationResumed(destination: name(of: medium)))
            }
            if let next = destinations[medium]?.wake(after: now) { wake = min(wake ?? next, next) }
        }
        if let next = wake { self.wake(at: isSlow ? max(next, slowUntil) : next) }
    }

    /// Looks again at `moment`, or before if something else asks for it.
    private func wake(at moment: Timestamp) {
        if let timer {
            if timer.at <= moment { return }
            timer.pending.cancel()
        }
        let pending = loop.after(max(moment - now(), .milliseconds(1))) { [weak self] in
            guard let self else { return }
            self.assumeIsolated {
                $0.timer = nil
                $0.pump()
            }
        }
        timer = (pending, moment)
    }

    private func begin(_ owed: OwedNotification) {
        guard owed.expiresAt > now() else {
            destinations[owed.medium]?.finished()
            finish(
                owed, .expired, attempts: owed.attempts, reason: "its time was over", fallback: owed.fallback)
            record()
            return
        }
        guard let carrier = carriers[owed.medium] else {
            destinations[owed.medium]?.finished()
            apply(
                .unreachable(reason: "\(owed.medium.rawValue) is not configured"), to: owed, attempts: owed.attempts)
            record()
            return
        }
        ledger.begin(owed.id)
        let marks = marks
        let now = now
        Task(executorPreference: runner) {
            let verdict = await carrier.attempt(owed) {
                let sending = Outbox.Outcome(
                    id: owed.id, status: .sending, attempts: owed.attempts + 1, nextAttemptAt: owed.nextAttemptAt,
                    at: now())
                try await marks.write(sending)
            }
            await self.attempted(owed, verdict)
        }
    }

    private func attempted(_ owed: OwedNotification, _ verdict: Verdict) {
        destinations[owed.medium]?.finished()
        ledger.attempted(owed.id)
        apply(verdict, to: owed, attempts: owed.attempts + 1)
        record()
        pump()
    }

    /// - Parameter attempts: how many were made, the one with this verdict included.
    private func apply(_ verdict: Verdict, to owed: OwedNotification, attempts: Int) {
        switch verdict {
        case .delivered(let remoteID):
            finish(owed, .delivered, attempts: attempts, reason: nil, remoteID: remoteID)
        case .givenUp(let reason): finish(owed, .refused, attempts: attempts, reason: reason)
        case .unreachable(let reason):
            finish(owed, .refused, attempts: attempts, reason: reason, fallback: owed.fallback)
        case .uncertain(let reason):
            finish(
                owed, .uncertain, attempts: attempts, reason: reason,
                fallback: policy.emailWhenUncertain ? owed.fallback : nil)
        case .tryAgain(let reason, let after, let pause):
            retry(owed, attempt: attempts, reason: reason, after: after, pause: pause)
        case .stopped(let reason):
            let until = now() + .seconds(60)
            if destinations[owed.medium]?.stop(until: until, reason: reason) == true {
                observe(.destinationPaused(destination: name(of: owed.medium), reason: reason, seconds: 60))
            }
            keep(owed, attempts: owed.attempts, at: until, reason: reason)
        }
    }

    private func retry(_ owed: OwedNotification, attempt: Int, reason: String, after: Duration?, pause: Bool) {
        let now = now()
        let next = policy.retry.next(
            afterAttempt: attempt, created: owed.createdAt, now: now, random: &random, serverAsked: after)
        if pause {
            let until = now + (after ?? .seconds(5))
            if destinations[owed.medium]?.pause(until: until, reason: reason) == true {
                observe(
                    .destinationPaused(
                        destination: name(of: owed.medium), reason: reason, seconds: Int((until - now).inSeconds)))
            }
        }
        switch next {
        case .retry(let at):
            observe(
                .notificationRetried(
                    medium: owed.medium, destination: name(of: owed.medium), notification: owed.id, ticket: owed.code,
                    reason: reason, attempt: attempt))
            keep(owed, attempts: attempt, at: at, reason: reason)
        case .giveUp(let why):
            // The last chance of an App IO notification is the e-mail.
            finish(
                owed, .expired, attempts: attempt, reason: "\(why); last: \(reason)", fallback: owed.fallback)
        }
    }

    private func keep(_ owed: OwedNotification, attempts: Int, at next: Timestamp, reason: String) {
        pending.outcomes.append(
            Outbox.Outcome(
                id: owed.id, status: .waiting, attempts: attempts, nextAttemptAt: next, at: now(), reason: reason))
        guard ledger.holds(owed.id) else { return }  // somebody else's by now
        var again = owed
        again.attempts = attempts
        again.nextAttemptAt = next
        add(again)
    }

    private func finish(
        _ owed: OwedNotification, _ status: Outbox.Outcome.Status, attempts: Int, reason: String?,
        remoteID: String? = nil,
        fallback: String? = nil
    ) {
        let now = now()
        pending.outcomes.append(
            Outbox.Outcome(
                id: owed.id, status: status, attempts: attempts, nextAttemptAt: owed.nextAttemptAt, at: now,
                reason: reason, remoteID: remoteID))
        ledger.finish(owed.id)
        observe(
            .notificationFinished(
                medium: owed.medium, destination: name(of: owed.medium), notification: owed.id, ticket: owed.code,
                outcome: status.rawValue, reason: reason, attempt: attempts))
        var owed = owed
        owed.fallback = fallback
        guard let email = owed.byEmail(at: now) else { return }
        observe(.notificationFallback(medium: owed.medium, to: .email, ticket: owed.code))
        pending.followUps.append(email)
    }

    private func name(of medium: Medium) -> String { carriers[medium]?.destination ?? medium.rawValue }
}
