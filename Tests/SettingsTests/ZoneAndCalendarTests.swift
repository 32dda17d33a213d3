import Civic
import Foundation
import Testing

@testable import Settings

/// Time zones from the system's data, and the good city's opening hours in them.
@Suite struct ZoneAndCalendarTests {
    private func moment(_ date: String, _ hour: Int, _ minute: Int = 0) throws -> Timestamp {
        Timestamp(
            seconds: Int64(try #require(CivilDate(date)).daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60))
    }

    @Test(arguments: [
        ("2026-01-15", 12, 0, 3600), ("2026-03-29", 0, 59, 3600), ("2026-03-29", 1, 0, 7200),
        ("2026-07-15", 12, 0, 7200),
        ("2026-10-25", 0, 59, 7200), ("2026-10-25", 1, 0, 3600), ("2050-07-01", 0, 0, 7200), ("1970-01-02", 0, 0, 3600),
    ])
    func offsetsOfRome(_ date: String, _ hour: Int, _ minute: Int, _ offset: Int) throws {
        let rome = try #require(Zone(named: "Europe/Rome"))
        #expect(rome.offset(at: try moment(date, hour, minute)) == offset)
    }

    @Test(arguments: ["", "Europe/Roma", "europe/rome", "../../etc/passwd", "GMT+1", "+01:00", "Rome", "Europe/Rome "])
    func noTimeZone(_ name: String) { #expect(Zone(named: name) == nil) }

    @Test(arguments: [
        ("2026-11-23", 7, 30, true), ("2026-11-23", 7, 29, false), ("2026-11-23", 12, 30, false),
        ("2026-11-23", 13, 0, true),
        ("2026-11-23", 16, 0, false), ("2026-11-24", 13, 0, false), ("2026-11-22", 22, 59, true),
        ("2026-11-21", 9, 0, false),
        ("2026-04-06", 8, 0, false), ("2026-04-13", 8, 0, true), ("2026-04-05", 8, 0, false),
    ])
    func openingHours(_ date: String, _ hour: Int, _ minute: Int, _ open: Bool) throws {
        let calendar = try #require(try ConfigurationFolder().load().configuration?.calendars["uffici"])
        #expect(calendar.isOpen(at: try moment(date, hour, minute)) == open)
    }
}
