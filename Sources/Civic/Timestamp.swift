/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z; PostgreSQL's resolution.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    /// A number too large for the calendar becomes the farthest moment there is: it may come from a request's header.
    public init(seconds: Int64) { microseconds = seconds.saturatingMultiply(by: 1_000_000) }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 { microseconds.flooredQuotient(by: 1_000_000) }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    public static func + (a: Timestamp, b: Duration) -> Timestamp {
        let (seconds, attoseconds) = b.components
        let microseconds = seconds.saturatingMultiply(by: 1_000_000).saturatingAdd(attoseconds / 1_000_000_000_000)
        return Timestamp(microseconds: a.microseconds.saturatingAdd(microseconds))
    }

    public static func - (a: Timestamp, b: Timestamp) -> Duration {
        .microseconds(a.microseconds) - .microseconds(b.microseconds)
    }
}

extension Timestamp {
    /// RFC 3339, always with `Z`: `2026-11-21T09:30:00Z`, with a fraction only where there is one.
    public var rfc3339: String {
        let day = seconds.flooredQuotient(by: 86_400)
        let second = Int(seconds - day * 86_400)
        let date = CivilDate(daysSinceEpoch: Int(day))
        var text =
            "\(date)T\(twoDigits(second / 3600)):\(twoDigits(second / 60 % 60)):\(twoDigits(second % 60))"
        let fraction = microseconds - seconds * 1_000_000
        if fraction != 0 {
            let digits = String(fraction)
            text += "." + String(repeating: "0", count: 6 - digits.count) + digits
        }
        return text + "Z"
    }

    /// Reads RFC 3339: `T`, `t` or a space between date and time, `Z` or an offset; digits beyond microseconds are cut.
    /// A leap second counts as the second after it. Nil for anything else.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 64 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), bytes[4] == 0x2D, let month = number(5..<7), bytes[7] == 0x2D,
            let day = number(8..<10), [0x54, 0x74, 0x20].contains(bytes[10]), let hour = number(11..<13),
            bytes[13] == 0x3A, let minute = number(14..<16), bytes[16] == 0x3A, let second = number(17..<19),
            hour < 24, minute < 60, second <= 60, let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var at = 19
        var micros = 0
        if bytes[at] == 0x2E {
            at += 1
            var digits = 0
            while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
                if digits < 6 { micros = micros * 10 + Int(bytes[at] - 0x30) }
                digits += 1
                at += 1
            }
            guard digits > 0 else { return nil }
            while digits < 6 {
                micros *= 10
                digits += 1
            }
        }
        guard at < bytes.count else { return nil }
        var offset = 0
        switch bytes[at] {
        case 0x5A, 0x7A: at += 1
        case 0x2B, 0x2D:
            guard bytes.count == at + 6, let hours = number(at + 1..<at + 3), bytes[at + 3] == 0x3A,
                let minutes = number(at + 4..<at + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (bytes[at] == 0x2D ? -1 : 1)
            at += 6
        default: return nil
        }
        guard at == bytes.count else { return nil }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        microseconds = seconds * 1_000_000 + Int64(micros)
    }
}

func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

extension FixedWidthInteger {
    /// Division that rounds down also below zero.
    func flooredQuotient(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    func saturatingAdd(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    func saturatingMultiply(by factor: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }
}
