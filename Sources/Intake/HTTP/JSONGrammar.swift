/// The grammar of JSON (RFC 8259), and nothing else: Foundation looks at numbers and literals only when they are asked
/// for, so a text that is no JSON could pass as a message with a wrong member.
///
/// One pass, no recursion, no allocation but a stack of at most `depth` bits.
struct JSONGrammar {
    /// Deeper than any sender's data, and as deep as Foundation reads.
    private static let depth = 500

    private let bytes: [UInt8]
    private var at = 0
    /// True for an object, false for an array.
    private var open: [Bool] = []

    /// Whether `bytes` are one JSON value. That they are UTF-8 is checked elsewhere.
    static func isValid(_ bytes: [UInt8]) -> Bool {
        var grammar = JSONGrammar(bytes)
        return grammar.document()
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

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
        while let isObject = open.last {
            space()
            if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                open.removeLast()
                continue
            }
            guard take(UInt8(ascii: ",")) else { return false }
            space()
            if isObject, !name() { return false }
            guard value() else { return false }
        }
        space()
        return at == bytes.count
    }

    /// A value; of an object or array that is not empty, its opening up to the end of the first value.
    private mutating func value() -> Bool {
        while true {
            switch next {
            case UInt8(ascii: "{"):
                at += 1
                space()
                if take(UInt8(ascii: "}")) { return true }
                guard open.count < JSONGrammar.depth, name() else { return false }
                open.append(true)
            case UInt8(ascii: "["):
                at += 1
                space()
                if take(UInt8(ascii: "]")) { return true }
                guard open.count < JSONGrammar.depth else { return false }
                open.append(false)
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            default: return number()
            }
        }
    }

    /// A member's name and the colon after it.
    private mutating func name() -> Bool {
        guard next == UInt8(ascii: "\""), string() else { return false }
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

    private mutating func string() -> Bool {
        at += 1
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case 0x00..<0x20: return false
            case UInt8(ascii: "\\"):
                guard let escaped = next else { return false }
                at += 1
                if escaped == UInt8(ascii: "u") {
                    for _ in 0..<4 {
                        guard let digit = next, JSONGrammar.isHexadecimal(digit) else { return false }
                        at += 1
                    }
                } else if !"\"\\/bfnrt".utf8.contains(escaped) {
                    return false
                }
            default: break
            }
        }
        return false
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        return at > start
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { return false }
        if take(UInt8(ascii: ".")), !digits() { return false }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            return digits()
        }
        return true
    }
}
