import Civic
import FoundationEssentials

/// What an event carries beyond its words, as the database holds it.
public struct EventDetails: Hashable, Sendable {
    public var payment: PaymentNotice?

    public init(payment: PaymentNotice? = nil) { self.payment = payment }

    /// Nil if there is nothing to keep.
    public var json: JSON? { payment.map { .object([("payment", $0.json)]) } }
}

extension PaymentNotice {
    public var json: JSON {
        .object([
            ("amount", .int(amount)), ("notice_number", .string(noticeNumber)),
            ("due_date", .optional(due?.description)), ("invalid_after_due_date", .bool(invalidAfterDue)),
        ])
    }

    init?(json: String) {
        struct Members: Decodable {
            var amount: Int64
            var noticeNumber: String
            var due: String?
            var invalidAfterDue: Bool?
            enum CodingKeys: String, CodingKey {
                case amount
                case noticeNumber = "notice_number"
                case due = "due_date"
                case invalidAfterDue = "invalid_after_due_date"
            }
        }
        guard let members = try? JSONDecoder().decode(Members.self, from: Data(json.utf8)) else { return nil }
        self.init(
            amount: members.amount, noticeNumber: members.noticeNumber,
            due: members.due.flatMap { CivilDate($0) }, invalidAfterDue: members.invalidAfterDue ?? false)
    }
}

extension OwedNotification.Earlier {
    /// `[["acknowledged", 1795300000.25, "note"], …]`, as `Outbox.columns` makes it.
    static func list(json: String) -> [Self] {
        guard let rows = try? JSONDecoder().decode([Row].self, from: Data(json.utf8)) else { return [] }
        return rows.compactMap(\.earlier)
    }

    private struct Row: Decodable {
        var earlier: OwedNotification.Earlier?

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            let kind = TicketEvent.Kind(rawValue: try values.decode(String.self))
            let at = Timestamp(microseconds: Int64(try values.decode(Double.self) * 1_000_000))
            let note = try values.decodeIfPresent(String.self)
            earlier = kind.map { OwedNotification.Earlier(kind: $0, at: at, note: note) }
        }
    }
}
