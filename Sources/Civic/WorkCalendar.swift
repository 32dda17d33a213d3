/// When a city works: hours by weekday, and the days on which it does not.
public struct WorkCalendar: Hashable, Sendable {
    /// Part of a day, in minutes from midnight, local time.
    public struct Hours: Hashable, Sendable {
        public let from: Int
        public let to: Int
        public init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    public enum Holiday: Hashable, Sendable {
        /// Every year on this day.
        case yearly(month: Int, day: Int)
        /// Days after Easter Sunday; Easter Monday is 1.
        case easter(days: Int)
        /// Once.
        case once(CivilDate)
    }

    public let name: String
    public let zone: Zone
    /// By weekday, in order, not overlapping.
    public let week: [Weekday: [Hours]]
    public let holidays: [Holiday]

    public init(name: String, zone: Zone, week: [Weekday: [Hours]], holidays: [Holiday]) {
        self.name = name
        self.zone = zone
        self.week = week
        self.holidays = holidays
    }

    public func isHoliday(_ date: CivilDate) -> Bool {
        holidays.contains { holiday in
            switch holiday {
            case .yearly(let month, let day): date.month == month && date.day == day
            case .easter(let days): CivilDate.easter(of: date.year).adding(days: days) == date
            case .once(let day): day == date
            }
        }
    }

    /// The hours of one date; none on a holiday.
    public func hours(on date: CivilDate) -> [Hours] {
        isHoliday(date) ? [] : week[date.weekday] ?? []
    }

    public func isWorkingDay(_ date: CivilDate) -> Bool { !hours(on: date).isEmpty }

    public func isOpen(at moment: Timestamp) -> Bool {
        let local = zone.local(moment)
        return hours(on: local.date).contains { $0.from * 60 <= local.secondOfDay && local.secondOfDay < $0.to * 60 }
    }

    /// When `target` is over for work that begins at `start`. Pure: the same arguments give the same answer, so a due
    /// time can be computed again from a ticket's events.
    ///
    /// Working days follow Italian administrative practice (art. 155 c.p.c.): the first day does not count, and the
    /// term ends with the last working day's hours. A calendar that is never open counts as always open.
    public func due(_ target: TargetTime, from start: Timestamp) -> Timestamp {
        switch target {
        case .hours(let hours): return start + .seconds(hours * 3600)
        case .days(let days):
            let local = zone.local(start)
            return zone.moment(LocalTime(date: local.date.adding(days: days), secondOfDay: local.secondOfDay))
        case .workingDays(let days): return endOfWorkingDay(days, after: start) ?? start + .seconds(days * 86_400)
        case .workingHours(let hours):
            return afterWorking(seconds: Int64(hours) * 3600, from: start) ?? start + .seconds(hours * 3600)
        }
    }

    /// So much working time after `due`.
    func due(_ due: Timestamp, laterBy time: Duration) -> Timestamp {
        guard time > .zero else { return due }
        let (seconds, attoseconds) = time.components
        // To the second: working hours begin and end with whole minutes.
        let whole = seconds + (attoseconds > 0 ? 1 : 0)
        return afterWorking(seconds: whole, from: due) ?? due + time
    }

    /// Ten years without a working day is a calendar that is never open.
    private static let horizon = 3660

    /// A calendar without hours is one that is always open.
    public var hasHours: Bool { week.values.contains { !$0.isEmpty } }

    private func endOfWorkingDay(_ count: Int, after start: Timestamp) -> Timestamp? {
        guard hasHours else { return nil }
        var date = zone.local(start).date
        var left = max(count, 0)
        for _ in 0..<(WorkCalendar.horizon + count * 8) {
            if left == 0, let last = hours(on: date).last {
                let end = zone.moment(LocalTime(date: date, secondOfDay: 0).at(minute: last.to))
                if end > start { return end }
            }
            date = date.adding(days: 1)
            if left > 0, isWorkingDay(date) { left -= 1 }
        }
        return nil
    }

    private func afterWorking(seconds: Int64, from start: Timestamp) -> Timestamp? {
        guard hasHours else { return nil }
        var left = seconds
        var date = zone.local(start).date
        for _ in 0..<(WorkCalendar.horizon + Int(clamping: seconds / 60)) {
            for part in hours(on: date) {
                let midnight = LocalTime(date: date, secondOfDay: 0)
                let from = max(zone.moment(midnight.at(minute: part.from)), start)
                let to = zone.moment(midnight.at(minute: part.to))
                guard to > from else { continue }
                let available = to.seconds - from.seconds
                if available >= left { return from + .seconds(left) }
                left -= available
            }
            date = date.adding(days: 1)
        }
        return nil
    }
}

extension LocalTime {
    /// The same day at `minute` from midnight; 1440 is the next midnight.
    func at(minute: Int) -> LocalTime {
        minute >= 1440
            ? LocalTime(date: date.adding(days: minute / 1440), secondOfDay: minute % 1440 * 60)
            : LocalTime(date: date, secondOfDay: minute * 60)
    }
}

/// How long a city gives itself. Written `4h`, `2d`, `8wh`, `5wd` (`w` counts working time only).
public enum TargetTime: Hashable, Sendable, CustomStringConvertible {
    case hours(Int)
    case days(Int)
    case workingHours(Int)
    case workingDays(Int)

    /// Nil unless a whole number from 1 to 3650 stands before a known unit.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), (1...3650).contains(number) else { return nil }
        switch text.dropFirst(digits.count).drop(while: { $0 == " " }) {
        case "h": self = .hours(number)
        case "d": self = .days(number)
        case "wh": self = .workingHours(number)
        case "wd": self = .workingDays(number)
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .hours(let n): "\(n)h"
        case .days(let n): "\(n)d"
        case .workingHours(let n): "\(n)wh"
        case .workingDays(let n): "\(n)wd"
        }
    }
}
