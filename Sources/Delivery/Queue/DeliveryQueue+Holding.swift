import Civic
import Store

/// What is held in memory, line by line, and for what there is room.
extension DeliveryQueue {
    /// Of one line, if it were the only one; less if the others have taken up the whole.
    public func room(in line: String) -> Int {
        max(0, min(policy.lineCapacity - (lines[line]?.held ?? 0), room))
    }

    public var room: Int { max(0, policy.capacity - ledger.count) }

    /// By line: waiting in memory, or under way.
    public var waiting: [String: Int] { lines.mapValues(\.held) }

    /// What the table is known to hold of a line that is due. While there is some, what is new waits behind it there.
    public func waits(inTable line: String, _ waits: Bool) {
        let line = self.line(line)
        let isFull = waits || line.held >= policy.lineCapacity
        guard isFull != line.isFull else { return }
        line.isFull = isFull
        showRoom()
    }

    /// Forgets what an operator has changed in the table, so that it is taken in anew as it stands there.
    /// - Returns: those that are not held any more; the others are under way.
    public func recall(_ ids: [Identifier]) -> [Identifier] {
        let dropped = ledger.drop(ids)
        for id in ids { aside[id] = nil }
        let (removed, next) = chains.remove(Set(dropped))
        for held in removed { line(held.owed.line).held -= 1 }
        for held in next { lineUp(held) }
        pump()
        return dropped
    }

    /// Takes it in, or leaves it in the table if there is no room. An urgent one may go a little beyond what a line may
    /// hold.
    func take(_ owed: OwedNotification) {
        let line = line(owed.line)
        guard ledger.isNew(owed.id) else { return }
        let most = policy.lineCapacity + (owed.priority == .urgent ? policy.lineCapacity / 10 : 0)
        if left.isBefore(owed) { return leaveToTable(owed) }
        guard ledger.count < policy.capacity, line.held < most else {
            leaveToTable(owed)
            line.isFull = true
            return showRoom()
        }
        guard let held = hold(owed) else { return }
        if !line.isFull, line.held >= policy.lineCapacity {
            line.isFull = true
            showRoom()
        }
        if case .underWay = held.state { return }
        if chains.add(held) { lineUp(held) }
    }

    /// Whoever has room claims it.
    func leaveToTable(_ owed: OwedNotification) {
        pending.released.append(owed.id)
        left.note(owed)
    }

    /// Answers for it from now on. One that is under way from before is first in its chain, and its outcome counts.
    /// - Returns: nil if it was held already, or is finished.
    func hold(_ owed: OwedNotification) -> Held? {
        guard ledger.isNew(owed.id) else { return nil }
        left.isBack(owed)
        let waits = ledger.take(owed.id)
        line(owed.line).held += 1
        let held = Held(owed)
        if !waits {
            held.state = .underWay
            _ = chains.add(held)
        }
        if ledger.count >= policy.capacity, !isFull { showRoom() }
        return held
    }

    /// It is about to be finished without an attempt: those behind it wait for what takes its place, as they do after one.
    func lead(_ held: Held) {
        // Behind another it leaves nothing behind that could be begun.
        if !chains.add(held) { _ = chains.finish(held.owed) }
    }

    /// It is its turn.
    func lineUp(_ held: Held) { line(held.owed.line).add(held) }

    /// It is held no more.
    func leave(_ owed: OwedNotification) {
        let line = line(owed.line)
        line.held -= 1
        if isFull, ledger.count < policy.capacity * 9 / 10 { showRoom() }
        if line.isFull, line.held <= policy.lineCapacity / 2 { refill() }
    }

    func showRoom() {
        isFull = ledger.count >= policy.capacity
        board.set(isFull: isFull, full: Set(lines.values.lazy.filter(\.isFull).map(\.name)))
    }

    func line(_ name: String) -> Line {
        if let line = lines[name] { return line }
        let line = Line(name: name, concurrency: concurrency(of: name))
        lines[name] = line
        return line
    }

    func concurrency(of line: String) -> Int { carrier(of: line)?.concurrency ?? 1 }

    /// The name under which it is counted and shown.
    func destination(of line: String) -> String {
        guard let carrier = carrier(of: line) else { return line }
        return Medium(rawValue: line) == nil ? line : carrier.destination
    }

    private func carrier(of line: String) -> (any Carrier)? {
        Medium(rawValue: String(line.prefix { $0 != ":" })).flatMap { carriers[$0] }
    }

    /// All lines, and the carriers that have had nothing to do yet.
    public var reports: [LineReport] {
        let now = now()
        var due: [String: Timestamp] = [:]
        for held in chains.all where held.dueSince <= now {
            // Those behind another wait for that one, which may wait for the end of the quiet.
            switch held.state {
            case .behind, .done: continue
            case .inLine, .underWay: break
            }
            let line = held.owed.line
            due[line] = min(due[line] ?? held.dueSince, held.dueSince)
        }
        let reports = lines.values.map { line in
            let (gate, reason, until) = line.breaker.gate(at: now)
            return LineReport(
                line: line.name, destination: destination(of: line.name), gate: gate, reason: reason, until: until,
                held: line.held, concurrency: line.pace.concurrency, perSecond: line.pace.rate, due: due[line.name])
        }
        let idle = carriers.filter { medium, _ in
            lines[medium.rawValue] == nil && ![.webhook, .open311].contains(medium)
        }
        return
            (reports
            + idle.map { medium, carrier in
                LineReport(
                    line: medium.rawValue, destination: carrier.destination, gate: .open, held: 0,
                    concurrency: carrier.concurrency)
            }).sorted { $0.line < $1.line }
    }
}
