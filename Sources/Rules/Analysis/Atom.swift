import Civic

/// One thing that a message has or has not, as the analysis sees it: what conditions are made of.
enum Atom: Hashable {
    /// `written` tells the same pattern however it is spelt.
    case pattern(Condition.TextPart, written: String)
    case channel(String)
    case language(String)
    case address(String)
    case domain(String)
    case area(String)
    case has(Condition.Feature)
    case authenticated
    case field(String)
    case value(field: String, String)
    /// It is one of these minutes of the week.
    case week(MinutesOfWeek)
    /// The calendar is open.
    case open(String)

    /// As an operator would write it.
    var description: String {
        switch self {
        case .pattern(let part, let written): "\(part.rawValue) `\(written)`"
        case .channel(let name): "channel \(name)"
        case .language(let code): "language \(code)"
        case .address(let text), .domain(let text): "from \(text)"
        case .area(let code): "area \(code)"
        case .has(let feature): "has \(feature.rawValue)"
        case .authenticated: "citizen authenticated"
        case .field(let name): "field \(name)"
        case .value(let field, let value): "field \(field) \(value)"
        case .week: "time"
        case .open(let calendar): "calendar \(calendar) open"
        }
    }
}

/// A set of minutes of the week, from Monday's midnight on.
struct MinutesOfWeek: Hashable {
    private static let count = 7 * 1440
    private var bits: [UInt64]

    static let none = MinutesOfWeek(bits: [UInt64](repeating: 0, count: (count + 63) / 64))
    static let all = MinutesOfWeek { _, _ in true }

    private init(bits: [UInt64]) { self.bits = bits }

    init(_ isIn: (Weekday, _ minuteOfDay: Int) -> Bool) {
        self = .none
        for (day, weekday) in Weekday.allCases.enumerated() {
            for minute in 0..<1440 where isIn(weekday, minute) {
                let bit = day * 1440 + minute
                bits[bit / 64] |= 1 << UInt64(bit % 64)
            }
        }
    }

    /// The minutes that weekdays and hours of a condition leave.
    init(_ condition: Condition.TimeCondition) {
        self.init { weekday, minute in
            if !condition.weekdays.isEmpty, !condition.weekdays.contains(weekday) { return false }
            guard let hours = condition.hours else { return true }
            return hours.from <= hours.to
                ? hours.from <= minute && minute < hours.to : hours.from <= minute || minute < hours.to
        }
    }

    /// The hours of a calendar in a week without holidays.
    init(_ calendar: WorkCalendar) {
        self.init { weekday, minute in
            (calendar.week[weekday] ?? []).contains { $0.from <= minute && minute < $0.to }
        }
    }

    var isEmpty: Bool { bits.allSatisfy { $0 == 0 } }

    var complement: MinutesOfWeek {
        let all = MinutesOfWeek.all.bits
        return MinutesOfWeek(bits: zip(bits, all).map { ~$0 & $1 })
    }

    func isDisjoint(_ other: MinutesOfWeek) -> Bool { zip(bits, other.bits).allSatisfy { $0 & $1 == 0 } }

    func isWithin(_ other: MinutesOfWeek) -> Bool { zip(bits, other.bits).allSatisfy { $0 & ~$1 == 0 } }

    func intersection(_ other: MinutesOfWeek) -> MinutesOfWeek {
        MinutesOfWeek(bits: zip(bits, other.bits).map { $0 & $1 })
    }

    func contains(_ minute: Int) -> Bool { bits[minute / 64] >> UInt64(minute % 64) & 1 != 0 }

    /// The first of them.
    var first: Int? { (0..<MinutesOfWeek.count).first(where: contains) }
}
