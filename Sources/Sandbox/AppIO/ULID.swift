import Foundation

/// Message identifiers as App IO gives them: 48 bits of milliseconds and 80 random bits in Crockford's base 32.
enum ULID {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    static func make(at date: Date) -> String {
        let milliseconds = UInt64(max(0, date.timeIntervalSince1970 * 1000))
        var text: [UInt8] = (0..<10).map { alphabet[Int(milliseconds >> UInt64(45 - 5 * $0)) & 31] }
        for _ in 0..<16 { text.append(alphabet[Int.random(in: 0..<32)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
