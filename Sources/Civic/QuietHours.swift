/// The part of each day in which no telephone rings because of the city, in local time.
public struct QuietHours: Hashable, Sendable {
    /// Minutes from midnight, 0 ..< 1440. `from` may be later than `to`: then they go over midnight.
    public let from: Int
    public let to: Int
    public let zone: Zone

    public init(from: Int, to: Int, zone: Zone) {
        self.from = from
        self.to = to
        self.zone = zone
    }

    /// When the quiet is over in which `moment` falls; nil if it falls in none. On a day on which clocks change it ends
    /// by the wall clock, at the first moment that shows `to` or later.
    public func end(at moment: Timestamp) -> Timestamp? {
        guard from != to else { return nil }
        let local = zone.local(moment)
        let minute = local.secondOfDay / 60
        let isTomorrow: Bool
        if from < to {
            guard (from..<to).contains(minute) else { return nil }
            isTomorrow = false
        } else {
            guard minute >= from || minute < to else { return nil }
            isTomorrow = minute >= from
        }
        let date = isTomorrow ? local.date.adding(days: 1) : local.date
        return zone.moment(LocalTime(date: date, secondOfDay: to * 60))
    }
}
