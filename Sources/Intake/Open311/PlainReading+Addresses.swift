import Civic

/// E-mail addresses and fiscal codes.
extension PlainReading {
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
    func at(_ index: Int) -> Range<Int>? {
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

    static let ats = ["at", "chiocciola"].map { Array($0.utf8) }

    func isAddress(_ index: Int) -> Bool { isWord(index) || ".-_+%".utf8.contains(units[index]) }

    /// The end of a name with a dot in it and two letters at its end.
    func domain(_ start: Int) -> Int? {
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

    func code(_ start: Int) -> Int? {
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
}
