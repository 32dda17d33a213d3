import Synchronization

/// Orders the ids of one millisecond. Of 30 bits: twelve alone begin anew so often that among the steps of a busy day some
/// would lie the wrong way round.
private let counter = Atomic<UInt64>(UInt64.random(in: 0..<1 << 29))

/// A 128-bit id, a UUID in PostgreSQL.
public struct Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// UUID version 7 (RFC 9562): milliseconds first, so that new rows lie together in an index; then a counter, so
    /// that what is made later is greater (section 6.2), then 44 random bits.
    public static func timeOrdered(at moment: Timestamp) -> Identifier {
        var generator = SystemRandomNumberGenerator()
        let milliseconds = UInt64(max(0, moment.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
        let count = counter.add(1, ordering: .relaxed).newValue
        return Identifier(
            high: milliseconds << 16 | 0x7000 | count >> 18 & 0xFFF,
            low: 0x8000_0000_0000_0000 | (count & 0x3_FFFF) << 44 | generator.next() & 0xFFF_FFFF_FFFF)
    }

    /// The canonical text form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, in either case.
    public init?(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var index = 0
        for byte in text.utf8 {
            if [8, 13, 18, 23].contains(index) {
                guard byte == 0x2D else { return nil }
            } else {
                let digit: UInt64
                switch byte {
                case 0x30...0x39: digit = UInt64(byte - 0x30)
                case 0x41...0x46: digit = UInt64(byte - 0x41 + 10)
                case 0x61...0x66: digit = UInt64(byte - 0x61 + 10)
                default: return nil
                }
                if digits < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
                digits += 1
            }
            index += 1
            guard index <= 36 else { return nil }
        }
        guard index == 36 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for position in 0..<32 {
            if [8, 12, 16, 20].contains(position) { text.append(0x2D) }
            let word = position < 16 ? high : low
            text.append(digits[Int(word >> UInt64(60 - position % 16 * 4) & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func < (a: Identifier, b: Identifier) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
