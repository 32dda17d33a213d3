/// A time zone as a table of its changes; times are UTC everywhere, and local only where people read.
public struct Zone: Hashable, Sendable {
    public struct Change: Hashable, Sendable {
        /// The first second (UTC) at which `offset` holds.
        public let at: Int64
        /// Seconds east of Greenwich.
        public let offset: Int
        public init(at: Int64, offset: Int) {
            self.at = at
            self.offset = offset
        }
    }

    /// The IANA name, `Europe/Rome`.
    public let name: String
    private let base: Int
    private let changes: [Change]

    /// - Parameters:
    ///   - base: the offset before the first change, in seconds.
    ///   - changes: in order of time.
    public init(name: String, base: Int, changes: [Change]) {
        self.name = name
        self.base = base
        self.changes = changes
    }

    public static let utc = Zone(name: "UTC", base: 0, changes: [])

    /// Seconds east of Greenwich at a moment.
    public func offset(at moment: Timestamp) -> Int {
        let second = moment.seconds
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? base : changes[low - 1].offset
    }

    /// What a clock on the wall shows.
    public func local(_ moment: Timestamp) -> LocalTime {
        let local = moment.seconds + Int64(offset(at: moment))
        let day = local.flooredQuotient(by: 86_400)
        return LocalTime(date: CivilDate(daysSinceEpoch: Int(day)), secondOfDay: Int(local - day * 86_400))
    }

    /// The moment at which a clock on the wall shows `local`. A time that the spring change skips is read as the same
    /// time after the change; of a time that autumn shows twice, the first.
    public func moment(_ local: LocalTime) -> Timestamp {
        let naive = Int64(local.date.daysSinceEpoch) * 86_400 + Int64(local.secondOfDay)
        let early = offset(at: Timestamp(seconds: naive - 86_400))
        let late = offset(at: Timestamp(seconds: naive + 86_400))
        for candidate in [early, late] where offset(at: Timestamp(seconds: naive - Int64(candidate))) == candidate {
            return Timestamp(seconds: naive - Int64(candidate))
        }
        return Timestamp(seconds: naive - Int64(early))
    }
}

/// Date and time of day in some zone.
public struct LocalTime: Hashable, Comparable, Sendable {
    public let date: CivilDate
    /// 0 ..< 86400.
    public let secondOfDay: Int

    public init(date: CivilDate, secondOfDay: Int) {
        self.date = date
        self.secondOfDay = secondOfDay
    }

    public var hour: Int { secondOfDay / 3600 }
    public var minute: Int { secondOfDay / 60 % 60 }

    public static func < (a: LocalTime, b: LocalTime) -> Bool {
        (a.date, a.secondOfDay) < (b.date, b.secondOfDay)
    }
}
