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
        /// How long the notification is worth sending.
        public var lifetime: Duration
        public var attachments: [StoredAttachment] = []

        public init(
            code: String, at: Timestamp, kind: TicketEvent.Kind, by: String, externalID: String? = nil,
            note: String? = nil, office: String? = nil, category: String? = nil, tells: Bool = true,
            lifetime: Duration = .seconds(72 * 3600)
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
            self.lifetime = lifetime
        }
    }

    public enum StepResult: Sendable {
        case done(OwedNotification?)
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
                       contact_fallback, priority, (\(Outbox.openingMail("number")))
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
                insert into event (id, ticket, at, kind, actor, note, office, external_id)
                values ($1, $2, $3, $4, $5, $6, $7, $8)
                on conflict (ticket, actor, external_id) where external_id is not null do nothing returning id
                """,
                [
                    .uuid(event.high, event.low), .int8(number), .timestamptz(step.at.microseconds),
                    .text(step.kind.rawValue), .text(step.by), .optional(step.note), .optional(destination),
                    .optional(step.externalID),
                ])
            guard !inserted.isEmpty else { return .duplicate }

            try await StoredAttachment.insert(step.attachments, owner: event, in: session)
            if let next = TicketStatus(rawValue: step.kind.rawValue), !status.allows(next) {
                throw NotAllowed(status: status)
            }
            if step.kind == .forwarded, destination == nil { throw NoDestination() }
            // A hand-over to another body leaves the ticket with the office that answers for it.
            let newOffice = step.kind == .moved ? destination ?? office : office
            let dueAt: Timestamp? =
                switch step.kind {
                case .reopened: due(category, step.at)
                case .moved: due(category, openedAt)
                default: row.moment(6)
                }
            let newStatus = TicketStatus(rawValue: step.kind.rawValue) ?? status
            _ = try await session.query(
                """
                update ticket set status = $2, office = $3, category = $4, due_at = $5,
                    closed_at = case when $6 then coalesce(closed_at, $7) end
                where number = $1
                """,
                [
                    .int8(number), .text(newStatus.rawValue), .text(newOffice), .optional(category), .optional(dueAt),
                    .bool(newStatus.isClosed), .timestamptz(step.at.microseconds),
                ])
            guard step.tells,
                let contact = Contact(medium: row.string(7), address: row.string(8), fallback: row.string(9))
            else { return .done(nil) }
            let owed = OwedNotification(
                id: .timeOrdered(at: step.at), ticket: number, event: event, code: step.code, medium: contact.medium,
                recipient: contact.address, fallback: contact.fallback, template: step.kind.rawValue,
                language: language, createdAt: step.at, nextAttemptAt: step.at, expiresAt: step.at + step.lifetime,
                priority: row.string(10).flatMap(Priority.init) ?? .normal, category: category, office: newOffice,
                openedAt: openedAt, dueAt: dueAt, eventAt: step.at, note: step.note,
                forwardedTo: step.kind == .forwarded ? destination : nil, inReplyTo: row.string(11))
            return .done(try await Outbox.insert([owed], owner: owner, in: session).first)
        }
    }

    /// Rolls the transaction back; the event must not stay.
    private struct NotAllowed: Error { let status: TicketStatus }
    private struct NoDestination: Error {}
}

extension Tickets.Step {
    fileprivate func destination(of category: String?, at office: String) -> String? {
        guard kind == .forwarded, let category else { return nil }
        return secondHop(category, office)
    }
}
