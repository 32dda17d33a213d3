/// A fiscal code to which App IO may be asked to write.
///
/// Only the pattern is checked, as App IO does: the check character is a matter of who takes the code in, and the codes
/// of App IO's own documentation would fail it. The pattern admits the codes made unique with letters instead of
/// digits, and not the 11 digits of companies and of provisional codes.
public struct AppIORecipient: Hashable, Sendable {
    /// Sixteen capital letters and digits.
    public let fiscalCode: String

    /// Whether App IO can be asked at all.
    public enum Eligibility: Hashable, Sendable {
        case applicable(AppIORecipient)
        /// The reason does not contain the code.
        case notApplicable(reason: String)
    }

    private init(fiscalCode: String) { self.fiscalCode = fiscalCode }

    public static func of(_ code: String) -> Eligibility {
        let code = PlainText.singleLine(code).uppercased()
        if code.utf8.count == 11, code.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .notApplicable(reason: "an 11-digit fiscal code has no App IO")
        }
        guard FiscalCodePattern.matches(code) else {
            return .notApplicable(reason: "not a fiscal code that App IO accepts")
        }
        return .applicable(AppIORecipient(fiscalCode: code))
    }
}

/// `^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`, of App IO's
/// specification.
enum FiscalCodePattern {
    private enum Place {
        case letter, digit, month
    }

    private static let places: [Place] =
        Array(repeating: .letter, count: 6) + [.digit, .digit, .month, .digit, .digit, .letter]
        + [.digit, .digit, .digit, .letter]
    private static let digits = Set("0123456789LMNPQRSTUV".utf8)
    private static let months = Set("ABCDEHLMPRST".utf8)

    static func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == places.count && matches(bytes[...])
    }

    /// Whether sixteen characters of `text` in a row are a code.
    static func isContained(in text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= places.count else { return false }
        return (0...bytes.count - places.count).contains { matches(bytes[$0..<$0 + places.count]) }
    }

    private static func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, places).allSatisfy { byte, place in
            switch place {
            case .letter: (0x41...0x5A).contains(byte)
            case .digit: digits.contains(byte)
            case .month: months.contains(byte)
            }
        }
    }
}
