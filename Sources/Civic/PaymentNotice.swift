/// A payment that a citizen is asked for through pagoPA (App IO's `payment_data`).
public struct PaymentNotice: Hashable, Sendable {
    /// Eurocents, 1 to 9,999,999,999.
    public var amount: Int64
    /// 18 digits, the first from 0 to 3.
    public var noticeNumber: String
    /// The last day, in the city's time zone.
    public var due: CivilDate?
    /// It cannot be paid after `due`.
    public var invalidAfterDue: Bool

    /// - Returns: nil if amount or number are none that pagoPA takes.
    public init?(amount: Int64, noticeNumber: String, due: CivilDate? = nil, invalidAfterDue: Bool = false) {
        let digits = Array(noticeNumber.utf8)
        guard (1...9_999_999_999).contains(amount), digits.count == 18, (0x30...0x33).contains(digits[0]),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.amount = amount
        self.noticeNumber = noticeNumber
        self.due = due
        self.invalidAfterDue = invalidAfterDue
    }

    /// Euros with two decimals, such as `1.234,50` or `1,234.50`.
    /// - Parameter decimalPoint: `,` or `.`; the other one stands between thousands.
    public func amountText(decimalPoint: String) -> String {
        let digits = Array(String(amount / 100))
        var whole = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { whole += decimalPoint == "," ? "." : "," }
            whole.append(digit)
        }
        return whole + decimalPoint + twoDigits(Int(amount % 100))
    }

    /// - Parameter text: euros with two decimals: `123,45` or `123.45`. Whoever writes `123` might mean either unit.
    /// - Returns: eurocents; nil for anything else.
    public static func amount(euros text: String) -> Int64? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "." }
        guard parts.count == 2, (1...8).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return Int64(parts[0] + parts[1])
    }
}
