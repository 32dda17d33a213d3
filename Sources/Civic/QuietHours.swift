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

    /// When the quiet is over in which `moment` falls; nil if it falls in none. Always later than `moment`.
    ///
    /// On a day on which clocks change it ends by the wall clock, at the first moment that shows `to` or later: quiet
    /// until 02:30 ends at 03:00 if the hour from 02:00 is skipped. If an hour comes twice, it is quiet in both.
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
        let end = first(showing: LocalTime(date: date, secondOfDay: to * 60))
        // The hour comes for the second time, and `to` is in it: so does `to`.
        return end > moment ? end : moment + .seconds(to * 60 - local.secondOfDay)
    }

    /// How much of an ordinary day they are.
    public var length: Duration { .seconds((to - from + 1440) % 1440 * 60) }

    private func first(showing wanted: LocalTime) -> Timestamp {
        let end = zone.moment(wanted)
        guard zone.local(end) > wanted else { return end }
        // Skipped: the clocks change at most a few hours earlier, and until then show less.
        var (before, after) = (end.seconds - 86_400, end.seconds)
        while after - before > 1 {
            let middle = (before + after) / 2
            if zone.local(Timestamp(seconds: middle)) < wanted { before = middle } else { after = middle }
        }
        return Timestamp(seconds: after)
    }
}
