import Civic
import Postgres

extension Tickets {
    func messages(of ticket: Int64) async throws -> [TicketRecord.Message] {
        try await pool.query(
            """
            select id, kind, channel, received_at, subject, body, quoted, signature, certificate::text
            from message where ticket = $1 and not (kind = 'part' and body = '') order by received_at, id
            """, [.int8(ticket)]
        ).compactMap { row in
            guard let id = row.identifier(0), let kind = row.string(1).flatMap(MessageKind.init),
                let channel = row.string(2), let at = row.moment(3), let text = row.string(5)
            else { return nil }
            return TicketRecord.Message(
                id: id, kind: kind, channel: channel, receivedAt: at, subject: row.string(4), text: text,
                quoted: row.string(6), signature: row.string(7), certificate: row.string(8))
        }
    }

    private static let owners = """
        (select id from message where ticket = $1 union all select id from event where ticket = $1)
        """

    func attachments(of ticket: Int64) async throws -> [TicketRecord.Attachment] {
        try await pool.query(
            """
            select owner, position, name, type, size, encode(hash, 'hex'), inline, shown is not null, facts::text
            from attachment where owner in \(Tickets.owners) order by owner, position
            """, [.int8(ticket)]
        ).compactMap { row in
            guard let owner = row.identifier(0), let position = row.int(1), let name = row.string(2),
                let type = row.string(3), let size = row.int(4), let hash = row.string(5), let inline = row.bool(6),
                let shown = row.bool(7), let facts = row.string(8)
            else { return nil }
            return TicketRecord.Attachment(
                owner: owner, position: Int(position), name: name, type: type, size: size, hash: hash, isInline: inline,
                isShown: shown, facts: facts)
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
        let all = try await attachments(of: ticket)
        guard all.indices.contains(number - 1) else { return nil }
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

    func links(of ticket: Int64) async throws -> [TicketRecord.Link] {
        try await pool.query(
            """
            select t.code, l.kind, false from ticket_link l join ticket t on t.number = l.other where l.ticket = $1
            union all
            select t.code, l.kind, true from ticket_link l join ticket t on t.number = l.ticket where l.other = $1
            """, [.int8(ticket)]
        ).compactMap { row in
            guard let code = row.string(0), let kind = row.string(1).flatMap(TicketLink.Kind.init),
                let backward = row.bool(2)
            else { return nil }
            return TicketRecord.Link(code: code, kind: kind, isBackward: backward)
        }
    }
}
