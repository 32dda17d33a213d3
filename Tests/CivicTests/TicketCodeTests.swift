import Civic
import TestSupport
import Testing

@Suite struct TicketCodeTests {
    static let key: [UInt8] = Array(1...16)
    static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    static func code(_ number: Int64, key: [UInt8] = key) throws -> TicketCode {
        try #require(TicketCode(prefix: "RM", number: number, key: key))
    }

    @Test func hasTheFormOfTheContract() throws {
        let text = try Self.code(1).text
        #expect(text.hasPrefix("RM-"))
        #expect(text.count == 11)
        #expect(text.dropFirst(3).allSatisfy { Self.alphabet.contains($0) })
        #expect(try Self.code(1).description == text)
    }

    @Test func numberIsReadBackWithTheKeyOnly() throws {
        var dice = Dice(2)
        let edges = [0, 1, TicketCode.numbers.upperBound]
        for number in edges + (0..<5000).map({ _ in Int64.random(in: TicketCode.numbers, using: &dice) }) {
            let code = try Self.code(number)
            #expect(code.number(key: Self.key) == number)
            #expect(TicketCode(parsing: code.text, prefix: "RM") == code)
        }
        let wrong = try Self.code(12345).number(key: [9, 9, 9])
        #expect(wrong != 12345)
    }

    @Test(arguments: [-1, 1 << 35, Int64.min, Int64.max])
    func numberOutOfRange(_ number: Int64) {
        #expect(TicketCode(prefix: "RM", number: number, key: Self.key) == nil)
    }

    @Test func neighboursHaveNothingInCommon() throws {
        let codes = try (0..<20_000).map { try Self.code(Int64($0)).text }
        #expect(Set(codes).count == codes.count)
        // Sorted codes are a random order of the numbers: about half of the neighbours ascend.
        let rising = zip(codes, codes.dropFirst()).filter { $0 < $1 }.count
        #expect((9_500...10_500).contains(rising))
        #expect(try codes[7] != Self.code(7, key: Array(2...17)).text)
    }

    @Test(arguments: 0..<20)
    func everyWrongSymbolIsNoticed(_ number: Int64) throws {
        let symbols = Array(try Self.code(number * 1_000_003).text)
        for position in 3..<11 {
            for other in Self.alphabet where other != symbols[position] {
                var wrong = symbols
                wrong[position] = other
                #expect(TicketCode(parsing: String(wrong), prefix: "RM") == nil)
            }
        }
    }

    @Test(arguments: 0..<200)
    func everySwapIsNoticed(_ number: Int64) throws {
        let symbols = Array(try Self.code(number * 7_654_321).text)
        for first in 3..<11 {
            for second in 3..<first where symbols[first] != symbols[second] {
                var wrong = symbols
                wrong.swapAt(first, second)
                #expect(TicketCode(parsing: String(wrong), prefix: "RM") == nil)
            }
        }
    }

    @Test func isReadAsPeopleWriteIt() throws {
        // A code with both confusable digits.
        let code = try #require(
            try (0..<10_000).lazy.map { try Self.code($0) }
                .first { $0.text.dropFirst(3).contains("0") && $0.text.dropFirst(3).contains("1") })
        let text = code.text
        let spellings = [
            text.lowercased(), text.replacing("-", with: ""), text.replacing("0", with: "O").replacing("1", with: "I"),
            text.replacing("0", with: "o").replacing("1", with: "l"), text.map { "\($0)" }.joined(separator: " "),
            " \(text.prefix(7))-\(text.suffix(4))\t", text.replacing("-", with: "\u{2011}"),
        ]
        for spelling in spellings { #expect(TicketCode(parsing: spelling, prefix: "RM") == code, "\(spelling)") }
    }

    @Test func prefixMayHoldConfusableLetters() throws {
        let code = try #require(TicketCode(prefix: "OIL", number: 42, key: Self.key))
        #expect(TicketCode(parsing: code.text, prefix: "OIL")?.text == code.text)
        #expect(TicketCode(parsing: code.text, prefix: "RM") == nil)
    }

    @Test(arguments: [
        "", "RM-", "RM", "RM-7Q4K2MX", "RM-7Q4K2MXDD", "FI-7Q4K2MXD", "RM-7Q4K2MXU", "RM-7Q4K2M\u{0}D", "RM-７Q4K2MXD",
        "🎫",
        String(repeating: "RM-7Q4K2MXD", count: 1000), "RM_7Q4K2MXD", "RM-7Q4K2MX'",
    ])
    func isRefused(_ text: String) { #expect(TicketCode(parsing: text, prefix: "RM") == nil) }

    @Test(arguments: [[], [1], Array(0..<16), Array(0..<32), Array(0..<100)] as [[UInt8]])
    func keyOfAnyLength(_ key: [UInt8]) throws {
        for number in Int64(0)..<100 { #expect(try Self.code(number, key: key).number(key: key) == number) }
    }
}
