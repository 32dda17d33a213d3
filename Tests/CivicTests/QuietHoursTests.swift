import Civic
import Testing

/// Rome's clocks in 2026: forward on 29 March, back on 25 October.
private let rome = Zone(
    name: "Europe/Rome", base: 3600,
    changes: [
        .init(at: 1_774_746_000, offset: 7200), .init(at: 1_792_890_000, offset: 3600),
        .init(at: 1_806_195_600, offset: 7200),
    ])

private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

private func quiet(_ from: String, _ to: String) -> QuietHours {
    func minute(_ text: String) -> Int {
        text.split(separator: ":").compactMap { Int($0) }.reduce(0) { $0 * 60 + $1 }
    }
    return QuietHours(from: minute(from), to: minute(to), zone: rome)
}

@Suite struct QuietHoursTests {
    @Test(
        "When the quiet ends",
        arguments: [
            // Over midnight, in winter and in summer.
            ("22:00", "07:30", "2026-01-15T20:59:59Z", nil),
            ("22:00", "07:30", "2026-01-15T21:00:00Z", "2026-01-16T06:30:00Z"),
            ("22:00", "07:30", "2026-01-16T06:29:59Z", "2026-01-16T06:30:00Z"),
            ("22:00", "07:30", "2026-01-16T06:30:00Z", nil),
            ("22:00", "07:30", "2026-07-01T20:00:00Z", "2026-07-02T05:30:00Z"),
            ("22:00", "07:30", "2026-07-01T19:59:59Z", nil),
            ("23:30", "06:00", "2026-06-01T21:29:59Z", nil),
            ("23:30", "06:00", "2026-06-01T21:30:00Z", "2026-06-02T04:00:00Z"),
            ("23:30", "06:00", "2026-12-31T22:45:00Z", "2027-01-01T05:00:00Z"),
            ("23:30", "00:00", "2026-06-01T21:30:00Z", "2026-06-01T22:00:00Z"),
            ("23:30", "00:00", "2026-06-01T22:00:00Z", nil),
            // The nights in which the clocks change: an hour shorter, an hour longer.
            ("22:00", "07:30", "2026-03-28T21:30:00Z", "2026-03-29T05:30:00Z"),
            ("22:00", "07:30", "2026-10-24T20:30:00Z", "2026-10-25T06:30:00Z"),
            // 02:30 does not exist: the first moment that shows more is 03:00.
            ("22:00", "02:30", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
            ("22:00", "02:30", "2026-03-29T01:00:00Z", nil),
            ("22:00", "02:00", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"),
            ("22:00", "03:00", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"),
            ("02:15", "02:45", "2026-03-29T01:00:00Z", nil),
            ("02:15", "03:15", "2026-03-29T01:00:00Z", "2026-03-29T01:15:00Z"),
            // 02:30 comes twice, and so does the quiet before it.
            ("22:00", "02:30", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z"),
            ("22:00", "02:30", "2026-10-25T00:30:00Z", nil),
            ("22:00", "02:30", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"),
            ("22:00", "02:30", "2026-10-25T01:30:00Z", nil),
            // Within one day, and never.
            ("13:00", "16:00", "2026-06-01T10:59:59Z", nil),
            ("13:00", "16:00", "2026-06-01T11:00:00Z", "2026-06-01T14:00:00Z"),
            ("13:00", "16:00", "2026-06-01T14:00:00Z", nil), ("08:00", "08:00", "2026-06-01T06:00:00Z", nil),
        ] as [(String, String, String, String?)])
    func ends(_ from: String, _ to: String, _ at: String, _ end: String?) throws {
        #expect(quiet(from, to).end(at: try moment(at))?.rfc3339 == end)
    }

    @Test("Around both Sundays: the end is later, nothing speaks against sending then, and a second before it does")
    func sundays() throws {
        for (from, to) in [
            ("22:00", "07:30"), ("23:30", "02:30"), ("02:10", "02:50"), ("01:59", "03:01"), ("00:00", "23:59"),
        ] {
            let hours = quiet(from, to)
            for day in ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"] {
                let start = try moment(day)
                for minutes in stride(from: Int64(0), to: 2880, by: 7) {
                    let at = start + .seconds(minutes * 60 + 11)
                    guard let end = hours.end(at: at) else { continue }
                    #expect(end > at, "\(from) to \(to) at \(at.rfc3339)")
                    #expect(hours.end(at: end) == nil, "\(from) to \(to), \(end.rfc3339)")
                    #expect(hours.end(at: end + .seconds(-1)) == end, "\(from) to \(to), \(end.rfc3339)")
                    #expect(end < at + .seconds(26 * 3600))
                }
            }
        }
    }

    @Test(arguments: [("22:00", "07:30", 570), ("23:30", "00:00", 30), ("13:00", "16:00", 180), ("08:00", "08:00", 0)])
    func length(_ from: String, _ to: String, _ minutes: Int) {
        #expect(quiet(from, to).length == .seconds(minutes * 60))
    }
}
