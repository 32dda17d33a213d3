import Civic
import TestSupport
import Testing

private let rome = Zone(
    name: "Europe/Rome", base: 3600,
    changes: [.init(at: 1_774_746_000, offset: 7200), .init(at: 1_792_890_000, offset: 3600)])

private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

/// Monday to Friday, 8 to 14; 8 December is a holiday.
private let office = WorkCalendar(
    name: "uffici", zone: rome,
    week: Dictionary(
        uniqueKeysWithValues: [Weekday.monday, .tuesday, .wednesday, .thursday, .friday].map {
            ($0, [WorkCalendar.Hours(from: 480, to: 840)])
        }),
    holidays: [.yearly(month: 12, day: 8)])

private let always = WorkCalendar(
    name: "sempre", zone: rome,
    week: Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, [WorkCalendar.Hours(from: 0, to: 1440)]) }),
    holidays: [])

@Suite struct WaitingTests {
    @Test(
        "Working time between two moments",
        arguments: [
            // Friday 13:00 to Monday 9:00.
            ("2026-11-20T12:00:00Z", "2026-11-23T08:00:00Z", 7200), ("2026-11-21T00:00:00Z", "2026-11-22T23:00:00Z", 0),
            ("2026-11-23T07:00:00Z", "2026-11-23T13:00:00Z", 21_600),
            ("2026-11-23T08:15:00Z", "2026-11-23T08:45:30Z", 1830),
            // The holiday is a Tuesday.
            ("2026-12-07T12:00:00Z", "2026-12-09T08:00:00Z", 7200), ("2026-11-23T08:00:00Z", "2026-11-23T07:00:00Z", 0),
        ])
    func working(_ from: String, _ to: String, _ seconds: Int) throws {
        #expect(office.working(from: try moment(from), to: try moment(to)) == .seconds(seconds))
    }

    @Test("A Sunday on which clocks change has 23 or 25 working hours where it has 24")
    func sundays() throws {
        #expect(
            always.working(from: try moment("2026-03-28T23:00:00Z"), to: try moment("2026-03-29T22:00:00Z"))
                == .seconds(23 * 3600))
        #expect(
            always.working(from: try moment("2026-10-24T22:00:00Z"), to: try moment("2026-10-25T23:00:00Z"))
                == .seconds(25 * 3600))
    }

    @Test(
        "A due time after a wait from Friday 13:00 to Monday 9:00",
        arguments: [
            (TargetTime.hours(4), "2026-11-24T12:00:00Z", "2026-11-27T08:00:00Z"),
            (.days(2), "2026-11-24T12:00:00Z", "2026-11-27T08:00:00Z"),
            // Tuesday 13:00, and two working hours.
            (.workingHours(8), "2026-11-24T12:00:00Z", "2026-11-25T08:00:00Z"),
            // The end of Tuesday's hours, and two working hours.
            (.workingDays(2), "2026-11-24T13:00:00Z", "2026-11-25T09:00:00Z"),
            // It was overdue before.
            (.workingHours(1), "2026-11-20T11:00:00Z", "2026-11-20T13:00:00Z"),
        ])
    func due(_ target: TargetTime, _ due: String, _ moved: String) throws {
        let (from, to) = (try moment("2026-11-20T12:00:00Z"), try moment("2026-11-23T08:00:00Z"))
        #expect(office.due(try moment(due), afterWaitingFrom: from, to: to, for: target).rfc3339 == moved)
        #expect(office.due(try moment(due), afterWaitingFrom: to, to: from, for: target).rfc3339 == due)
    }

    @Test("A weekend's wait moves no working-time target; a calendar without hours counts every hour")
    func weekend() throws {
        let (from, to) = (try moment("2026-11-21T08:00:00Z"), try moment("2026-11-22T08:00:00Z"))
        let due = try moment("2026-11-24T12:00:00Z")
        #expect(office.due(due, afterWaitingFrom: from, to: to, for: .workingHours(8)) == due)
        let never = WorkCalendar(name: "never", zone: rome, week: [:], holidays: [])
        #expect(never.due(due, afterWaitingFrom: from, to: to, for: .workingDays(3)) == due + .seconds(86_400))
    }

    @Test("Whoever waits from the first moment to the last has the whole of the target left")
    func whole() throws {
        var dice = Dice(7)
        let monday = try moment("2026-11-23T08:00:00Z")
        for _ in 0..<500 {
            let start = monday + .seconds(Int64.random(in: 0..<30_000_000, using: &dice))
            let target = TargetTime.workingHours(Int.random(in: 1...200, using: &dice))
            let due = office.due(target, from: start)
            guard case .workingHours(let hours) = target else { continue }
            #expect(office.working(from: start, to: due) == .seconds(hours * 3600))
            let end = start + .seconds(Int64.random(in: 0..<3_000_000, using: &dice))
            let moved = office.due(due, afterWaitingFrom: start, to: end, for: target)
            #expect(
                office.working(from: start, to: moved)
                    == .seconds(hours * 3600) + office.working(from: start, to: end))
        }
    }

    @Test("Waits are read from a history: those that are over, by what ended them")
    func history() {
        func at(_ second: Int64) -> Timestamp { Timestamp(seconds: second) }
        typealias Line = (kind: TicketEvent.Kind, at: Timestamp)
        let history: [Line] = [
            (.opened, at(0)), (.acknowledged, at(10)), (.waiting, at(20)), (.note, at(25)), (.waiting, at(30)),
            (.moved, at(35)), (.reminded, at(36)), (.message, at(50)), (.message, at(60)), (.waiting, at(70)),
            (.resolved, at(90)), (.reopened, at(95)), (.waiting, at(100)),
        ]
        #expect(Wait.past(in: history) == [Wait(from: at(20), to: at(50)), Wait(from: at(70), to: at(90))])
        #expect(Wait.past(in: [Line]()).isEmpty)
    }
}
