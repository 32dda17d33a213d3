import Civic
import Foundation

/// The member `payment` of an event: what App IO's `payment_data` takes, and the last day.
struct PaymentBody: Decodable {
    let amount: Int64
    let noticeNumber: String
    let due: String?
    let invalidAfterDue: Bool

    private enum CodingKeys: String, CodingKey {
        case amount
        case noticeNumber = "notice_number"
        case due = "due_date"
        case invalidAfterDue = "invalid_after_due_date"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        guard let amount = try members.wholeNumber(.amount) else {
            throw PaymentBody.wrongAmount
        }
        self.amount = amount
        noticeNumber = try members.decode(String.self, forKey: .noticeNumber)
        due = try members.decodeIfPresent(String.self, forKey: .due)
        invalidAfterDue = try members.decodeIfPresent(Bool.self, forKey: .invalidAfterDue) ?? false
    }

    private static let wrongAmount = Problem.invalid(
        "/payment/amount", "expected a whole number of eurocents, 1 to 9999999999, written without fraction")

    /// `50.00` is the whole number 50 to a JSON reader, and fifty euros to who wrote it.
    ///
    /// Inside a text the quotation mark after `amount` would have a backslash before it, so the words found are a member.
    static func checkWriting(of body: [UInt8]) throws(Problem) {
        let member = Array(#""amount""#.utf8)
        for start in body.indices where body[start...].starts(with: member) {
            let value = body[(start + member.count)...].drop { " \t\r\n:".utf8.contains($0) }
            let number = value.prefix { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
            guard number.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) else { throw wrongAmount }
        }
    }

    func notice() throws(Problem) -> PaymentNotice {
        var day: CivilDate?
        if let due {
            day = CivilDate(due)
            guard let day, day.description == due else {
                throw .invalid("/payment/due_date", "expected a day such as 2026-12-31")
            }
        }
        guard !invalidAfterDue || day != nil else {
            throw .invalid("/payment/invalid_after_due_date", "it needs due_date")
        }
        guard (1...9_999_999_999).contains(amount) else { throw PaymentBody.wrongAmount }
        guard
            let notice = PaymentNotice(
                amount: amount, noticeNumber: noticeNumber, due: day, invalidAfterDue: invalidAfterDue)
        else { throw .invalid("/payment/notice_number", "expected 18 digits, the first from 0 to 3") }
        return notice
    }
}

extension KeyedDecodingContainer {
    /// Nil for a number with a fraction, or one that no integer holds.
    fileprivate func wholeNumber(_ key: Key) throws -> Int64? {
        do {
            return try decode(Int64.self, forKey: key)
        } catch let error as DecodingError {
            throw error
        } catch {
            // Foundation has a private error for it, which it makes a `DecodingError` without place further up.
            return nil
        }
    }
}
