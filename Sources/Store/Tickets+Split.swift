import Civic
import Postgres

extension Tickets {
    public enum SplitResult: Sendable {
        case done([OwedNotification])
        case noSuchMessage
        /// The ticket would be left without the message that opened it.
        case isOpening
    }

    /// Makes a ticket of its own of a message that joined another: it takes its files with it, and both tickets say so.
    /// - Parameters:
    ///   - message: of the ticket `code`.
    ///   - ticket: decided and numbered; its notifications are owed in the same transaction.
    ///   - by: who does it, such as `operator:anna`.
    ///   - audited: the same, for the audit trail.
    public func split(
        _ message: Identifier, of code: String, into ticket: NewTicket, by: String, audited: AuditLine.Actor? = nil,
        owner: Holder?
    ) async throws -> SplitResult {
        try await pool.transaction { session in
            let rows = try await session.query(
                """
                select t.number, m.kind, m.channel, m.citizen from ticket t join message m on m.ticket = t.number
                where t.code = $1 and m.id = $2 for update of t, m
                """, [.text(code), .uuid(message.high, message.low)])
            guard let row = rows.first, let old = row.int(0), let kind = row.string(1).flatMap(MessageKind.init),
                let channel = row.string(2)
            else { return .noSuchMessage }
            guard kind != .opening else { return .isOpening }
            try await insert(ticket, channel: channel, citizen: row.identifier(3), in: session)
            _ = try await session.query(
                "update message set ticket = $2, kind = 'opening' where id = $1",
                [.uuid(message.high, message.low), .int8(ticket.number)])
            let note = Identifier.timeOrdered(at: ticket.openedAt)
            _ = try await session.query(
                """
                insert into event (id, ticket, at, kind, actor, note, office)
                values ($1, $2, $5, 'opened', $6, null, $7), ($3, $4, $5, 'note', $6, $8, null)
                """,
                [
                    .uuid(ticket.openedEvent.high, ticket.openedEvent.low), .int8(ticket.number),
                    .uuid(note.high, note.low), .int8(old), .timestamptz(ticket.openedAt.microseconds), .text(by),
                    .text(ticket.office), .text("a message became the ticket \(ticket.code)"),
                ])
            _ = try await session.query(
                "insert into ticket_link (ticket, other, kind) values ($1, $2, 'split') on conflict do nothing",
                [.int8(ticket.number), .int8(old)])
            if let audited {
                try await AuditLine(
                    at: ticket.openedAt, actor: audited, action: "ticket.split", ticket: old,
                    details: [("into", .string(ticket.code))]
                ).append(in: session)
            }
            return .done(try await Outbox.insert(ticket.notifications, owner: owner, in: session))
        }
    }

    private func insert(
        _ ticket: NewTicket, channel: String, citizen: Identifier?, in session: PostgresTransaction
    ) async throws {
        _ = try await session.query(
            """
            insert into ticket
                (number, code, status, category, office, priority, area, channel, language, opened_at, due_at, citizen,
                 contact_medium, contact, contact_fallback, tags, undecided, decision, config,
                 contact_why)
            values ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19)
            """,
            [
                .int8(ticket.number), .text(ticket.code), .optional(ticket.category), .text(ticket.office),
                .text(ticket.priority.rawValue), .optional(ticket.area), .text(channel), .text(ticket.language),
                .timestamptz(ticket.openedAt.microseconds), .optional(ticket.dueAt),
                citizen.map { .uuid($0.high, $0.low) } ?? .null, .optional(ticket.contact?.medium.rawValue),
                .optional(ticket.contact?.address), .optional(ticket.contact?.fallback), .textArray(ticket.tags),
                .bool(ticket.undecided), .jsonb(ticket.decision), .text(ticket.config),
                .optional(ticket.contactWhy),
            ])
    }
}
