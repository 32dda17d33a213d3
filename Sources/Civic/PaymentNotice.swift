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
}
