import Civic
import Observability
import Store

/// Where the watcher finds what it looks at, and makes durable what it saw.
public protocol WatchJournal: Sendable {
    func claimWatched(
        _ medium: Medium, limit: Int, at now: Timestamp, lease: Duration
    ) async throws -> [Outbox.Watched]
    func settle(_ sightings: [Outbox.Sighting], at now: Timestamp, owner: Holder?) async throws -> [OwedNotification]
}

extension Outbox: WatchJournal {}

/// Asks App IO what became of the messages that it took: one may be rejected after it was accepted, and the citizen then
/// hears on the next medium of the chain.
///
/// - Any number of daemons watch: each takes a few messages at a time, under a lease. After a crash they are looked at
///   again when it is over; looking changes nothing on the other side.
/// - Questions come after notifications (`AppIORate.takeSpare`).
/// - Once App IO has not answered some questions one after the other, the pass ends, and what was taken is left to its
///   lease.
public actor AppIOWatcher {
    private let journal: any WatchJournal
    private let observe: @Sendable (Observation) -> Void
    private let now: @Sendable () -> Timestamp
    /// Where what is owed in the place of a failed message goes, with the daemon that holds it.
    private let owner: @Sendable () -> Holder?
    private let deliver: @Sendable ([OwedNotification]) -> Void
    private var services: AppIOServices?
    private var schedule = WatchSchedule()
    private var trouble: String?

    static let batch = 20
    /// Questions without an answer, one after the other, that end a pass.
    static let silences = 3
    /// Longer than a batch takes at a fifth of the slowest rate that can be configured, 1 call a second.
    static let lease = Duration.seconds(300)

    public init(
        journal: any WatchJournal, observe: @escaping @Sendable (Observation) -> Void,
        now: @escaping @Sendable () -> Timestamp, owner: @escaping @Sendable () -> Holder?,
        deliver: @escaping @Sendable ([OwedNotification]) -> Void
    ) {
        self.journal = journal
        self.observe = observe
        self.now = now
        self.owner = owner
        self.deliver = deliver
    }

    /// - Parameters:
    ///   - services: nil if the city has none: nothing is asked, and nothing forgotten.
    ///   - unread: the age at which it matters whether a message was read.
    public func adapt(services: AppIOServices?, unread: Duration?) {
        self.services = services
        schedule = WatchSchedule(unread: unread)
    }

    /// Looks at what is due each time it is woken, until the task is cancelled.
    public func run(wakes: AsyncStream<Void>) async {
        for await _ in wakes where !Task.isCancelled { await pass() }
    }

    /// Looks at all that is due.
    public func pass() async {
        do {
            while !Task.isCancelled, try await look() {}
            trouble = nil
        } catch {
            if Task.isCancelled { return }  // the daemon stops; what was taken is left to its lease
            // A database that is away its connections report; anything else is told once.
            let text = String(describing: error)
            if text != trouble { observe(.internalError(place: "what became of App IO's messages", error: text)) }
            trouble = text
        }
    }

    /// - Returns: whether there may be more.
    private func look() async throws -> Bool {
        guard let services else { return false }
        let batch = try await journal.claimWatched(.appIO, limit: Self.batch, at: now(), lease: Self.lease)
        var sightings: [Outbox.Sighting] = []
        var silences = 0
        var failed: [Identifier: Outbox.Watched] = [:]
        for watched in batch where silences < Self.silences && !Task.isCancelled {
            let verdict = await outcome(of: watched, from: services)
            if Task.isCancelled { break }
            if case .notNow = verdict { silences += 1 } else { silences = 0 }
            if case .failed = verdict { failed[watched.id] = watched }
            sightings.append(verdict.sighting(of: watched, schedule: schedule, now: now()))
        }
        let owner = owner()
        let owed = try await journal.settle(sightings, at: now(), owner: owner)
        tell(sightings.compactMap { sighting in failed[sighting.id].map { ($0, sighting.reason) } }, owed)
        if owner != nil, !owed.isEmpty { deliver(owed) }
        return silences < Self.silences && batch.count == Self.batch
    }

    private func outcome(of watched: Outbox.Watched, from services: AppIOServices) async -> OutcomeVerdict {
        guard case .applicable(let recipient) = AppIORecipient.of(watched.recipient), watched.isAddressable else {
            return .missing
        }
        let service = services.service(for: watched.category)
        let verdict = await services.outcome(of: watched.remoteID, for: recipient, service)
        if case .failed = verdict { services.forgetProfile(recipient, service) }
        return verdict
    }

    private func tell(_ failed: [(watched: Outbox.Watched, reason: String?)], _ owed: [OwedNotification]) {
        for (watched, reason) in failed {
            observe(
                .notificationFinished(
                    medium: .appIO, destination: "app_io", notification: watched.id, ticket: watched.code,
                    outcome: Outbox.Outcome.Status.refused.rawValue, reason: reason, attempt: watched.attempts))
        }
        for next in owed {
            observe(.notificationFallback(medium: .appIO, to: next.medium, ticket: next.code))
        }
    }
}

extension Outbox.Watched {
    /// Its id can stand in an address.
    fileprivate var isAddressable: Bool {
        !remoteID.isEmpty
            && remoteID.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
    }
}
