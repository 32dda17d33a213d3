import Civic
import TestSupport
import Testing

@Suite struct CivilDateTests {
    @Test func everyDayOfAThousandYears() throws {
        var date = try #require(CivilDate(year: 1600, month: 1, day: 1))
        var days = date.daysSinceEpoch
        while date.year < 2400 {
            #expect(CivilDate(daysSinceEpoch: days) == date)
            #expect(date.daysSinceEpoch == days)
            let isLast = date.day == CivilDate.days(in: date.month, of: date.year)
            let month = isLast ? date.month % 12 + 1 : date.month
            let next = CivilDate(
                year: date.year + (isLast && date.month == 12 ? 1 : 0), month: month, day: isLast ? 1 : date.day + 1)
            let weekday = date.weekday
            date = try #require(next)
            days += 1
            #expect(date.weekday.rawValue == (weekday.rawValue + 1) % 7)
        }
    }

    @Test(arguments: [
        ("1970-01-01", 0, Weekday.thursday), ("2000-02-29", 11_016, .tuesday), ("2026-11-21", 20_778, .saturday),
        ("1969-12-31", -1, .wednesday), ("1600-01-01", -135_140, .saturday),
    ])
    func known(_ text: String, _ days: Int, _ weekday: Weekday) throws {
        let date = try #require(CivilDate(text))
        #expect(date.daysSinceEpoch == days)
        #expect(date.weekday == weekday)
        #expect(date.description == text)
    }

    @Test(arguments: [
        "", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1", "2026-04-31",
        "+026-01-01",
        "2026-+1-01", "2026-01-01-", "20260101", "٢٠٢٦-01-01", "-026-01-01",
    ])
    func noSuchDate(_ text: String) { #expect(CivilDate(text) == nil) }

    @Test(arguments: [
        "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
        "2028-04-16", "2029-04-01", "2030-04-21", "2031-04-13", "2032-03-28", "2033-04-17", "2034-04-09", "2035-03-25",
        "1818-03-22", "1943-04-25",
    ])
    func easter(_ text: String) throws {
        let date = try #require(CivilDate(text))
        #expect(CivilDate.easter(of: date.year) == date)
    }

    @Test(arguments: [-5_700_001, -400, -1, 0, 1, 9999, 300_000])
    func easterIsASundayOfSpringInAnyYear(_ year: Int) {
        let easter = CivilDate.easter(of: year)
        #expect(easter.weekday == .sunday)
        #expect(easter.year == year)
        #expect((3...4).contains(easter.month))
    }

    @Test func weekdaysByName() {
        #expect(Weekday(name: "monday") == .monday)
        #expect(Weekday(name: "sun") == .sunday)
        #expect(Weekday(name: "Monday") == nil)
        #expect(Weekday(name: "") == nil)
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2026-11-21T09:30:00Z", "2026-11-21T09:30:00Z"), ("2026-11-21t10:30:00+01:00", "2026-11-21T09:30:00Z"),
        ("2026-11-21 09:30:00.5z", "2026-11-21T09:30:00.500000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2026-11-21T09:30:00.1234567890Z", "2026-11-21T09:30:00.123456Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00-23:59", "2026-01-01T23:59:00Z"),
    ])
    func reads(_ text: String, _ utc: String) throws { #expect(try #require(Timestamp(rfc3339: text)).rfc3339 == utc) }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T09:30:00", "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z",
        "2026-11-21T09:30:00.Z",
        "2026-11-21T09:30:00+1:00", "2026-11-21T09:30:00ZZ", "2026-02-30T00:00:00Z", "2026-11-21T09:30:00+24:00",
        "+026-11-21T09:30:00Z", "２０２６-11-21T09:30:00Z",
    ])
    func refuses(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func roundTrip() {
        var dice = Dice(3)
        for _ in 0..<5000 {
            let moment = Timestamp(
                microseconds: .random(in: -11_000_000_000_000_000...13_000_000_000_000_000, using: &dice))
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
        }
    }

    @Test func farthestMomentsDoNotOverflow() {
        let end = Timestamp(seconds: .max)
        #expect(end == Timestamp(microseconds: .max))
        #expect(Timestamp(seconds: .min) == Timestamp(microseconds: .min))
        #expect(end + .seconds(1) == end)
        #expect(end + .seconds(Int64.max) == end)
        #expect(end - Timestamp(seconds: .min) > .seconds(1))
        #expect(Timestamp(seconds: 0) + .milliseconds(-1500) == Timestamp(microseconds: -1_500_000))
        _ = Zone.utc.local(end)
        _ = end.rfc3339
    }
}

@Suite struct IdentifierTests {
    @Test func textRoundTrip() throws {
        var dice = Dice(4)
        for _ in 0..<1000 {
            let id = Identifier(high: dice.next(), low: dice.next())
            #expect(Identifier(id.description) == id)
            #expect(Identifier(id.description.uppercased()) == id)
        }
        #expect(Identifier("00112233-4455-6677-8899-aabbccddeeff")?.high == 0x0011_2233_4455_6677)
    }

    @Test func timeOrderedIsVersion7() {
        let moment = Timestamp(microseconds: 1_700_000_000_123_000)
        // More than twelve bits count.
        let ids = (0..<10_000).map { _ in Identifier.timeOrdered(at: moment) }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        for id in ids {
            #expect(id.high >> 16 == 1_700_000_000_123)
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.low >> 62 == 0b10)
        }
        #expect(ids.max().map { $0 < Identifier.timeOrdered(at: moment + .milliseconds(1)) } == true)
    }

    @Test(arguments: [
        "", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeefff",
        "00112233445566778899aabbccddeeff",
        "g0112233-4455-6677-8899-aabbccddeeff", "{0112233-4455-6677-8899-aabbccddeeff}",
        String(repeating: "0", count: 100_000),
    ])
    func refuses(_ text: String) { #expect(Identifier(text) == nil) }
}
