import Civic

/// Times as foreign systems write them: RFC 3339 with its liberties (`+0100`, a space, no seconds), a date alone, day
/// before month (`21/11/2026 10:15`), seconds since 1970, or thousandths or millionths of them. What names no zone is the
/// city's time.
enum ForeignTime {
    static func read(_ text: String, zone: Zone) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        let time = Timestamp(rfc3339: text) ?? epoch(text) ?? written(text, zone: zone)
        // Else it is a number of another kind, or a clock that was never set.
        return time.flatMap { (earliest..<latest).contains($0) ? $0 : nil }
    }

    private static let earliest = Timestamp(seconds: 946_684_800)
    private static let latest = Timestamp(seconds: 4_102_444_800)

    private static func epoch(_ text: String) -> Timestamp? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let number = Double(text) else {
            return nil
        }
        let seconds = number < 1e11 ? number : number < 1e14 ? number / 1e3 : number / 1e6
        guard seconds < 1e11 else { return nil }
        return Timestamp(microseconds: Int64((seconds * 1e6).rounded()))
    }

    private static func written(_ text: String, zone: Zone) -> Timestamp? {
        let parts = text.split(maxSplits: 1) { $0 == "T" || $0 == "t" || $0 == " " || $0 == "," }
        guard let day = parts.first, let date = date(day) else { return nil }
        guard parts.count > 1 else { return zone.moment(LocalTime(date: date, secondOfDay: 0)) }
        let clock = parts[1].drop { $0 == " " }
        let end = clock.firstIndex { !"0123456789:.".contains($0) } ?? clock.endIndex
        guard let (second, micros) = secondOfDay(clock[..<end]) else { return nil }
        let local = LocalTime(date: date, secondOfDay: second)
        let name = clock[end...].drop { $0 == " " }
        let whole: Timestamp
        if name.isEmpty {
            whole = zone.moment(local)
        } else {
            guard let offset = offset(name) else { return nil }
            whole = Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(second - offset))
        }
        return Timestamp(microseconds: whole.microseconds + Int64(micros))
    }

    /// Year, month, day; or day, month, year, as Italy writes.
    private static func date(_ text: Substring) -> CivilDate? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "/" || $0 == "." }
        guard parts.count == 3, parts.allSatisfy({ (1...4).contains($0.utf8.count) }),
            let numbers = numbers(parts), numbers.count == 3
        else { return nil }
        if parts[0].utf8.count == 4 { return CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]) }
        guard parts[2].utf8.count == 4 else { return nil }
        return CivilDate(year: numbers[2], month: numbers[1], day: numbers[0])
    }

    private static func secondOfDay(_ text: Substring) -> (seconds: Int, micros: Int)? {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        let parts = halves.first.map { $0.split(separator: ":", omittingEmptySubsequences: false) } ?? []
        guard (2...3).contains(parts.count), parts.allSatisfy({ (1...2).contains($0.utf8.count) }),
            let numbers = numbers(parts), numbers[0] < 24, numbers[1] < 60, numbers.last ?? 60 < 60, halves.count <= 2
        else { return nil }
        var micros = 0
        if halves.count == 2 {
            guard !halves[1].isEmpty, let fraction = Int((halves[1].prefix(6) + "000000").prefix(6)) else { return nil }
            micros = fraction
        }
        return (numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0), micros)
    }

    /// Seconds east of Greenwich: `Z`, `+01`, `+0100`, `+01:00`.
    private static func offset(_ text: Substring) -> Int? {
        if ["z", "utc", "gmt"].contains(text.lowercased()) { return 0 }
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard digits.count == 2 || digits.count == 4, let numbers = numbers([digits.prefix(2), digits.dropFirst(2)]),
            numbers[0] < 24, numbers[1] < 60
        else { return nil }
        return (numbers[0] * 3600 + numbers[1] * 60) * (sign == "-" ? -1 : 1)
    }

    private static func numbers(_ parts: [some StringProtocol]) -> [Int]? {
        var all: [Int] = []
        for part in parts {
            // `Int` also reads `+1`.
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            guard let number = part.isEmpty ? 0 : Int(part) else { return nil }
            all.append(number)
        }
        return all
    }
}
