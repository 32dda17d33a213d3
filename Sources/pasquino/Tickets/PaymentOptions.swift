import ArgumentParser
import Civic

/// What the citizen is asked to pay, through pagoPA.
struct PaymentOptions: ParsableArguments {
    @Option(help: "Euros with two decimals, such as 123,45.") var paymentAmount: String?
    @Option(help: "The notice's number: 18 digits.") var paymentNotice: String?
    @Option(help: "The last day, such as 2026-12-31.") var paymentDue: String?
    @Flag(help: "It cannot be paid after that day.") var paymentInvalidAfterDue = false

    /// - Returns: nil without any of the options.
    /// - Throws: `ValidationError` about the one at fault.
    func notice() throws -> PaymentNotice? {
        guard let paymentAmount, let paymentNotice else {
            if paymentAmount != nil || paymentNotice != nil || paymentDue != nil || paymentInvalidAfterDue {
                throw ValidationError("a payment notice needs --payment-amount and --payment-notice")
            }
            return nil
        }
        guard let amount = PaymentNotice.amount(euros: paymentAmount), amount > 0 else {
            throw ValidationError("--payment-amount: expected euros with two decimals, such as 123,45")
        }
        var due: CivilDate?
        if let paymentDue {
            due = CivilDate(paymentDue)
            if due == nil { throw ValidationError("--payment-due: expected a day such as 2026-12-31") }
        }
        if paymentInvalidAfterDue, due == nil {
            throw ValidationError("--payment-invalid-after-due needs --payment-due")
        }
        guard
            let notice = PaymentNotice(
                amount: amount, noticeNumber: paymentNotice, due: due, invalidAfterDue: paymentInvalidAfterDue)
        else { throw ValidationError("--payment-notice: expected 18 digits, the first from 0 to 3") }
        return notice
    }
}
