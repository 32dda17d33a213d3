import Civic
import Foundation
import TestSupport
import Testing

/// Europe/Rome as Foundation knows it, so that two sources must agree.
private let rome: Zone = {
    let source = TimeZone(identifier: "Europe/Rome") ?? .gmt
    var at = Date(timeIntervalSince1970: 1_500_000_000)
    let base = source.secondsFromGMT(for: at)
    var changes: [Zone.Change] = []
    while let next = source.nextDaylightSavingTimeTransition(after: at), next.timeIntervalSince1970 < 2_300_000_000 {
        changes.append(.init(at: Int64(next.timeIntervalSince1970), offset: source.secondsFromGMT(for: next)))
        at = next
    }
    return Zone(name: "Europe/Rome", base: base, changes: changes)
}()

private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

@Suite struct ZoneTests {
    @Test(arguments: [
        ("2026-03-29T00:59:59Z", "2026-03-29", 1 * 3600 + 59 * 60 + 59),
        ("2026-03-29T01:00:00Z", "2026-03-29", 3 * 3600),
        ("2026-10-25T00:59:59Z", "2026-10-25", 2 * 3600 + 59 * 60 + 59),
        ("2026-10-25T01:00:00Z", "2026-10-25", 2 * 3600),
        ("2026-12-31T23:30:00Z", "2027-01-01", 1800),
    ])
    func localTimes(_ utc: String, _ date: String, _ second: Int) throws {
        let local = rome.local(try moment(utc))
        #expect(local.date == CivilDate(date))
        #expect(local.secondOfDay == second)
    }

    @Test(arguments: [
        // The hour that does not exist is read an hour later; of the hour that comes twice, the first.
        ("2026-03-29", 2 * 3600 + 1800, "2026-03-29T01:30:00Z"), ("2026-03-29", 3 * 3600, "2026-03-29T01:00:00Z"),
        ("2026-10-25", 2 * 3600 + 1800, "2026-10-25T00:30:00Z"), ("2026-10-25", 3 * 3600, "2026-10-25T02:00:00Z"),
    ])
    func changesOfTheClock(_ date: String, _ second: Int, _ utc: String) throws {
        let date = try #require(CivilDate(date))
        #expect(rome.moment(LocalTime(date: date, secondOfDay: second)) == (try moment(utc)))
    }

    @Test func agreesWithFoundation() throws {
        let source = try #require(TimeZone(identifier: "Europe/Rome"))
        var dice = Dice(5)
        for _ in 0..<5000 {
            let at = Timestamp(seconds: .random(in: 1_600_000_000..<2_200_000_000, using: &dice))
            let offset = source.secondsFromGMT(for: Date(timeIntervalSince1970: Double(at.seconds)))
            #expect(rome.offset(at: at) == offset)
            let back = rome.moment(rome.local(at))
            // Only the second of two equal hours comes back as the first.
            #expect(back == at || (at - back == .seconds(3600) && rome.local(back) == rome.local(at)))
        }
    }
}

@Suite struct WorkCalendarTests {
    static let weekdays: [Weekday] = [.monday, .tuesday, .wednesday, .thursday, .friday]

    /// Rome's offices: mornings, and afternoons on Tuesday and Thursday.
    static let offices = WorkCalendar(
        name: "uffici", zone: rome,
        week: Dictionary(
            uniqueKeysWithValues: weekdays.map { day in
                let morning = WorkCalendar.Hours(from: 510, to: 810)
                return (day, day == .tuesday || day == .thursday ? [morning, .init(from: 840, to: 1020)] : [morning])
            }),
        holidays: [
            .yearly(month: 1, day: 1), .yearly(month: 1, day: 6), .easter(days: 1), .yearly(month: 4, day: 25),
            .yearly(month: 5, day: 1), .yearly(month: 6, day: 2), .yearly(month: 6, day: 29),
            .yearly(month: 8, day: 15),
            .yearly(month: 11, day: 1), .yearly(month: 12, day: 8), .yearly(month: 12, day: 25),
            .yearly(month: 12, day: 26),
        ])

    @Test(arguments: [
        // Over Easter: Monday 6 April 2026 is a holiday.
        ("2026-04-03T10:00:00Z", "1wd", "2026-04-07T15:00:00Z"),
        ("2026-04-04T10:00:00Z", "1wd", "2026-04-07T15:00:00Z"),
        // Saints Peter and Paul, a Monday in 2026.
        ("2026-06-26T08:00:00Z", "1wd", "2026-06-30T15:00:00Z"),
        // Over the end of a month and of a year.
        ("2026-01-30T09:00:00Z", "2wd", "2026-02-03T16:00:00Z"),
        ("2026-12-31T09:00:00Z", "1wd", "2027-01-04T12:30:00Z"),
        ("2026-12-24T22:00:00Z", "5wd", "2027-01-04T12:30:00Z"),
        // Over a change of the clock: the same hour on the wall.
        ("2026-03-28T09:00:00Z", "2d", "2026-03-30T08:00:00Z"),
        ("2026-10-24T09:00:00Z", "1d", "2026-10-25T10:00:00Z"),
        ("2026-03-28T01:30:00Z", "1d", "2026-03-29T01:30:00Z"),
        ("2026-03-29T00:30:00Z", "4h", "2026-03-29T04:30:00Z"),
        // Five hours a morning.
        ("2026-11-20T07:30:00Z", "5wh", "2026-11-20T12:30:00Z"),
        ("2026-11-20T07:30:00Z", "6wh", "2026-11-23T08:30:00Z"),
        ("2026-11-21T09:00:00Z", "1wh", "2026-11-23T08:30:00Z"),
        ("2026-11-24T12:15:00Z", "1wh", "2026-11-24T13:45:00Z"),
    ])
    func due(_ start: String, _ target: String, _ expected: String) throws {
        let target = try #require(TargetTime(target))
        #expect(Self.offices.due(target, from: try moment(start)).rfc3339 == expected)
    }

    @Test func dueIsAfterStartAndGrowsWithTheTarget() {
        var dice = Dice(6)
        for _ in 0..<300 {
            let start = Timestamp(seconds: .random(in: 1_600_000_000..<2_000_000_000, using: &dice))
            for make in [TargetTime.hours, TargetTime.days, TargetTime.workingHours, TargetTime.workingDays] {
                var last = start
                for amount in 1...12 {
                    let due = Self.offices.due(make(amount), from: start)
                    #expect(due > last)
                    last = due
                }
            }
        }
    }

    @Test func endsInWorkingTime() {
        var dice = Dice(7)
        for _ in 0..<500 {
            let start = Timestamp(seconds: .random(in: 1_600_000_000..<2_000_000_000, using: &dice))
            let due = Self.offices.due(.workingDays(.random(in: 1...60, using: &dice)), from: start)
            let date = rome.local(due).date
            #expect(Self.offices.isWorkingDay(date))
            #expect(!Self.offices.isOpen(at: due))
            #expect(Self.offices.isOpen(at: due + .seconds(-1)))
        }
    }

    @Test(arguments: [TargetTime.workingDays(3650), .workingHours(3650)])
    func calendarThatIsNeverOpen(_ target: TargetTime) {
        let closed = WorkCalendar(name: "chiuso", zone: rome, week: [.monday: []], holidays: [])
        let start = Timestamp(seconds: 1_700_000_000)
        #expect(closed.due(target, from: start) > start)
    }

    @Test func openRoundTheClock() throws {
        let all = [WorkCalendar.Hours(from: 0, to: 1440)]
        let always = WorkCalendar(
            name: "sempre", zone: rome, week: Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, all) }),
            holidays: [])
        let start = try moment("2026-03-28T12:00:00Z")
        #expect(always.due(.workingHours(48), from: start) == always.due(.hours(48), from: start))
        #expect(always.isOpen(at: start))
    }

    @Test func hoursInsideTheGapAreNotWorked() throws {
        let night = [WorkCalendar.Hours(from: 120, to: 180)]
        let calendar = WorkCalendar(name: "notte", zone: rome, week: [.sunday: night], holidays: [])
        // 29 March 2026 has no hour between two and three; the next Sunday has.
        #expect(
            calendar.due(.workingHours(1), from: try moment("2026-03-28T12:00:00Z")).rfc3339 == "2026-04-05T01:00:00Z")
        // 25 October 2026 has it twice.
        #expect(calendar.isOpen(at: try moment("2026-10-25T00:30:00Z")))
        #expect(calendar.isOpen(at: try moment("2026-10-25T01:30:00Z")))
    }

    @Test(arguments: ["1h", "3650d", "8 wh", "5wd"])
    func targetTime(_ text: String) { #expect(TargetTime(text) != nil) }

    @Test(arguments: ["", "h", "0h", "-1h", "3651d", "1", "1w", "1.5h", "99999999999999999999h", "٣h", "1hh"])
    func noTargetTime(_ text: String) { #expect(TargetTime(text) == nil) }
}
