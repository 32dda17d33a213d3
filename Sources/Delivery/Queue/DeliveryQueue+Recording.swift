import Civic
import Store

/// Keeping the table and the queue's memory of one mind.
extension DeliveryQueue {
    /// What is to be written.
    struct Batch {
        var outcomes: [Outbox.Outcome] = []
        var followUps: [OwedNotification] = []
        /// What there was no room for.
        var released: [Identifier] = []
        var isEmpty: Bool { outcomes.isEmpty && followUps.isEmpty && released.isEmpty }
    }

    /// Writes what is pending; what comes meanwhile goes with the next write.
    func record() {
        guard !recording, !pending.isEmpty else { return }
        recording = true
        var batch = pending
        pending = Batch()
        // A notification that was retried and is done by now has two outcomes: the last one counts.
        var seen = Set<Identifier>()
        batch.outcomes = batch.outcomes.reversed().filter { seen.insert($0.id).inserted }.reversed()
        Task { [batch, owner] in
            do {
                if !batch.outcomes.isEmpty {
                    try await outbox.record(batch.outcomes, followUps: batch.followUps, owner: owner)
                }
                if let owner, !batch.released.isEmpty { try await outbox.release(batch.released, owner: owner) }
                self.recorded(batch, owner: owner)
            } catch {
                self.notRecorded(batch, error)
            }
        }
    }

    private func recorded(_ batch: Batch, owner: Int64?) {
        recording = false
        databaseAway = false
        ledger.record(batch.outcomes.lazy.filter { $0.status != .waiting }.map(\.id))
        // Written under another owner they are for somebody else, or come with the reconciler.
        if owner != nil, owner == self.owner {
            for owed in batch.followUps where ledger.take(owed.id) { add(owed) }
        }
        record()
        pump()
    }

    private func notRecorded(_ batch: Batch, _ error: any Error) {
        pending.outcomes = batch.outcomes + pending.outcomes
        pending.followUps = batch.followUps + pending.followUps
        pending.released = batch.released + pending.released
        if !databaseAway { observe(.internalError(place: "outbox", error: String(describing: error))) }
        databaseAway = true
        loop.after(.seconds(1)) { [weak self] in
            guard let self else { return }
            self.assumeIsolated {
                $0.recording = false
                $0.record()
            }
        }
    }

    /// Forgets what an operator has changed in the table, so that it is taken in anew as it stands there.
    /// - Returns: those that are not held any more; the others are under way.
    public func recall(_ ids: [Identifier]) -> [Identifier] {
        let dropped = ledger.drop(ids)
        let gone = Set(dropped)
        for medium in destinations.keys { destinations[medium]?.remove(gone) }
        return dropped
    }
}
