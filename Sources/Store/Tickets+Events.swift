import Civic
import Postgres

extension Tickets {
    /// A step in a ticket's life, as a back office or an operator reports it.
    public struct Step: Sendable {
        public var code: String
        public var at: Timestamp
        public var kind: TicketEvent.Kind
        /// An office's code or `operator:NAME`.
        public var by: String
        /// The reporter's own id of the event.
        public var externalID: String?
        public var note: String?
        /// Where the ticket goes, for `forwarded` and `moved`.
        public var office: String?
        /// Where a forwarded ticket of this category goes from this office if `office` does not say.
        public var secondHop: @Sendable (_ category: String, _ office: String) -> String? = { _, _ in nil }
        /// For `moved`.
        public var category: String?
        /// Whether the citizen is told.
        public var tells: Bool
        /// When the citizen is told, and what a wait for them does to the ticket's time.
        public var timing: Timing
        public var attachments: [StoredAttachment] = []
        public var offices = OfficeNotices.none
        /// On which medium the citizen is told.
        public var choice = MediumChoice()
        /// For the audit trail; nil for what is no operator's or office's act.
        public var audited: AuditLine.Actor?
        /// What the citizen is asked to pay.
        public var payment: PaymentNotice?

        public init(
            code: String, at: Timestamp, kind: TicketEvent.Kind, by: String, externalID: String? = nil,
            note: String? = nil, office: String? = nil, category: String? = nil, tells: Bool = true,
            timing: Timing = .prompt()
        ) {
            self.code = code
            self.at = at
            self.kind = kind
            self.by = by
            self.externalID = externalID
            self.note = note
            self.office = office
            self.category = category
            self.tells = tells
            self.timing = timing
        }
    }

    public enum StepResult: Sendable {
        /// What the citizen is owed, and what offices are.
        case done([OwedNotification])
        /// The same event came before; nothing changed.
        case duplicate
        case noSuchTicket
        /// The ticket cannot take this step now.
        case notAllowed(TicketStatus)
        /// It is to be forwarded, and nobody says where.
        case noDestination
    }

    /// Writes the event, the ticket's new state and the notification owed in one transaction.
    /// - Parameters:
    ///   - owner: the daemon that will deliver from memory; null leaves it to the reconciler.
    ///   - due: computes the due time again from the ticket's category and opening, after a move or a reopening.
    public func take(
        _ step: Step, owner: Holder?, due: @escaping @Sendable (_ category: String?, _ from: Timestamp) -> Timestamp?
    ) async throws -> StepResult {
        do {
            return try await write(step, owner: owner, due: due)
        } catch let refusal as NotAllowed {
            return .notAllowed(refusal.status)
        } catch is NoDestination {
            return .noDestination
        }
    }

    private func write(
        _ step: Step, owner: Holder?, due: @escaping @Sendable (_ category: String?, _ from: Timestamp) -> Timestamp?
    ) async throws -> StepResult {
        try await pool.transaction { session in
            let rows = try await session.query(
                """
                select number, status, category, office, language, opened_at, due_at, contact_medium, contact,
                       contact_fallback, priority, (\(Outbox.openingMail("number"))), waiting_since, \(Tickets.target),
                       contact_wish, \(CitizenStanding.columns(of: "ticket.citizen"))
                from ticket where code = $1 for update
                """, [.text(step.code)])
            guard let row = rows.first, let number = row.int(0), let status = row.string(1).flatMap(TicketStatus.init),
                let office = row.string(3), let language = row.string(4), let openedAt = row.moment(5)
            else { return .noSuchTicket }

            let category = step.category ?? row.string(2)
            let destination = step.office ?? step.destination(of: category, at: office)
            let event = Identifier.timeOrdered(at: step.at)
            let inserted = try await session.query(
                """
                insert into event (id, ticket, at, kind, actor, note, office, external_id, details)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb)
                on conflict (ticket, actor, external_id) where external_id is not null do nothing returning id
                """,
                [
                    .uuid(event.high, event.low), .int8(number), .timestamptz(step.at.microseconds),
                    .text(step.kind.rawValue), .text(step.by), .optional(step.note), .optional(destination),
                    .optional(step.externalID), .optional(EventDetails(payment: step.payment).json?.text),
                ])
            guard !inserted.isEmpty else { return .duplicate }

            try await step.audit(number, in: session)
            try await StoredAttachment.insert(step.attachments, owner: event, in: session)
            if let next = TicketStatus(rawValue: step.kind.rawValue), !status.allows(next) {
                throw NotAllowed(status: status)
            }
            if step.kind == .forwarded, destination == nil { throw NoDestination() }
            // A hand-over to another body leaves the ticket with the office that answers for it.
            let newOffice = step.kind == .moved ? destination ?? office : office
            let newStatus = TicketStatus(rawValue: step.kind.rawValue) ?? status
            let waitingSince = newStatus == .waiting ? row.moment(12) ?? step.at : nil
            let target = row.string(13).flatMap(TargetTime.init)
            let dueAt: Timestamp? =
                switch step.kind {
                case .reopened: due(category, step.at)
                case .moved:
                    // Its time begins anew, but for the times in which it stood still.
                    try await Tickets.due(of: number, openedAt: openedAt, due: { due(category, $0) }, in: session) {
                        step.timing.due($0, $1, nil, category, newOffice)
                    }
                default:
                    if let due = row.moment(6), let since = row.moment(12), newStatus != .waiting {
                        step.timing.due(due, Wait(from: since, to: step.at), target, category, newOffice)
                    } else {
                        row.moment(6)
                    }
                }
            _ = try await session.query(
                """
                update ticket set status = $2, office = $3, category = $4, due_at = $5, waiting_since = $8,
                    escalation = case when due_at is distinct from $5 or office <> $3 then 0 else escalation end,
                    closed_at = case when $6 then coalesce(closed_at, $7) end
                where number = $1
                """,
                [
                    .int8(number), .text(newStatus.rawValue), .text(newOffice), .optional(category), .optional(dueAt),
                    .bool(newStatus.isClosed), .timestamptz(step.at.microseconds), .optional(waitingSince),
                ])
            func owed(_ contact: Contact, _ template: String, _ language: String) -> OwedNotification {
                OwedNotification(
                    id: .timeOrdered(at: step.at), ticket: number, event: event, code: step.code,
                    medium: contact.medium, recipient: contact.address, fallback: contact.fallback, template: template,
                    language: language, createdAt: step.at, nextAttemptAt: step.at, expiresAt: step.at,
                    priority: row.string(10).flatMap(Priority.init) ?? .normal, category: category, office: newOffice,
                    openedAt: openedAt, dueAt: dueAt, eventAt: step.at, note: step.note,
                    forwardedTo: step.kind == .forwarded ? destination : nil, inReplyTo: row.string(11))
            }
            var all: [OwedNotification] = []
            if step.tells,
                let chosen = step.choice.choose(
                    among: Contact(medium: row.string(7), address: row.string(8), fallback: row.string(9))?.ways ?? [],
                    office: newOffice, standing: CitizenStanding(row, from: 15, wish: row.string(14)),
                    occasion: MediumChoice.Occasion(
                        step.kind, isOwn: step.by == "citizen", asksPayment: step.payment != nil),
                    at: step.at)
            {
                try await Tickets.remember(chosen, of: number, in: session)
                var told = owed(chosen.contact, step.template, language)
                told.payment = step.payment
                told.hasFiles = !step.attachments.isEmpty
                if step.kind == .corrected { told.corrects = try await Tickets.lastTold(number, in: session) }
                told.withheld = chosen.withheld
                // What the citizen did themselves is answered.
                all.append(
                    try await Outbox.tell(
                        told, isAnswer: step.by == "citizen", timing: step.timing, owner: owner, in: session))
            }
            let hearers = step.offices.hearers(
                of: step.kind, by: step.by, office: newOffice, before: office, destination: destination)
            for (template, address) in hearers {
                var told = owed(address.contact, template, step.offices.language)
                told.expiresAt = step.at + address.lifetime
                all.append(try await Outbox.insert(told, owner: owner, in: session))
            }
            return .done(all)
        }
    }

    /// The ticket shows how its citizen was told last, and why.
    static func remember(
        _ chosen: MediumChoice.Chosen, of ticket: Int64, in session: PostgresTransaction
    ) async throws {
        _ = try await session.query(
            """
            update ticket set contact_medium = $2, contact = $3, contact_fallback = $4, contact_why = $5
            where number = $1 and (contact_why is distinct from $5 or contact_medium <> $2 or contact <> $3)
            """,
            [
                .int8(ticket), .text(chosen.known.medium.rawValue), .text(chosen.known.address),
                .optional(chosen.known.fallback), .text(chosen.withheld ?? chosen.why),
            ])
    }

    /// The template of what the citizen was told last, errata excepted.
    private static func lastTold(_ ticket: Int64, in session: PostgresTransaction) async throws -> String? {
        try await session.query(
            """
            select template from notification
            where ticket = $1 and not starts_with(template, 'office_') and template <> 'corrected'
                and status <> 'cancelled'
            order by created_at desc limit 1
            """, [.int8(ticket)]
        ).first?.string(0)
    }

    /// What the rules gave a ticket to be done in, unless it has been moved to another category since.
    static let target = """
        case when decision -> 'decision' ->> 'category' is not distinct from category
            then decision -> 'decision' ->> 'sla' end
        """

    private static func due(
        of ticket: Int64, openedAt: Timestamp, due: (_ from: Timestamp) -> Timestamp?, in session: PostgresTransaction,
        later: (Timestamp, Wait) -> Timestamp?
    ) async throws -> Timestamp? {
        let history = try await session.query(
            "select kind, at from event where ticket = $1 order by at, id", [.int8(ticket)]
        ).compactMap { row -> (kind: TicketEvent.Kind, at: Timestamp)? in
            guard let kind = row.string(0).flatMap(TicketEvent.Kind.init), let at = row.moment(1) else { return nil }
            return (kind, at)
        }
        let began = history.last { $0.kind == .reopened }?.at ?? openedAt
        return Wait.past(in: history).filter { $0.from >= began }.reduce(due(began)) { due, wait in
            due.flatMap { later($0, wait) }
        }
    }

    /// Rolls the transaction back; the event must not stay.
    private struct NotAllowed: Error { let status: TicketStatus }
    private struct NoDestination: Error {}
}

extension Tickets.Step {
    /// Where it goes is said; what is said is in the ticket's history.
    fileprivate func audit(_ ticket: Int64, in session: PostgresTransaction) async throws {
        guard let audited else { return }
        let details = [("office", office), ("category", category)].compactMap { name, value in
            value.map { (name, JSON.string($0)) }
        }
        try await AuditLine(
            at: at, actor: audited, action: "ticket.\(kind.rawValue)", ticket: ticket, details: details
        ).append(in: session)
    }

    /// Of what the citizen is told.
    fileprivate var template: String { payment == nil ? kind.rawValue : "payment" }

    fileprivate func destination(of category: String?, at office: String) -> String? {
        guard kind == .forwarded, let category else { return nil }
        return secondHop(category, office)
    }
}
