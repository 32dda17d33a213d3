import Boundaries
import Civic
import Store

/// Keeping the table and the queue's memory of one mind.
extension DeliveryQueue {
    /// What is to be written.
    struct Batch {
        var outcomes: [Outbox.Outcome] = []
        var tries: [Outbox.Try] = []
        var followUps: [OwedNotification] = []
        /// What there was no room for.
        var released: [Identifier] = []
        var open: Open {
            Open(
                givenUp: Set(released).union(outcomes.lazy.filter(\.isReleased).map(\.id)),
                waiting: Set(outcomes.lazy.filter { $0.status == .waiting && !$0.isReleased }.map(\.id)))
        }
        var isEmpty: Bool { outcomes.isEmpty && followUps.isEmpty && released.isEmpty }
    }

    /// Notifications that something is written of and that stay open.
    struct Open {
        /// Left to whoever claims them.
        var givenUp: Set<Identifier> = []
        /// To be tried again.
        var waiting: Set<Identifier> = []
        var isEmpty: Bool { givenUp.isEmpty && waiting.isEmpty }

        func contains(_ id: Identifier) -> Bool { givenUp.contains(id) || waiting.contains(id) }

        func union(_ other: Open) -> Open {
            Open(givenUp: givenUp.union(other.givenUp), waiting: waiting.union(other.waiting))
        }
    }

    /// Writes what is pending; what comes meanwhile goes with the next write.
    func record() {
        guard !recording, !pending.isEmpty else { return }
        recording = true
        var batch = pending
        pending = Batch()
        (writing, done) = (done, [])
        // A notification that was retried and is done by now has two outcomes: the last one counts.
        var seen = Set<Identifier>()
        batch.outcomes = batch.outcomes.reversed().filter { seen.insert($0.id).inserted }.reversed()
        writes = batch.open
        // What is owed instead follows its predecessor also while this daemon's beat is late: in nobody's name it would be
        // found after what is later.
        let name = name
        Task(executorPreference: loop.taskExecutor) { [batch, owner, board, outbox] in
            do {
                var owed: [OwedNotification] = []
                if !batch.outcomes.isEmpty {
                    owed = try await Boundary.outcomesSent.whenSent {
                        try await outbox.record(
                            batch.outcomes, tries: batch.tries, followUps: batch.followUps,
                            owner: name.flatMap { board.holder($0) })
                    }
                    Boundary.outcomesRecorded.pass()
                    if !owed.isEmpty { Boundary.successorOwed.pass() }
                }
                if let owner, !batch.released.isEmpty { try await outbox.release(batch.released, owner: owner) }
                await self.recorded(batch, owed, owner: name)
            } catch {
                await self.notRecorded(batch, error)
            }
        }
    }

    private func recorded(_ batch: Batch, _ followUps: [OwedNotification], owner: Int64?) {
        recording = false
        databaseAway = false
        if ledger.isRead { written = written.union(writes) }
        left.recorded(at: now())
        writes = Open()
        ledger.record(batch.outcomes.lazy.filter { $0.status != .waiting }.map(\.id), at: now())
        for held in writing { if let next = chains.finish(held.owed) { lineUp(next) } }
        if owner != nil, owner == self.owner {
            for owed in followUps { succeed(owed) }
        } else {
            // Written in a name that this queue does not bear just now: once it does again, the table must be read for them.
            if followUps.contains(where: \.isHeld) { board.raiseDoubt(at: .now) }
            followUps.forEach(follow)
        }
        record()
        pump()
    }

    private func succeed(_ owed: OwedNotification) {
        // Read from the table before it was known to be written.
        if ledger.holds(owed.id) { return follow(owed) }
        if owed.isHeld, let held = hold(owed) {
            if case .underWay = held.state { return }
            if chains.succeed(held) { lineUp(held) }
            return
        }
        // It is left to the table, and so are those behind it.
        var last = owed
        last.id = owed.insteadOf ?? owed.id
        guard let head = chains.head(last), case .done = head.state else { return }
        for left in chains.leave(last) where left.id != last.id {
            left.state = .behind
            _ = ledger.drop([left.id])
            leave(left.owed)
            leaveToTable(left.owed)
        }
    }

    /// What it takes the place of is no more.
    private func follow(_ owed: OwedNotification) {
        var last = owed
        last.id = owed.insteadOf ?? owed.id
        if let next = chains.finish(last) { lineUp(next) }
    }

    private func notRecorded(_ batch: Batch, _ error: any Error) {
        pending.outcomes = batch.outcomes + pending.outcomes
        pending.tries = batch.tries + pending.tries
        done.insert(contentsOf: writing, at: 0)
        pending.followUps = batch.followUps + pending.followUps
        pending.released = batch.released + pending.released
        writes = Open()
        if !databaseAway { observe(.internalError(place: "outbox", error: String(describing: error))) }
        databaseAway = true
        loop.after(.seconds(1)) { [weak self] in
            guard let self else { return }
            self.assumeIsolated {
                $0.recording = false
                guard $0.pending.isEmpty else { return $0.record() }
                // What it was about has been forgotten since.
                $0.databaseAway = false
                $0.pump()
            }
        }
    }
}
