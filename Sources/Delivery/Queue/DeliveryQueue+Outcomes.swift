import Civic
import Observability
import Store

/// What follows from an attempt.
extension DeliveryQueue {
    /// - Parameter attempts: how many were made, the one with this verdict included.
    func apply(_ verdict: Verdict, to owed: OwedNotification, attempts: Int) {
        switch verdict {
        case .delivered(let remoteID):
            finish(owed, .delivered, attempts: attempts, reason: nil, remoteID: remoteID, isAttempt: true)
        case .givenUp(let reason): finish(owed, .refused, attempts: attempts, reason: reason, isAttempt: true)
        case .unreachable(let reason):
            finish(owed, .refused, attempts: attempts, reason: reason, fallback: owed.fallback, isAttempt: true)
        case .absent(let reason, let time):
            finish(
                owed, .refused, attempts: attempts, reason: reason, fallback: owed.fallback, isAttempt: true,
                unreachedUntil: now() + time)
        case .uncertain(let reason):
            finish(
                owed, .uncertain, attempts: attempts, reason: reason,
                fallback: policy.emailWhenUncertain ? owed.fallback : nil, isAttempt: true)
        case .tryAgain(let reason, let after, _): retry(owed, attempt: attempts, reason: reason, after: after)
        case .held(let reason, let time): keep(owed, attempts: owed.attempts, at: now() + time, reason: reason)
        case .stopped(let reason): keep(owed, attempts: owed.attempts, at: now() + Breaker.rest, reason: reason)
        }
    }

    private func retry(_ owed: OwedNotification, attempt: Int, reason: String, after: Duration?) {
        let now = now()
        var policy = policy
        // An office's system may be away for days: its time counts, not how often.
        if owed.medium == .webhook { policy.retry.attempts = .max }
        let next = policy.retry.next(
            afterAttempt: attempt, created: owed.createdAt, expires: owed.expiresAt, now: now, random: &random,
            serverAsked: after)
        switch next {
        case .retry(let at):
            observe(
                .notificationRetried(
                    medium: owed.medium, destination: destination(of: owed.line), notification: owed.id,
                    ticket: owed.code, reason: reason, attempt: attempt))
            pending.tries.append(
                Outbox.Try(id: owed.id, number: attempt, at: now, outcome: .waiting, reason: reason))
            if let end = policy.quietEnd(owed, at) {
                keep(owed, attempts: attempt, at: end, reason: "\(reason); \(DeliveryQueue.quiet)", dueSince: end)
            } else {
                keep(owed, attempts: attempt, at: at, reason: reason)
            }
        case .giveUp(let why):
            // The last chance of an App IO notification is the e-mail.
            finish(
                owed, .expired, attempts: attempt, reason: "\(why); last: \(reason)", fallback: owed.fallback,
                isAttempt: true)
        }
    }

    /// It waits until `next`: here, or in the table if that is long and its line is well filled.
    /// - Parameter dueSince: where the wait is not the other side's fault.
    func keep(
        _ owed: OwedNotification, attempts: Int, at next: Timestamp, reason: String, dueSince: Timestamp? = nil
    ) {
        let now = now()
        var outcome = Outbox.Outcome(
            id: owed.id, status: .waiting, attempts: attempts, nextAttemptAt: next, at: now, reason: reason)
        // One that is not held any more was begun under a name that may not be this daemon's now.
        outcome.owner = ledger.holds(owed.id) ? name : owed.heldBy ?? name
        defer { pending.outcomes.append(outcome) }
        // Forgotten while it was under way: it is somebody else's by now, or still in this daemon's name; given up, it would
        // be found after what is later of its ticket.
        guard ledger.holds(owed.id) else { return board.raiseDoubt(at: .now) }
        guard let held = chains.head(owed) else { return }
        if next - now > .seconds(300), line(owed.line).held > policy.lineCapacity / 2 {
            outcome.isReleased = true
            for left in chains.leave(owed) {
                left.state = .behind
                _ = ledger.drop([left.id])
                leave(left.owed)
                if left.id == owed.id { self.left.note(owed) } else { leaveToTable(left.owed) }
            }
            return
        }
        held.owed.attempts = attempts
        held.owed.nextAttemptAt = next
        if let dueSince { held.dueSince = dueSince }
        lineUp(held)
    }

    /// At the head of its chain, unless another is there by now.
    private func heading(_ owed: OwedNotification) -> Held? {
        let held = Held(owed)
        return chains.add(held) ? held : nil
    }

    func finish(
        _ owed: OwedNotification, _ status: Outbox.Outcome.Status, attempts: Int, reason: String?,
        remoteID: String? = nil, fallback: String? = nil, isAttempt: Bool = false, unreachedUntil: Timestamp? = nil
    ) {
        let now = now()
        // The other side chose it: nothing in it may keep the table from learning what else came of this.
        let remoteID = remoteID.map(PlainText.singleLine).flatMap { (1...512).contains($0.utf8.count) ? $0 : nil }
        var outcome = Outbox.Outcome(
            id: owed.id, status: status, attempts: attempts, nextAttemptAt: owed.nextAttemptAt, at: now,
            reason: reason, remoteID: remoteID)
        outcome.unreachedUntil = unreachedUntil
        // App IO asks the profile first: there "delivered" means reached. One that took another's place was tried last
        // perhaps because it lately was not.
        outcome.isReached = status == .delivered && owed.medium == .appIO && owed.insteadOf != nil
        pending.outcomes.append(outcome)
        // That of a notification delivered at its first attempt is its own row.
        if isAttempt, status != .delivered || attempts > 1 {
            pending.tries.append(Outbox.Try(id: owed.id, number: attempts, at: now, outcome: status, reason: reason))
        }
        let wasHeld = ledger.holds(owed.id)
        ledger.finish(owed.id)
        if wasHeld { leave(owed) }
        observe(
            .notificationFinished(
                medium: owed.medium, destination: destination(of: owed.line), notification: owed.id, ticket: owed.code,
                outcome: status.rawValue, reason: reason, attempt: attempts))
        var last = owed
        last.fallback = fallback
        let successor = last.succeeded(at: now)
        if let successor {
            observe(.notificationFallback(medium: owed.medium, to: successor.medium, ticket: owed.code))
            pending.followUps.append(successor)
        }
        // Those behind it wait until its outcome is on disk, and what takes its place: a crash must not leave two of one
        // chain under way.
        // One that was forgotten while it was under way heads no chain any more.
        let isSucceeded = successor.map { Chains.areOne(owed, $0) } ?? false
        let head = chains.head(owed) ?? (isSucceeded && !wasHeld ? heading(owed) : nil)
        if let head {
            head.state = .done
            if !isSucceeded { done.append(head) }
        } else {
            _ = chains.finish(owed)
        }
    }
}
