/// A telephone number in E.164, `+390606` … with its country code.
///
/// A number without country code is Italian. Italian landlines keep their leading zero (+39 06…), and an Italian number
/// must fit the national numbering plan; of other countries only the length is known. Emergency and other short numbers
/// (112, 1515) are not E.164 numbers.
public struct PhoneNumber: Hashable, Sendable, CustomStringConvertible {
    /// `+` and 7 to 15 digits.
    public let text: String

    /// Spaces, hyphens, dots, slashes and parentheses are ignored; `00` stands for `+`.
    public init?(_ text: String) {
        guard text.utf8.count <= 64, let (digits, international) = PhoneNumber.digits(of: text) else { return nil }
        if international {
            guard let number = PhoneNumber.international(digits) else { return nil }
            self.text = number
        } else if PhoneNumber.isItalian(digits) {
            self.text = "+39" + digits
        } else if digits.hasPrefix("39"), PhoneNumber.isItalian(digits.dropFirst(2)) {
            // Written without the plus sign, as messaging services do.
            self.text = "+" + digits
        } else {
            return nil
        }
    }

    public var description: String { text }

    private static let separators: Set<Unicode.Scalar> = [
        " ", "\t", "-", ".", "/", "(", ")", "\u{A0}", "\u{202F}", "\u{2010}", "\u{2011}", "\u{2013}",
    ]

    /// The digits, and whether they begin with a country code.
    private static func digits(of text: String) -> (String, international: Bool)? {
        var digits = ""
        var plus = false
        for scalar in text.unicodeScalars {
            if separators.contains(scalar) { continue }
            if scalar == "+", !plus, digits.isEmpty {
                plus = true
            } else if (0x30...0x39).contains(scalar.value) {
                digits.unicodeScalars.append(scalar)
            } else {
                return nil
            }
        }
        if !plus, digits.hasPrefix("00") { return (String(digits.dropFirst(2)), true) }
        return (digits, plus)
    }

    private static func international(_ digits: String) -> String? {
        guard (7...15).contains(digits.utf8.count), !digits.hasPrefix("0") else { return nil }
        if digits.hasPrefix("39"), !isItalian(digits.dropFirst(2)) { return nil }
        return "+" + digits
    }

    /// Italy's numbering plan, as far as length and first digits go (libphonenumber's metadata, 9.0).
    private static func isItalian(_ national: some StringProtocol) -> Bool {
        let digits = national.utf8.map { $0 - 0x30 }
        guard let first = digits.first, digits.count >= 6 else { return false }
        let second = digits[1]
        switch first {
        case 0: return (6...12).contains(digits.count)
        case 1: return (9...11).contains(digits.count)
        case 3 where second == 9: return (9...10).contains(digits.count)
        case 3: return (9...12).contains(digits.count)
        case 4: return second == 3 && digits.count == 10
        case 5: return second == 5 && digits.count == 10
        case 7: return second == 0 && digits.count == 10
        case 8: return [6, 8, 9, 10].contains(digits.count)
        default: return false
        }
    }
}
