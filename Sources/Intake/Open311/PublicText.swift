import Civic
import Foundation

/// A citizen's words for everybody's eyes: without what names or reaches a person, as far as a program can tell.
///
/// E-mail addresses, telephone and card numbers, fiscal codes. A name in a sentence stays: who publishes texts must know
/// that. Time grows with the text's length and nothing else.
enum PublicText {
    static let gap = "[…]"

    static func cleaned(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var reading = PlainReading(scalars)
        reading.takeAddresses()
        reading.takeCodes()
        reading.takeNumbers()
        guard !reading.hidden.isEmpty else { return text }
        var out = String.UnicodeScalarView()
        var next = 0
        for range in reading.hidden.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // Two that touch or overlap are one gap.
            if range.lowerBound > next || next == 0 {
                out.append(contentsOf: scalars[next..<range.lowerBound])
                out.append(contentsOf: gap.unicodeScalars)
            }
            next = max(next, range.upperBound)
            // What clings to a letter goes with it.
            while next < scalars.count, PlainReading.clings(scalars[next]) { next += 1 }
        }
        out.append(contentsOf: scalars[next...])
        return String(out)
    }
}

/// A text in ASCII as a reader's eye takes it: compatibility forms are their plain ones, every decimal digit, blank and
/// dash is one of ours, and what does not show is not there.
private struct PlainReading {
    /// ASCII; `other` for a letter or digit beyond, 0 for any other sign. Euro is `$`.
    private var units: [UInt8] = []
    /// Where in the text each stands.
    private var places: [Int] = []
    /// Hidden already, or known to be harmless.
    private var isSettled: [Bool] = []
    /// Of the text's scalars.
    private(set) var hidden: [Range<Int>] = []

    private static let other: UInt8 = 0x80

    init(_ scalars: [Unicode.Scalar]) {
        for (place, scalar) in scalars.enumerated() where !PlainReading.clings(scalar) {
            if scalar.isASCII {
                add(UInt8(scalar.value), place)
            } else {
                for plain in String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars
                where !PlainReading.clings(plain) {
                    add(PlainReading.plain(plain), place)
                }
            }
        }
        isSettled = Array(repeating: false, count: units.count)
    }

    private mutating func add(_ unit: UInt8, _ place: Int) {
        // CRLF is one line end.
        if unit == 0x0D { return }
        units.append(unit == 0x09 ? 0x20 : unit)
        places.append(place)
    }

    /// Formats, variation selectors, marks upon letters.
    static func clings(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return false }
        switch scalar.properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark: return true
        default: return scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func plain(_ scalar: Unicode.Scalar) -> UInt8 {
        if scalar.isASCII { return UInt8(scalar.value) }
        switch scalar.value {
        case 0x85, 0x2028, 0x2029: return 0x0A
        case 0x2800: return 0x20
        case 0x2212, 0x2043: return UInt8(ascii: "-")
        case 0xB7, 0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0x3002: return UInt8(ascii: ".")
        case 0x2044, 0x2215: return UInt8(ascii: "/")
        case 0x2236: return UInt8(ascii: ":")
        case 0x201A, 0x3001: return UInt8(ascii: ",")
        case 0x20AC: return UInt8(ascii: "$")
        default: break
        }
        switch scalar.properties.generalCategory {
        case .decimalNumber: return scalar.properties.numericValue.map { 0x30 + UInt8($0) } ?? other
        case .dashPunctuation: return UInt8(ascii: "-")
        case .connectorPunctuation: return UInt8(ascii: "_")
        default:
            if scalar.properties.isWhitespace { return 0x20 }
            return scalar.properties.isAlphabetic || scalar.properties.numericType != nil ? other : 0
        }
    }

    private mutating func hide(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        for index in range { isSettled[index] = true }
        hidden.append(places[range.lowerBound]..<places[range.upperBound - 1] + 1)
    }

    // MARK: Signs

    private func isBlank(_ index: Int) -> Bool { units[index] == 0x20 || units[index] == 0x0A }

    private func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(units[index]) }

    private func isLetter(_ index: Int) -> Bool {
        (0x41...0x5A).contains(units[index] & 0xDF) || units[index] == PlainReading.other
    }

    private func isWord(_ index: Int) -> Bool { isDigit(index) || isLetter(index) }

    private func isSeparator(_ index: Int) -> Bool { PlainReading.separators.contains(units[index]) }

    private static let separators = Set(" \n-_:,./\\()+|*~".utf8)

    private func afterBlanks(_ start: Int) -> Int {
        var index = start
        while index < units.count, isBlank(index) { index += 1 }
        return index
    }

    private func beforeBlanks(_ end: Int) -> Int {
        var index = end
        while index > 0, isBlank(index - 1) { index -= 1 }
        return index
    }

    // MARK: Addresses

    /// Words with an `@` within; what stands for one between a name and a domain.
    mutating func takeAddresses() {
        var index = 0
        while index < units.count {
            guard let sign = at(index) else {
                index += 1
                continue
            }
            var start = sign.lowerBound
            var end = sign.upperBound
            let isPlain = sign.count == 1
            if isPlain, start > 0, !isBlank(start - 1) {
                while start > 0, !isBlank(start - 1), !isSettled[start - 1] { start -= 1 }
                while end < units.count, !isBlank(end) { end += 1 }
                if end == sign.upperBound { end = domain(afterBlanks(end)) ?? end }
                hide(start..<end)
            } else if let domain = domain(afterBlanks(end)) {
                start = beforeBlanks(start)
                let name = start
                while start > 0, isAddress(start - 1), !isSettled[start - 1] { start -= 1 }
                if start < name {
                    hide(start..<domain)
                    end = domain
                }
            }
            index = end
        }
    }

    /// `@`, `(at)`, `[at]`, ` at `.
    private func at(_ index: Int) -> Range<Int>? {
        if units[index] == UInt8(ascii: "@") { return index..<index + 1 }
        // From the sign before the word.
        let closing: UInt8
        switch units[index] {
        case UInt8(ascii: "("): closing = UInt8(ascii: ")")
        case UInt8(ascii: "["): closing = UInt8(ascii: "]")
        case UInt8(ascii: "{"): closing = UInt8(ascii: "}")
        case UInt8(ascii: "<"): closing = UInt8(ascii: ">")
        case 0x20, 0x0A: closing = 0x20
        default: return nil
        }
        var start = index + 1
        if closing != 0x20, start < units.count, isBlank(start) { start += 1 }
        guard start < units.count else { return nil }
        let word: Int
        if units[start] == UInt8(ascii: "@") {
            word = start + 1
        } else {
            let length = PlainReading.ats.first { text in
                start + text.count <= units.count && zip(units[start...], text).allSatisfy { $0 | 0x20 == $1 }
            }?.count
            guard let length else { return nil }
            word = start + length
        }
        var end = word
        if closing != 0x20, end < units.count, isBlank(end) { end += 1 }
        guard end < units.count, closing == 0x20 ? isBlank(end) : units[end] == closing else { return nil }
        return index..<end + 1
    }

    private static let ats = ["at", "chiocciola"].map { Array($0.utf8) }

    private func isAddress(_ index: Int) -> Bool { isWord(index) || ".-_+%".utf8.contains(units[index]) }

    /// The end of a name with a dot in it and two letters at its end.
    private func domain(_ start: Int) -> Int? {
        var end = start
        while end < units.count, isWord(end) || units[end] == UInt8(ascii: "-") || units[end] == UInt8(ascii: ".") {
            end += 1
        }
        while end > start, !isWord(end - 1) { end -= 1 }
        guard let dot = (start..<end).last(where: { units[$0] == UInt8(ascii: ".") }), dot > start,
            end - dot > 2, (dot + 1..<end).allSatisfy(isLetter)
        else { return nil }
        return end
    }

    // MARK: Fiscal codes

    /// Sixteen letters and digits of the pattern: in a row anywhere, or in groups that begin and end as words.
    mutating func takeCodes() {
        var index = 0
        while index < units.count {
            if let end = code(index) {
                hide(index..<end)
                index = end
            } else {
                index += 1
            }
        }
    }

    private func code(_ start: Int) -> Int? {
        guard isLetter(start), !isSettled[start] else { return nil }
        var code: [UInt8] = []
        var digits = 0
        var isWhole = true
        var index = start
        while code.count < 16, index < units.count, !isSettled[index] {
            if isWord(index) {
                // Six letters come first.
                if code.count < 6, !isLetter(index) { return nil }
                code.append(isLetter(index) && units[index] < 0x80 ? units[index] & 0xDF : units[index])
                if isDigit(index) { digits += 1 }
                index += 1
            } else {
                guard isSeparator(index) else { return nil }
                isWhole = false
                let first = index
                while index < units.count, isSeparator(index) { index += 1 }
                guard index - first <= 3 else { return nil }
            }
        }
        guard code.count == 16, !code.contains(PlainReading.other),
            FiscalCode.matchesPattern(String(decoding: code, as: UTF8.self))
        else { return nil }
        let stands = (start == 0 || !isWord(start - 1)) && (index == units.count || !isWord(index))
        // Letters may stand for all the digits: what a sentence makes of its letters is no code.
        guard isWhole ? stands || digits > 0 : stands && digits >= 3 else { return nil }
        return index
    }

    // MARK: Numbers

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
    private mutating func settleTickets() {
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
    private func isBreak(_ gap: Range<Int>) -> Bool {
        units[gap].count { $0 == 0x0A } > 1
            || gap.dropLast().contains { units[$0] == UInt8(ascii: ",") && isBlank($0 + 1) }
    }

    private mutating func take(_ groups: [Range<Int>]) {
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
    private func whole(_ number: [Range<Int>]) -> Range<Int> {
        var start = number[0].lowerBound
        let end = number[number.count - 1].upperBound
        if start > 0, units[start - 1] == UInt8(ascii: "+"), !isSettled[start - 1] { start -= 1 }
        if start > 0, units[start - 1] == UInt8(ascii: "("), units[start..<end].contains(UInt8(ascii: ")")) {
            start -= 1
        }
        return start..<end
    }

    private func value(_ group: Range<Int>) -> Int {
        units[group.prefix(9)].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The sign between two groups, if there is but one; blanks around it do not count if `loosely`.
    private func sign(_ groups: [Range<Int>], _ index: Int, loosely: Bool = false) -> UInt8? {
        guard index + 1 < groups.count else { return nil }
        var gap = units[groups[index].upperBound..<groups[index + 1].lowerBound]
        if loosely { gap = gap.filter { $0 != 0x20 && $0 != 0x0A }[...] }
        return gap.count == 1 ? gap.first : nil
    }

    /// Whether something may begin with this group, or end before it.
    private func isEdge(_ groups: [Range<Int>], _ index: Int, dashed: Bool) -> Bool {
        guard index > 0, index < groups.count else { return true }
        let gap = units[groups[index - 1].upperBound..<groups[index].lowerBound]
        return gap.contains(0x20) || gap.contains(0x0A) || dashed && gap.elementsEqual([UInt8(ascii: "-")])
    }

    /// How many groups from here are a date, a time, a range or a year's number.
    private func harmless(_ groups: [Range<Int>], _ index: Int) -> (count: Int, isStrong: Bool)? {
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

    private func isDay(_ group: Range<Int>) -> Bool { group.count <= 2 && (1...31).contains(value(group)) }
    private func isMonth(_ group: Range<Int>) -> Bool { group.count <= 2 && (1...12).contains(value(group)) }
    private func isYear(_ group: Range<Int>) -> Bool { group.count == 4 && (1900...2099).contains(value(group)) }
    private func isTime(_ hours: Range<Int>, _ minutes: Range<Int>) -> Bool {
        hours.count <= 2 && value(hours) <= 24 && minutes.count == 2 && value(minutes) < 60
    }

    /// `512 - 00184 Roma`, also on two lines.
    private func isPostcode(_ groups: [Range<Int>]) -> Bool {
        guard groups.count == 2, groups[0].count <= 4, units[groups[0].lowerBound] != 0x30, groups[1].count == 5
        else { return false }
        let gap = units[groups[0].upperBound..<groups[1].lowerBound]
        let end = groups[1].upperBound
        let next = afterBlanks(end)
        return (gap.contains(UInt8(ascii: "-")) && gap.contains(0x20) || gap.contains(0x0A)) && next > end
            && next < units.count && isLetter(next)
    }

    /// Thousands and cents: with a currency beside them, or such that no telephone is written so.
    private func isPrice(_ groups: [Range<Int>]) -> Bool {
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

    private func hasCurrency(_ start: Int, _ end: Int) -> Bool {
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
