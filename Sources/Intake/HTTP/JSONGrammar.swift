/// The grammar of JSON (RFC 8259), and nothing else: Foundation looks at numbers and literals only when they are asked
/// for, so a text that is no JSON could pass as a message with a wrong member. What Foundation would read at too great a
/// cost, or refuse without saying why, is found here too.
///
/// One pass, no recursion, no allocation but a stack of at most `depth` levels.
struct JSONGrammar {
    /// Deeper than any sender's data, and as deep as Foundation reads.
    static let depth = 500
    /// Decoding a value costs up to some 10 µs; no form has as many.
    static let values = 10_000
    /// Of a member's name as it is written, in bytes.
    static let nameLength = 2000
    /// Of a number as it is written. Without an exponent, none that is so short is too large for a `Double`.
    static let numberLength = 300

    /// What is right JSON and cannot be taken, with its place.
    struct Fault: Error {
        let message: String
        let path: [Step]

        enum Step: Hashable {
            /// As it is written between the quotes.
            case member([UInt8])
            case element(Int)
        }
    }

    enum Verdict {
        case fine
        /// No JSON, or none that is looked at further.
        case malformed(String)
        case fault(Fault)
    }

    /// An object or array that is open, and the member or element in it that is being read.
    private struct Level {
        let isObject: Bool
        var name = 0..<0
        var index = 0
    }

    private let bytes: [UInt8]
    private var at = 0
    private var open: [Level] = []
    private let values: Int
    private var count = 0
    private var isTooDeep = false
    private var fault: Fault?

    /// What `bytes` are. That they are UTF-8 is checked elsewhere.
    /// - Parameter values: the most that are read; of a sender who has proved itself it may be more.
    static func verdict(on bytes: [UInt8], values: Int = values) -> Verdict {
        var grammar = JSONGrammar(bytes, values: values)
        guard grammar.document() else {
            return .malformed(
                grammar.isTooDeep ? "the body is nested more than \(depth) levels deep" : "the body is not JSON")
        }
        return grammar.fault.map(Verdict.fault) ?? .fine
    }

    private init(_ bytes: [UInt8], values: Int) {
        self.bytes = bytes
        self.values = values
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// The first one counts, and only if the rest is JSON. `around` leaves out the member that is being read.
    private mutating func find(_ message: String, around: Bool = false) {
        guard fault == nil else { return }
        let levels = around ? open.dropLast() : open[...]
        fault = Fault(
            message: message,
            path: levels.map { $0.isObject ? .member(Array(bytes[$0.name])) : .element($0.index) })
    }

    private mutating func space() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func document() -> Bool {
        space()
        guard value() else { return false }
        while let isObject = open.last?.isObject {
            space()
            if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                open.removeLast()
                continue
            }
            guard take(UInt8(ascii: ",")) else { return false }
            space()
            open[open.count - 1].index += 1
            if isObject, !name() { return false }
            guard value() else { return false }
        }
        space()
        return at == bytes.count
    }

    /// A value; of an object or array that is not empty, its opening up to the end of the first value.
    private mutating func value() -> Bool {
        while true {
            count += 1
            if count == values + 1 {
                fault = fault ?? Fault(message: "the body has more than \(values) values", path: [])
            }
            switch next {
            case UInt8(ascii: "{"):
                at += 1
                space()
                if take(UInt8(ascii: "}")) { return true }
                guard enter(Level(isObject: true)), name() else { return false }
            case UInt8(ascii: "["):
                at += 1
                space()
                if take(UInt8(ascii: "]")) { return true }
                guard enter(Level(isObject: false)) else { return false }
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            default: return number()
            }
        }
    }

    private mutating func enter(_ level: Level) -> Bool {
        isTooDeep = open.count == JSONGrammar.depth
        if !isTooDeep { open.append(level) }
        return !isTooDeep
    }

    /// A member's name and the colon after it.
    private mutating func name() -> Bool {
        let start = at + 1
        guard next == UInt8(ascii: "\""), string(isName: true) else { return false }
        open[open.count - 1].name = start..<at - 1
        if at - 1 - start > JSONGrammar.nameLength {
            find("a member's name is longer than \(JSONGrammar.nameLength) bytes", around: true)
        }
        space()
        guard take(UInt8(ascii: ":")) else { return false }
        space()
        return true
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard at + length <= bytes.count else { return false }
        for offset in 0..<length where bytes[at + offset] != word.utf8Start[offset] { return false }
        at += length
        return true
    }

    private mutating func string(isName: Bool = false) -> Bool {
        at += 1
        // The first half of a pair of surrogates came just before.
        var isHalf = false
        var isBroken = false
        while let byte = next {
            at += 1
            var unit: UInt16 = 0
            switch byte {
            case 0x00..<0x20: return false
            case UInt8(ascii: "\\"):
                guard let escaped = escape() else { return false }
                unit = escaped
            default: break
            }
            let isSecond = UTF16.isTrailSurrogate(unit)
            isBroken = isBroken || isHalf != isSecond
            isHalf = UTF16.isLeadSurrogate(unit)
            if byte == UInt8(ascii: "\"") {
                if isBroken { find("half of a surrogate pair (\\uD800 to \\uDFFF) stands alone", around: isName) }
                return true
            }
        }
        return false
    }

    /// What follows a backslash.
    /// - Returns: the unit that `\u` names, 0 for the others, nil if it is no escape.
    private mutating func escape() -> UInt16? {
        guard let escaped = next else { return nil }
        at += 1
        guard escaped == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(escaped) ? 0 : nil }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else { return nil }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        return at > start
    }

    private mutating func number() -> Bool {
        let start = at
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { return false }
        if take(UInt8(ascii: ".")), !digits() { return false }
        let hasExponent = take(UInt8(ascii: "e")) || take(UInt8(ascii: "E"))
        if hasExponent {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return false }
        }
        if at - start > JSONGrammar.numberLength {
            find("a number has more than \(JSONGrammar.numberLength) digits")
        } else if hasExponent, !JSONGrammar.isInRange(bytes[start..<at]) {
            find("a number is too large or too small")
        }
        return true
    }

    /// Foundation takes what a `Double` holds, but no number so near to 0 that it becomes 0.
    private static func isInRange(_ number: ArraySlice<UInt8>) -> Bool {
        guard let value = Double(String(decoding: number, as: UTF8.self)), value.isFinite else { return false }
        let mantissa = number.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        return !value.isZero || !mantissa.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    }
}
