/// What a citizen reads out to ask about a ticket: a city's prefix and eight Crockford base-32 symbols, the last of
/// which checks the others (`RM-7Q4K2MXD`).
///
/// A code is a ticket's number in disguise: a keyed permutation of all 35-bit numbers, so that two tickets never share
/// a code and nobody can tell from codes how many tickets there are. The check symbol makes the weighted sum of all
/// eight symbols zero in GF(32); since the weights are distinct and none is zero, every single wrong symbol and every
/// swap of two symbols is noticed.
public struct TicketCode: Hashable, Sendable, CustomStringConvertible {
    public let prefix: String
    /// The permuted number.
    private let value: UInt64

    /// The numbers that have a code: 34 thousand millions.
    public static let numbers: ClosedRange<Int64> = 0...(1 << 35 - 1)

    /// - Parameters:
    ///   - prefix: two to four capital letters.
    ///   - key: the installation's secret, 16 random bytes or more; another key gives other codes.
    /// - Returns: nil if the number is out of range.
    public init?(prefix: String, number: Int64, key: [UInt8]) {
        guard TicketCode.numbers.contains(number) else { return nil }
        self.prefix = prefix
        value = Permutation(key: key).forward(UInt64(number))
    }

    /// Reads a code as people write and dictate it: in either case, O for 0, I or L for 1, with spaces or hyphens
    /// anywhere or nowhere.
    /// - Returns: nil if it is not a code with this prefix, or the check symbol says that it was mistyped.
    public init?(parsing text: String, prefix: String) {
        guard text.utf8.count <= 64 else { return nil }
        var symbols: [UInt8] = []
        for scalar in text.unicodeScalars where !TicketCode.separators.contains(scalar) {
            guard scalar.isASCII else { return nil }
            symbols.append(TicketCode.folded(UInt8(scalar.value)))
        }
        let head = prefix.utf8.map(TicketCode.folded)
        guard symbols.count == head.count + 8, symbols.starts(with: head) else { return nil }
        var value: UInt64 = 0
        var sum: UInt8 = 0
        for (position, symbol) in symbols.dropFirst(head.count).enumerated() {
            guard let digit = TicketCode.alphabet.firstIndex(of: symbol) else { return nil }
            sum ^= TicketCode.product(UInt8(digit), TicketCode.weights[position])
            if position < 7 { value = value << 5 | UInt64(digit) }
        }
        guard sum == 0 else { return nil }
        self.prefix = prefix
        self.value = value
    }

    /// The canonical form, `RM-7Q4K2MXD`.
    public var text: String {
        var symbols = Array(prefix.utf8) + [0x2D]
        var sum: UInt8 = 0
        for position in 0..<7 {
            let digit = UInt8(value >> UInt64(30 - 5 * position) & 31)
            sum ^= TicketCode.product(digit, TicketCode.weights[position])
            symbols.append(TicketCode.alphabet[Int(digit)])
        }
        symbols.append(TicketCode.alphabet[Int(sum)])  // the check symbol's own weight is 1
        return String(decoding: symbols, as: UTF8.self)
    }

    public var description: String { text }

    /// The ticket's number, for whoever holds the key.
    public func number(key: [UInt8]) -> Int64 { Int64(Permutation(key: key).backward(value)) }
}

extension TicketCode {
    /// Crockford's: no I, L, O or U.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    /// Powers of a generator of GF(32): distinct, none zero.
    private static let weights: [UInt8] = {
        var powers: [UInt8] = [1]
        while powers.count < 8 { powers.append(product(powers[powers.count - 1], 2)) }
        return powers.reversed()
    }()

    /// Space, tab, the hyphens and dashes of Unicode, the no-break space.
    private static let separators: Set<Unicode.Scalar> = [
        " ", "\t", "-", "\u{A0}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2212}",
    ]

    private static func folded(_ byte: UInt8) -> UInt8 {
        let upper = (0x61...0x7A).contains(byte) ? byte - 0x20 : byte
        return switch upper {
        case UInt8(ascii: "O"): UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
        default: upper
        }
    }

    /// In GF(32) with x⁵ + x² + 1.
    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var (a, b, sum) = (a, b, UInt8(0))
        while b != 0 {
            if b & 1 != 0 { sum ^= a }
            a <<= 1
            if a & 0x20 != 0 { a ^= 0x25 }
            b >>= 1
        }
        return sum
    }
}

/// A keyed permutation of 0 ..< 2³⁵: a Feistel network over 36 bits, walked again while the result is out of range.
private struct Permutation {
    private let key: (UInt64, UInt64)
    private static let half: UInt64 = 1 << 18 - 1
    private static let rounds: [UInt64] = Array(0..<8)

    init(key bytes: [UInt8]) {
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.enumerated() {
            let shifted = UInt64(byte) << UInt64(index % 8 * 8)
            if index % 16 < 8 { words.0 ^= shifted } else { words.1 ^= shifted }
        }
        key = words
    }

    func forward(_ number: UInt64) -> UInt64 {
        walk(number) { value in
            var (left, right) = (value >> 18, value & Permutation.half)
            for round in Permutation.rounds { (left, right) = (right, left ^ scramble(right, round)) }
            return left << 18 | right
        }
    }

    func backward(_ number: UInt64) -> UInt64 {
        walk(number) { value in
            var (left, right) = (value >> 18, value & Permutation.half)
            for round in Permutation.rounds.reversed() { (left, right) = (right ^ scramble(left, round), left) }
            return left << 18 | right
        }
    }

    /// Ends: a permutation's cycle comes back to its start, which is in range.
    private func walk(_ start: UInt64, _ step: (UInt64) -> UInt64) -> UInt64 {
        var value = step(start)
        while value >> 35 != 0 { value = step(value) }
        return value
    }

    private func scramble(_ half: UInt64, _ round: UInt64) -> UInt64 {
        sipHash(round << 32 | half, key: key) & Permutation.half
    }
}

/// SipHash-2-4 (Aumasson and Bernstein) of one 64-bit word.
func sipHash(_ word: UInt64, key: (UInt64, UInt64)) -> UInt64 {
    var v0 = key.0 ^ 0x736f_6d65_7073_6575
    var v1 = key.1 ^ 0x646f_7261_6e64_6f6d
    var v2 = key.0 ^ 0x6c79_6765_6e65_7261
    var v3 = key.1 ^ 0x7465_6462_7974_6573
    func rotated(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }
    func mix(_ times: Int) {
        for _ in 0..<times {
            v0 &+= v1
            v2 &+= v3
            v1 = rotated(v1, 13) ^ v0
            v3 = rotated(v3, 16) ^ v2
            v0 = rotated(v0, 32)
            v2 &+= v1
            v0 &+= v3
            v1 = rotated(v1, 17) ^ v2
            v3 = rotated(v3, 21) ^ v0
            v2 = rotated(v2, 32)
        }
    }
    for block in [word, 8 << 56] {
        v3 ^= block
        mix(2)
        v0 ^= block
    }
    v2 ^= 0xFF
    mix(4)
    return v0 ^ v1 ^ v2 ^ v3
}
