import Civic

/// Telephone and card numbers, and what looks like one.
extension PlainReading {
    /// Six digits or more, with what people write between them, that are no date, time, price or range.
    mutating func takeNumbers() {
        settleTickets()
        var index = 0
        while index < units.count {
            guard isDigit(index), !isSettled[index] else {
                index += 1
                continue
            }
            var groups: [Range<Int>] = []
            while true {
                let start = index
                while index < units.count, isDigit(index), !isSettled[index] { index += 1 }
                groups.append(start..<index)
                var next = index
                while next < units.count, isSeparator(next), !isSettled[next] { next += 1 }
                guard next < units.count, next > index, isDigit(next), !isSettled[next], !isBreak(index..<next) else {
                    break
                }
                index = next
            }
            take(groups)
        }
    }

    /// `RM-7Q4K2MXD`
    mutating func settleTickets() {
        var start = 0
        while start < units.count {
            var end = start
            while end < units.count, isWord(end) || units[end] == UInt8(ascii: "-") { end += 1 }
            let word = units[start..<end]
            if (11...13).contains(word.count), let hyphen = word.firstIndex(of: UInt8(ascii: "-")),
                (hyphen + 1..<end).contains(where: isLetter), (start..<hyphen).allSatisfy(isLetter)
            {
                let prefix = String(decoding: word[..<hyphen], as: UTF8.self)
                if TicketCode(parsing: String(decoding: word, as: UTF8.self), prefix: prefix) != nil {
                    for index in start..<end { isSettled[index] = true }
                }
            }
            start = end + 1
        }
    }

    /// An empty line; a comma as sentences have it.
    func isBreak(_ gap: Range<Int>) -> Bool {
        units[gap].count { $0 == 0x0A } > 1
            || gap.dropLast().contains { units[$0] == UInt8(ascii: ",") && isBlank($0 + 1) }
    }

    mutating func take(_ groups: [Range<Int>]) {
        guard groups.reduce(0, { $0 + $1.count }) >= 6, !isPostcode(groups) else { return }
        // What is harmless beside a plain number may be a piece of it, unless nothing else looks like it.
        enum Piece { case number, weak, strong }
        var pieces = [Piece](repeating: .number, count: groups.count)
        var index = 0
        while index < groups.count {
            if let (count, isStrong) = harmless(groups, index) {
                for place in index..<index + count { pieces[place] = isStrong ? .strong : .weak }
                index += count
            } else {
                index += 1
            }
        }
        for order in [Array(pieces.indices), pieces.indices.reversed()] {
            for (before, place) in zip(order, order.dropFirst())
            where pieces[place] == .weak && pieces[before] == .number {
                pieces[place] = .number
            }
        }
        var start = 0
        while start < groups.count {
            guard pieces[start] == .number else {
                start += 1
                continue
            }
            let end = pieces[start...].firstIndex { $0 != .number } ?? groups.count
            let number = Array(groups[start..<end])
            start = end
            if number.reduce(0, { $0 + $1.count }) >= 6, !isPrice(number) { hide(whole(number)) }
        }
    }

    /// With the `+` and the parenthesis that belong to it.
    func whole(_ number: [Range<Int>]) -> Range<Int> {
        var start = number[0].lowerBound
        let end = number[number.count - 1].upperBound
        if start > 0, units[start - 1] == UInt8(ascii: "+"), !isSettled[start - 1] { start -= 1 }
        if start > 0, units[start - 1] == UInt8(ascii: "("), units[start..<end].contains(UInt8(ascii: ")")) {
            start -= 1
        }
        return start..<end
    }

    func value(_ group: Range<Int>) -> Int {
        units[group.prefix(9)].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The sign between two groups, if there is but one; blanks around it do not count if `loosely`.
    func sign(_ groups: [Range<Int>], _ index: Int, loosely: Bool = false) -> UInt8? {
        guard index + 1 < groups.count else { return nil }
        var gap = units[groups[index].upperBound..<groups[index + 1].lowerBound]
        if loosely { gap = gap.filter { $0 != 0x20 && $0 != 0x0A }[...] }
        return gap.count == 1 ? gap.first : nil
    }

    /// Whether something may begin with this group, or end before it.
    func isEdge(_ groups: [Range<Int>], _ index: Int, dashed: Bool) -> Bool {
        guard index > 0, index < groups.count else { return true }
        let gap = units[groups[index - 1].upperBound..<groups[index].lowerBound]
        return gap.contains(0x20) || gap.contains(0x0A) || dashed && gap.elementsEqual([UInt8(ascii: "-")])
    }

    /// How many groups from here are a date, a time, a range or a year's number.
    func harmless(_ groups: [Range<Int>], _ index: Int) -> (count: Int, isStrong: Bool)? {
        let dash = UInt8(ascii: "-")
        guard let sign = sign(groups, index, loosely: true) else { return nil }
        let isTight = self.sign(groups, index) != nil
        func stands(_ count: Int) -> Bool {
            isEdge(groups, index, dashed: sign != dash) && isEdge(groups, index + count, dashed: sign != dash)
        }
        let (a, b) = (groups[index], groups[index + 1])
        if isTight, self.sign(groups, index + 1) == sign, stands(3) {
            let c = groups[index + 2]
            if "-./".utf8.contains(sign) {
                if isDay(a), isMonth(b), isYear(c) || c.count == 2 { return (3, c.count == 4) }
                if isYear(a), isMonth(b), isDay(c) { return (3, true) }
            }
            if sign == UInt8(ascii: ":"), isTime(a, b), isTime(a, c) { return (3, true) }
        }
        guard stands(2) else { return nil }
        if isTight, sign == UInt8(ascii: ":"), isTime(a, b) { return (2, true) }
        if isTight, sign == UInt8(ascii: "."), isTime(a, b) { return (2, false) }
        guard sign == dash || sign == UInt8(ascii: "/") else { return nil }
        if isYear(a), isYear(b) { return (2, true) }
        if isYear(a), b.count == 2, value(b) == (value(a) + 1) % 100 { return (2, false) }
        // 11/2026, 241/1990
        if isTight, sign != dash, a.count <= 3, isYear(b) { return (2, false) }
        if isTight, sign != dash, isDay(a), isMonth(b) { return (2, false) }
        // Numbers of houses.
        let isRange = a.count == b.count && a.count <= 4 && (1...100).contains(value(b) - value(a))
        return isRange && units[a.lowerBound] != 0x30 ? (2, false) : nil
    }

    func isDay(_ group: Range<Int>) -> Bool { group.count <= 2 && (1...31).contains(value(group)) }
    func isMonth(_ group: Range<Int>) -> Bool { group.count <= 2 && (1...12).contains(value(group)) }
    func isYear(_ group: Range<Int>) -> Bool { group.count == 4 && (1900...2099).contains(value(group)) }
    func isTime(_ hours: Range<Int>, _ minutes: Range<Int>) -> Bool {
        hours.count <= 2 && value(hours) <= 24 && minutes.count == 2 && value(minutes) < 60
    }

    /// `512 - 00184 Roma`, also on two lines.
    func isPostcode(_ groups: [Range<Int>]) -> Bool {
        guard groups.count == 2, groups[0].count <= 4, units[groups[0].lowerBound] != 0x30, groups[1].count == 5
        else { return false }
        let gap = units[groups[0].upperBound..<groups[1].lowerBound]
        let end = groups[1].upperBound
        let next = afterBlanks(end)
        return (gap.contains(UInt8(ascii: "-")) && gap.contains(0x20) || gap.contains(0x0A)) && next > end
            && next < units.count && isLetter(next)
    }

    /// Thousands and cents: with a currency beside them, or such that no telephone is written so.
    func isPrice(_ groups: [Range<Int>]) -> Bool {
        var whole = groups[...]
        var hasCents = false
        if let last = whole.last, whole.count > 1, last.count <= 2 {
            guard sign(groups, groups.count - 2) == UInt8(ascii: ",") else { return false }
            hasCents = true
            whole.removeLast()
        }
        let first = whole[0]
        guard units[first.lowerBound] != 0x30,
            whole.count == 1 ? first.count <= 7 : first.count <= 3 && whole.count <= 3,
            whole.dropFirst().allSatisfy({ $0.count == 3 }),
            whole.indices.dropLast().allSatisfy({ sign(groups, $0).map { $0 == 0x2E || $0 == 0x20 } ?? false })
        else { return false }
        if hasCurrency(groups[0].lowerBound, groups[groups.count - 1].upperBound) { return true }
        guard whole.count > 1, sign(groups, 0) == UInt8(ascii: ".") else { return false }
        return hasCents || whole.dropFirst().allSatisfy { value($0) == 0 }
    }

    func hasCurrency(_ start: Int, _ end: Int) -> Bool {
        let before = beforeBlanks(start)
        let after = afterBlanks(end)
        if before > 0, units[before - 1] == UInt8(ascii: "$") { return true }
        if after < units.count, units[after] == UInt8(ascii: "$") { return true }
        func isEuro(_ word: ArraySlice<UInt8>) -> Bool {
            ["euro", "eur"].contains(String(decoding: word, as: UTF8.self).lowercased())
        }
        let last = units[max(0, before - 5)..<before].reversed().prefix { $0 | 0x20 >= 0x61 }
        return isEuro(Array(last.reversed())[...]) || isEuro(units[after...].prefix(5).prefix { $0 | 0x20 >= 0x61 })
    }
}
