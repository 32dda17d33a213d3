import Boundaries
import Civic
import Store
import Synchronization

/// Which attempt begins when.
extension DeliveryQueue {
    func pump() {
        for line in lines.values { pump(line) }
    }

    func pump(_ line: Line) {
        guard !draining, !databaseAway else { return }
        let now = now()
        // Not never: the most urgent come first, and an outage of everything else would look the same.
        let deference = pressure.deference
        let wasHeld = line.breaker.hold(at: now) != nil
        while let (held, isProbe) = line.next(at: now, deference: deference) {
            begin(held, isProbe: isProbe, in: line)
        }
        if wasHeld, case .closed = line.breaker.state {
            observe(.destinationResumed(destination: destination(of: line.name)))
        }
        if line.looksForExpired(at: now) { expireHeld(of: line, at: now) }
        if let next = line.wake(after: now, deference: deference) { wake(at: next) }
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

    private func begin(_ held: Held, isProbe: Bool, in line: Line) {
        var owed = held.owed
        owed.heldBy = owner
        let begun = now()
        guard owed.expiresAt > begun else {
            line.withdraw(isProbe: isProbe)
            expire(owed)
            return record()
        }
        guard let carrier = carriers[owed.medium] else {
            line.withdraw(isProbe: isProbe)
            finish(
                owed, .refused, attempts: owed.attempts, reason: "\(owed.medium.rawValue) is not configured",
                fallback: owed.fallback)
            return record()
        }
        if let end = policy.quietEnd(owed, begun) {
            line.withdraw(isProbe: isProbe)
            keep(owed, attempts: owed.attempts, at: end, reason: DeliveryQueue.quiet, dueSince: end)
            return record()
        }
        line.begin(at: begun)
        ledger.begin(owed.id)
        let (marks, now, owner) = (marks, now, owner)
        let isGone = Flag()
        Task(executorPreference: loop.taskExecutor) { [owed] in
            Boundary.deliveryBegun.pass()
            let verdict = await carrier.attempt(owed) {
                var sending = Outbox.Outcome(
                    id: owed.id, status: .sending, attempts: owed.attempts + 1, nextAttemptAt: owed.nextAttemptAt,
                    at: now())
                sending.owner = owner
                do { try await marks.write(sending) } catch let error as SendingMarks.Gone {
                    isGone.raise()
                    throw error
                }
                Boundary.deliveryMarked.pass()
            }
            Boundary.deliveryAttempted.pass()
            if isGone.isRaised { return await self.abandoned(owed, isProbe: isProbe) }
            await self.attempted(owed, verdict, isProbe: isProbe, begun: begun)
        }
    }

    static let quiet = "quiet hours"

    /// Another daemon has it: what comes of the attempt is nothing to record, and those behind it are not held up. Or this
    /// one has it by now, under another name: then it begins anew.
    private func abandoned(_ owed: OwedNotification, isProbe: Bool) {
        let line = line(owed.line)
        line.withdraw(isProbe: isProbe)
        ledger.attempted(owed.id)
        if ledger.holds(owed.id), owed.heldBy != owner, let head = chains.head(owed) {
            lineUp(head)
        } else if ledger.holds(owed.id) {
            _ = ledger.drop([owed.id])
            leave(owed)
            if let next = chains.finish(owed) { lineUp(next) }
        }
        pump(line)
    }

    private func attempted(_ owed: OwedNotification, _ verdict: Verdict, isProbe: Bool, begun: Timestamp) {
        let line = line(owed.line)
        let now = now()
        if case .held = verdict {
            line.withdraw(isProbe: isProbe)
            ledger.attempted(owed.id)
            apply(verdict, to: owed, attempts: owed.attempts)
            record()
            return pump(line)
        }
        let change = line.finished(
            verdict.finding, delivered: verdict.isDelivered, isProbe: isProbe, begunAt: begun, at: now, random: &random)
        ledger.attempted(owed.id)
        apply(verdict, to: owed, attempts: owed.attempts + 1)
        switch change {
        case .none: break
        case .held(let time, let reason):
            observe(
                .destinationPaused(
                    destination: destination(of: line.name), reason: reason,
                    seconds: Int(time.inSeconds.rounded(.up))))
        case .recovered: observe(.destinationResumed(destination: destination(of: line.name)))
        }
        record()
        pump(line)
    }

    /// While nothing goes, time passes all the same.
    private func expireHeld(of line: Line, at now: Timestamp) {
        let over = chains.all.filter { held in
            guard case .inLine = held.state else { return false }
            return held.owed.expiresAt <= now && held.owed.line == line.name
        }
        for held in over { expire(held.owed) }
        if !over.isEmpty { record() }
    }

    func expire(_ owed: OwedNotification) {
        finish(owed, .expired, attempts: owed.attempts, reason: owed.expiryReason, fallback: owed.fallback)
    }
}

extension Verdict {
    var isDelivered: Bool { if case .delivered = self { true } else { false } }

    /// What it says of the other side as a whole.
    var finding: Breaker.Finding {
        switch self {
        case .delivered, .unreachable, .absent, .givenUp, .held: .works
        // The answer never came: it costs whoever waits their notification.
        case .uncertain(let reason): .fails(reason: reason, after: nil)
        case .tryAgain(let reason, let after, let pause):
            pause ? .fails(reason: reason, after: after) : .failed(reason: reason)
        case .stopped(let reason): .stopped(reason: reason)
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isRaised: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}
