import Civic
import Store

extension OutcomeVerdict {
    /// Pause after a question that got no answer, if the other side asks for no longer one.
    static let pause = Duration.seconds(300)

    /// What is to be recorded of a message after this answer, and when it is looked at again.
    ///
    /// - It is looked at until more cannot be told: a standard message until it is in the inbox, a premium one until it
    ///   was read, and paid if App IO tells that.
    /// - What was known is never taken back: a message that was read stays so.
    /// - A message of which App IO said nothing until the end is `unknown`: the citizen has probably got it, so nothing
    ///   takes its place.
    public func sighting(of watched: Outbox.Watched, schedule: WatchSchedule, now: Timestamp) -> Outbox.Sighting {
        let next = schedule.next(after: now, taken: watched.takenAt)
        func sighting(_ fate: Outbox.Fate?, again: Timestamp?) -> Outbox.Sighting {
            let known = [watched.receipt, fate].compactMap(\.self).max()
            let open = known == nil || known == .throttled
            return Outbox.Sighting(id: watched.id, fate: again == nil && open ? .unknown : known, again: again)
        }
        switch self {
        case .failed(let reason):
            return Outbox.Sighting(id: watched.id, fate: .failed, again: nil, reason: reason)
        case .inInbox(let isRead, let isPaid, let isAdvanced):
            let fate: Outbox.Fate =
                switch (isRead, isPaid) {
                case (_, true): .paid
                case (true, _): .read
                case (false, _): .unread
                case (nil, _): .processed
                }
            let mayTellMore = isAdvanced && (isRead != true || isPaid == false) && isPaid != true
            return sighting(fate, again: mayTellMore ? next : nil)
        case .throttled: return sighting(.throttled, again: next)
        case .pending, .missing, .anotherServices: return sighting(nil, again: next)
        case .keyRefused: return later(nil)
        case .notNow(_, let after): return later(after)
        }
        func later(_ asked: Duration?) -> Outbox.Sighting {
            let pause = max(asked ?? .zero, OutcomeVerdict.pause)
            return sighting(nil, again: schedule.again(in: pause, now: now, taken: watched.takenAt))
        }
    }
}
