import Civic
import Postgres

extension Correspondence {
    /// A mail that joins a ticket.
    public struct Addition: Sendable {
        /// With the outcome `.appended`.
        public var record: IntakeRecord
        public var ticket: Int64
        /// What the ticket's history says of it; null: nothing.
        public var event: TicketEvent.Kind?
        public var by: String
        public var note: String?
        /// A closed ticket is opened again.
        public var reopens: Bool
        /// The citizen is told of the reopening.
        public var tells: Bool
        /// The office is told that there is something new: its address, by office. Of ten replies within an hour at most: a
        /// robot may answer whatever the office is told.
        public var officeAddress: @Sendable (_ office: String) -> String?
        /// For offices.
        public var officeLanguage: String
        public var lifetime: Duration

        public init(
            record: IntakeRecord, ticket: Int64, event: TicketEvent.Kind?, by: String, note: String? = nil,
            reopens: Bool = false, tells: Bool = false,
            officeAddress: @escaping @Sendable (_ office: String) -> String? = { _ in nil },
            officeLanguage: String = "it", lifetime: Duration = .seconds(72 * 3600)
        ) {
            self.record = record
            self.ticket = ticket
            self.event = event
            self.by = by
            self.note = note
            self.reopens = reopens
            self.tells = tells
            self.officeAddress = officeAddress
            self.officeLanguage = officeLanguage
            self.lifetime = lifetime
        }
    }

    public enum AdditionResult: Sendable {
        case appended([OwedNotification])
        case duplicate
        /// There is no such ticket any more.
        case noSuchTicket
    }

    /// Writes the message, the event, the ticket's new state and what is owed in one transaction.
    public func append(
        _ addition: Addition, owner: Holder?,
        due: @escaping @Sendable (_ category: String?, _ office: String, _ from: Timestamp) -> Timestamp?
    ) async throws -> AdditionResult {
        try await pool.transaction { session in
            guard let ticket = try await Standing.locked(addition.ticket, in: session) else { return .noSuchTicket }
            guard let owed = try await Self.write(addition, to: ticket, owner: owner, due: due, in: session) else {
                return .duplicate
            }
            return .appended(owed)
        }
    }

    /// Writes it below a ticket whose row is locked.
    /// - Returns: what is owed; nil if the message was here already.
    static func write(
        _ addition: Addition, to ticket: Standing, owner: Holder?,
        due: @Sendable (_ category: String?, _ office: String, _ from: Timestamp) -> Timestamp?,
        in session: PostgresTransaction
    ) async throws -> [OwedNotification]? {
        let fresh = try await session.query(
            IntakeStatement.sql, IntakeStatement.parameters([addition.record], owner: owner))
        guard !fresh.isEmpty else { return nil }

        let at = addition.record.message.receivedAt
        let reopens = addition.reopens && ticket.status.isClosed
        guard let kind = reopens ? .reopened : addition.event else { return [] }
        let event = Identifier.timeOrdered(at: at)
        _ = try await session.query(
            "insert into event (id, ticket, at, kind, actor, note) values ($1, $2, $3, $4, $5, $6)",
            [
                .uuid(event.high, event.low), .int8(ticket.number), .timestamptz(at.microseconds),
                .text(kind.rawValue), .text(addition.by), .optional(addition.note),
            ])
        var dueAt = ticket.dueAt
        if reopens {
            dueAt = due(ticket.category, ticket.office, at)
            _ = try await session.query(
                "update ticket set status = 'reopened', closed_at = null, due_at = $2 where number = $1",
                [.int8(ticket.number), .optional(dueAt)])
        }
        var owed: [OwedNotification] = []
        if reopens, addition.tells, let contact = ticket.contact {
            owed.append(
                ticket.owed(
                    to: contact, note: nil, template: "reopened", language: ticket.language, event, at, dueAt,
                    addition.lifetime))
        }
        if kind == .message || kind == .reopened, let email = addition.officeAddress(ticket.office),
            try await Self.tellings(ticket.number, before: at, in: session) < 10
        {
            owed.append(
                ticket.owed(
                    to: Contact(medium: .email, address: email), note: addition.note, template: "office_reply",
                    language: addition.officeLanguage, event, at, dueAt, addition.lifetime))
        }
        return try await Outbox.insert(owed, owner: owner, in: session)
    }

    /// How often an office was told of something new on a ticket, within the last hour.
    private static func tellings(
        _ ticket: Int64, before now: Timestamp, in session: PostgresTransaction
    ) async throws -> Int64 {
        let rows = try await session.query(
            """
            select count(*) from notification
            where ticket = $1 and template = 'office_reply' and created_at > $2::timestamptz - interval '1 hour'
            """, [.int8(ticket), .timestamptz(now.microseconds)])
        return rows.first?.int(0) ?? 0
    }

    /// A ticket as it stands under the lock.
    struct Standing: Sendable {
        let number: Int64
        let code: String
        let status: TicketStatus
        let category: String?
        let office: String
        let language: String
        let openedAt: Timestamp
        let dueAt: Timestamp?
        let contact: Contact?
        let priority: Priority
        let mailID: String?

        init?(_ row: PostgresRow) {
            guard let number = row.int(0), let code = row.string(1),
                let status = row.string(2).flatMap(TicketStatus.init), let office = row.string(4),
                let language = row.string(5), let openedAt = row.moment(6)
            else { return nil }
            self.number = number
            self.code = code
            self.status = status
            category = row.string(3)
            self.office = office
            self.language = language
            self.openedAt = openedAt
            dueAt = row.moment(7)
            contact = Contact(medium: row.string(8), address: row.string(9), fallback: row.string(10))
            priority = row.string(11).flatMap(Priority.init) ?? .normal
            mailID = row.string(12)
        }

        /// The ticket, locked until the transaction ends; nil if there is none.
        static func locked(_ number: Int64, in session: PostgresTransaction) async throws -> Standing? {
            let rows = try await session.query(
                """
                select number, code, status, category, office, language, opened_at, due_at, contact_medium, contact,
                       contact_fallback, priority,
                       (\(Outbox.openingMail("number")))
                from ticket where number = $1 for update
                """, [.int8(number)])
            return rows.first.flatMap(Standing.init)
        }

        /// - Parameter note: for an office; to the citizen it would seem to be the office's word.
        func owed(
            to contact: Contact, note: String?, template: String, language: String, _ event: Identifier,
            _ at: Timestamp,
            _ dueAt: Timestamp?, _ lifetime: Duration
        ) -> OwedNotification {
            OwedNotification(
                id: .timeOrdered(at: at), ticket: number, event: event, code: code, medium: contact.medium,
                recipient: contact.address, fallback: contact.fallback, template: template, language: language,
                createdAt: at, nextAttemptAt: at, expiresAt: at + lifetime, priority: priority,
                category: category, office: office, openedAt: openedAt, dueAt: dueAt, eventAt: at,
                note: note, inReplyTo: mailID)
        }
    }
}
