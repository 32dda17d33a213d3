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
        /// The office is told that there is something new. Of ten replies within an hour at most: a robot may answer
        /// whatever the office is told.
        public var offices: OfficeNotices
        public var timing: Timing
        /// On which medium the citizen is told.
        public var choice = MediumChoice()

        public init(
            record: IntakeRecord, ticket: Int64, event: TicketEvent.Kind?, by: String, note: String? = nil,
            reopens: Bool = false, tells: Bool = false,
            offices: OfficeNotices = .none, timing: Timing = .prompt()
        ) {
            self.record = record
            self.ticket = ticket
            self.event = event
            self.by = by
            self.note = note
            self.reopens = reopens
            self.tells = tells
            self.offices = offices
            self.timing = timing
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
        let statement = IntakeStatement([addition.record], owner: owner)
        let fresh = try await session.query(statement.sql, statement.parameters)
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
        if kind == .message, ticket.status == .waiting {
            if let due = dueAt, let since = ticket.waitingSince {
                let wait = Wait(from: since, to: at)
                dueAt = addition.timing.due(due, wait, ticket.target, ticket.category, ticket.office)
            }
            _ = try await session.query(
                """
                update ticket set status = 'in_progress', waiting_since = null, due_at = $2,
                    escalation = case when due_at is distinct from $2 then 0 else escalation end
                where number = $1
                """, [.int8(ticket.number), .optional(dueAt)])
        }
        if reopens {
            dueAt = due(ticket.category, ticket.office, at)
            _ = try await session.query(
                "update ticket set status = 'reopened', closed_at = null, due_at = $2, escalation = 0 where number = $1",
                [.int8(ticket.number), .optional(dueAt)])
        }
        var owed: [OwedNotification] = []
        if reopens, addition.tells,
            let chosen = addition.choice.choose(
                among: ticket.contact?.ways ?? [], office: ticket.office, standing: ticket.standing, occasion: .answer,
                at: at)
        {
            try await Tickets.remember(chosen, of: ticket.number, in: session)
            var told = ticket.owed(
                to: chosen.contact, note: nil, template: "reopened", language: ticket.language, event, at, dueAt,
                addition.timing)
            told.withheld = chosen.withheld
            owed.append(
                try await Outbox.tell(told, isAnswer: true, timing: addition.timing, owner: owner, in: session))
        }
        let hearers =
            kind == .message || kind == .reopened
            ? addition.offices.news(ticket.office).filter { _ in ticket.office != addition.by } : []
        if !hearers.isEmpty, try await Self.tellings(ticket.number, before: at, in: session) < 10 {
            for address in hearers {
                var told = ticket.owed(
                    to: address.contact, note: addition.note, template: OfficeNotices.newsTemplate,
                    language: addition.offices.language, event, at, dueAt, addition.timing)
                told.expiresAt = at + address.lifetime
                owed.append(try await Outbox.insert(told, owner: owner, in: session))
            }
        }
        return owed
    }

    /// How often an office was told of something new on a ticket, within the last hour.
    private static func tellings(
        _ ticket: Int64, before now: Timestamp, in session: PostgresTransaction
    ) async throws -> Int64 {
        let rows = try await session.query(
            """
            select count(distinct event) from notification
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
        let waitingSince: Timestamp?
        /// See `Tickets.target`.
        let target: TargetTime?
        let standing: CitizenStanding

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
            waitingSince = row.moment(13)
            target = row.string(14).flatMap(TargetTime.init)
            standing = CitizenStanding(row, from: 16, wish: row.string(15))
        }

        /// The ticket, locked until the transaction ends; nil if there is none.
        static func locked(_ number: Int64, in session: PostgresTransaction) async throws -> Standing? {
            let rows = try await session.query(
                """
                select number, code, status, category, office, language, opened_at, due_at, contact_medium, contact,
                       contact_fallback, priority,
                       (\(Outbox.openingMail("number"))), waiting_since, \(Tickets.target), contact_wish,
                       \(CitizenStanding.columns(of: "ticket.citizen"))
                from ticket where number = $1 for update
                """, [.int8(number)])
            return rows.first.flatMap(Standing.init)
        }

        /// - Parameter note: for an office; to the citizen it would seem to be the office's word.
        func owed(
            to contact: Contact, note: String?, template: String, language: String, _ event: Identifier,
            _ at: Timestamp, _ dueAt: Timestamp?, _ timing: Timing
        ) -> OwedNotification {
            var owed = OwedNotification(
                id: .timeOrdered(at: at), ticket: number, event: event, code: code, medium: contact.medium,
                recipient: contact.address, fallback: contact.fallback, template: template, language: language,
                createdAt: at, nextAttemptAt: at, expiresAt: at, priority: priority,
                category: category, office: office, openedAt: openedAt, dueAt: dueAt, eventAt: at,
                note: note, inReplyTo: mailID)
            owed.adopt(timing.plan(owed.subject(isAnswer: false)))
            return owed
        }
    }
}
