/// The time of a ticket stands still while it waits for the citizen.
extension WorkCalendar {
    /// The time from `start` to `end` in which the city works.
    public func working(from start: Timestamp, to end: Timestamp) -> Duration {
        guard start < end else { return .zero }
        guard hasHours else { return end - start }
        var total = Duration.zero
        var date = zone.local(start).date
        let last = zone.local(end).date
        while date <= last {
            let midnight = LocalTime(date: date, secondOfDay: 0)
            for part in hours(on: date) {
                let from = max(zone.moment(midnight.at(minute: part.from)), start)
                let to = min(zone.moment(midnight.at(minute: part.to)), end)
                if from < to { total += to - from }
            }
            date = date.adding(days: 1)
        }
        return total
    }

    /// A due time after a wait: later by the time that the ticket waited, of which only working time counts if the target
    /// is one of working time.
    public func due(
        _ due: Timestamp, afterWaitingFrom start: Timestamp, to end: Timestamp, for target: TargetTime
    ) -> Timestamp {
        guard start < end else { return due }
        switch target {
        case .hours, .days: return due + (end - start)
        case .workingHours, .workingDays: return self.due(due, laterBy: working(from: start, to: end))
        }
    }
}

/// The times in which a ticket waited for the citizen.
public struct Wait: Hashable, Sendable {
    public let from: Timestamp
    public let to: Timestamp
    public init(from: Timestamp, to: Timestamp) {
        self.from = from
        self.to = to
    }

    /// Those that are over, from a ticket's history in its order.
    public static func past(in history: some Sequence<(kind: TicketEvent.Kind, at: Timestamp)>) -> [Wait] {
        var waits: [Wait] = []
        var since: Timestamp?
        for (kind, at) in history {
            if kind == .waiting {
                since = since ?? at
            } else if let from = since, kind.endsWaiting {
                if from < at { waits.append(Wait(from: from, to: at)) }
                since = nil
            }
        }
        return waits
    }
}

extension TicketEvent.Kind {
    /// The citizen has answered, or the office goes on without it.
    public var endsWaiting: Bool {
        switch self {
        case .message, .acknowledged, .inProgress, .forwarded, .resolved, .rejected, .reopened: true
        case .opened, .waiting, .moved, .note, .answered, .corrected, .reminded, .escalated: false
        }
    }
}
