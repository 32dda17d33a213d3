/// One mail at a time to one route, over a connection kept between mails.
struct MailLane: Sendable {
    let route: MailRoute
    let engine: TransferEngine
}

/// Which lanes exist, which are idle, who waits. No I/O.
struct MailLanes {
    enum Grant: Sendable {
        case lane(MailLane)
        /// Room for one more: make it, then say `made` or `notMade`.
        case make
        /// No room, but an idle one that leads elsewhere: close it, `drop` it, then as for `make`.
        case remake(MailLane)
        case wait
    }

    private let limit: Int
    /// Lanes that exist or are promised.
    private var count = 0
    private var idle: [MailLane] = []
    private var all: [ObjectIdentifier: TransferEngine] = [:]
    private var waiting: [(id: Int, continuation: CheckedContinuation<Grant?, Never>)] = []
    private var lastWaiter = 0
    private var isClosed = false

    init(limit: Int) { self.limit = limit }

    var engines: [TransferEngine] { Array(all.values) }

    mutating func take(_ route: MailRoute) -> Grant {
        if let index = idle.lastIndex(where: { $0.route == route }) { return .lane(idle.remove(at: index)) }
        if count < limit {
            count += 1
            return .make
        }
        return idle.isEmpty ? .wait : .remake(idle.removeFirst())
    }

    mutating func made(_ lane: MailLane) { all[ObjectIdentifier(lane.engine)] = lane.engine }

    /// Gives up the room of a lane that could not be made: the next in line tries, and gets its own error.
    mutating func notMade() {
        guard !waiting.isEmpty else { return count -= 1 }
        waiting.removeFirst().continuation.resume(returning: .make)
    }

    mutating func drop(_ lane: MailLane) { all[ObjectIdentifier(lane.engine)] = nil }

    mutating func giveBack(_ lane: MailLane) {
        guard !isClosed else { return }
        guard !waiting.isEmpty else { return idle.append(lane) }
        waiting.removeFirst().continuation.resume(returning: .lane(lane))
    }

    mutating func newWaiter() -> Int {
        lastWaiter += 1
        return lastWaiter
    }

    /// Resumed with a lane (which may lead elsewhere), with room to make one, or with nil: cancelled or closed. One that
    /// was given back since `take` is taken at once.
    mutating func wait(
        _ id: Int, for route: MailRoute, _ continuation: CheckedContinuation<Grant?, Never>, isCancelled: Bool
    ) {
        guard !isCancelled, !isClosed else { return continuation.resume(returning: nil) }
        let grant = take(route)
        if case .wait = grant { waiting.append((id, continuation)) } else { continuation.resume(returning: grant) }
    }

    mutating func stopWaiting(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(returning: nil)
    }

    /// Nobody waits any more; returns every engine, busy ones included.
    mutating func close() -> [TransferEngine] {
        isClosed = true
        for waiter in waiting { waiter.continuation.resume(returning: nil) }
        waiting = []
        idle = []
        return engines
    }
}
