import Civic

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
        guard FiscalCode.matchesPattern(code) else {
            return .notApplicable(reason: "not a fiscal code that App IO accepts")
        }
        return .applicable(AppIORecipient(fiscalCode: code))
    }
}
