import Civic
import Postgres

extension Tickets {
    func messages(of numbers: [Int64]) async throws -> [Int64: [TicketRecord.Message]] {
        try await each(
            of: numbers, columns: 9,
            """
            select id, kind, channel, received_at, subject, body, quoted, signature, certificate::text
            from message where ticket = n.number and not (kind = 'part' and body = '') order by received_at, id
            """
        ) { row in
            guard let id = row.identifier(0), let kind = row.string(1).flatMap(MessageKind.init),
                let channel = row.string(2), let at = row.moment(3), let text = row.string(5)
            else { return nil }
            return TicketRecord.Message(
                id: id, kind: kind, channel: channel, receivedAt: at, subject: row.string(4), text: text,
                quoted: row.string(6), signature: row.string(7), certificate: row.string(8))
        }
    }

    private static let owners = """
        (select id from message where ticket = n.number union all select id from event where ticket = n.number)
        """

    func attachments(of numbers: [Int64]) async throws -> [Int64: [TicketRecord.Attachment]] {
        try await each(
            of: numbers, columns: 10,
            """
            select a.owner, a.position, a.name, a.type, a.size, encode(a.hash, 'hex'), a.inline, a.shown is not null,
                a.facts::text, e.id is not null and not a.inline
            from attachment a
            left join event e on e.id = a.owner and \(Outbox.isTold("e"))
                and e.kind not in ('note', 'reminded', 'escalated')
            where a.owner in \(Tickets.owners) order by a.owner, a.position
            """
        ) { row in
            guard let owner = row.identifier(0), let position = row.int(1), let name = row.string(2),
                let type = row.string(3), let size = row.int(4), let hash = row.string(5), let inline = row.bool(6),
                let shown = row.bool(7), let facts = row.string(8)
            else { return nil }
            return TicketRecord.Attachment(
                owner: owner, position: Int(position), name: name, type: type, size: size, hash: hash, isInline: inline,
                isShown: shown, isForCitizen: row.bool(9) == true, facts: facts)
        }
    }

    /// The bytes that others may see of a ticket's attachment, or as it came.
    /// - Parameters:
    ///   - number: from 1, as `ticket show` lists them.
    ///   - original: as it came, if the ticket is this office's.
    /// - Returns: nil if there is none, or nothing of it may be shown.
    public func content(
        ofAttachment number: Int, code: String, originalFor office: String?
    ) async throws -> (attachment: TicketRecord.Attachment, bytes: [UInt8])? {
        let tickets = try await pool.query("select number, office from ticket where code = $1", [.text(code)])
        guard let row = tickets.first, let ticket = row.int(0), office == nil || office == row.string(1) else {
            return nil
        }
        let all = try await attachments(of: [ticket])[ticket] ?? []
        guard number >= 1, number <= all.count else { return nil }
        let attachment = all[number - 1]
        let rows = try await pool.query(
            """
            select b.content from attachment a join blob b on b.hash = case when $3 then a.hash else a.shown end
            where a.owner = $1 and a.position = $2
            """,
            [
                .uuid(attachment.owner.high, attachment.owner.low), .int4(Int32(clamping: attachment.position)),
                .bool(office != nil),
            ])
        guard let bytes = rows.first?.bytes(0) else { return nil }
        return (attachment, bytes)
    }

    /// What an office gave to a step of a ticket for its citizen, as it goes along by mail.
    /// - Parameter number: from 1, as `TicketRecord.attachments` has them.
    /// - Returns: nil if there is none, or it is not for the citizen.
    public func document(_ number: Int, of ticket: TicketRecord) async throws -> Outbox.File? {
        guard number >= 1, number <= ticket.attachments.count else { return nil }
        let attachment = ticket.attachments[number - 1]
        guard attachment.isForCitizen else { return nil }
        let rows = try await pool.query(
            """
            select b.content from attachment a join blob b on b.hash = coalesce(a.shown, a.hash)
            where a.owner = $1 and a.position = $2
            """,
            [
                .uuid(attachment.owner.high, attachment.owner.low), .int4(Int32(clamping: attachment.position)),
            ])
        return rows.first?.bytes(0).map { Outbox.File(name: attachment.name, type: attachment.type, content: $0) }
    }

    func links(of numbers: [Int64]) async throws -> [Int64: [TicketRecord.Link]] {
        try await each(
            of: numbers, columns: 3,
            """
            select t.code, l.kind, false from ticket_link l join ticket t on t.number = l.other where l.ticket = n.number
            union all
            select t.code, l.kind, true from ticket_link l join ticket t on t.number = l.ticket where l.other = n.number
            """
        ) { row in
            guard let code = row.string(0), let kind = row.string(1).flatMap(TicketLink.Kind.init),
                let backward = row.bool(2)
            else { return nil }
            return TicketRecord.Link(code: code, kind: kind, isBackward: backward)
        }
    }
}
