import Foundation

/// A text in ASCII as a reader's eye takes it: compatibility forms are their plain ones, every decimal digit, blank and
/// dash is one of ours, and what does not show is not there.
struct PlainReading {
    /// ASCII; `other` for a letter or digit beyond, 0 for any other sign. Euro is `$`.
    var units: [UInt8] = []
    /// Where in the text each stands.
    var places: [Int] = []
    /// Hidden already, or known to be harmless.
    var isSettled: [Bool] = []
    /// Of the text's scalars.
    var hidden: [Range<Int>] = []

    static let other: UInt8 = 0x80

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

    mutating func add(_ unit: UInt8, _ place: Int) {
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

    static func plain(_ scalar: Unicode.Scalar) -> UInt8 {
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

    mutating func hide(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        for index in range { isSettled[index] = true }
        hidden.append(places[range.lowerBound]..<places[range.upperBound - 1] + 1)
    }

    // MARK: Signs

    func isBlank(_ index: Int) -> Bool { units[index] == 0x20 || units[index] == 0x0A }

    func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(units[index]) }

    func isLetter(_ index: Int) -> Bool {
        (0x41...0x5A).contains(units[index] & 0xDF) || units[index] == PlainReading.other
    }

    func isWord(_ index: Int) -> Bool { isDigit(index) || isLetter(index) }

    func isSeparator(_ index: Int) -> Bool { PlainReading.separators.contains(units[index]) }

    static let separators = Set(" \n-_:,./\\()+|*~".utf8)

    func afterBlanks(_ start: Int) -> Int {
        var index = start
        while index < units.count, isBlank(index) { index += 1 }
        return index
    }

    func beforeBlanks(_ end: Int) -> Int {
        var index = end
        while index > 0, isBlank(index - 1) { index -= 1 }
        return index
    }
}
