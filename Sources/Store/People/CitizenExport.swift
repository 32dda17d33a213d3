import Civic
import Postgres

/// All that is kept of a citizen (GDPR art. 15), as JSON that a machine reads (art. 20). What others wrote on the same
/// tickets is not theirs to have (art. 15(4)) and is left out.
public struct CitizenExport: Sendable {
    let pool: PostgresPool

    /// - Parameter pool: plans freely, and waits: citizens' messages are found by reading all of them.
    public init(pool: PostgresPool) { self.pool = pool }

    public struct File: Sendable {
        /// A path of ours, without the citizen's words: `attachments/…` or `messages/…`.
        public let path: String
        public let content: [UInt8]
    }

    /// - Parameters:
    ///   - reason: why it is asked for; on record in the audit trail, in the transaction that reads.
    ///   - keep: called with each file, one after the other: attachments, and messages as they came.
    /// - Returns: nil if nobody has that id.
    public func run(
        _ citizen: Identifier, by actor: AuditLine.Actor, reason: String?, at now: Timestamp,
        keep: (@Sendable (File) throws -> Void)? = nil
    ) async throws -> JSON? {
        let scope = try await CitizenScope.read(citizen, from: pool)
        guard !scope.isEmpty else { return nil }
        return try await pool.transaction { session in
            let scope = try await scope.renewed(in: session)
            let reading = Reading(session: session, scope: scope)
            let report = try await scope.report(in: session)
            let json = try await reading.json(at: now)
            if let keep { try await reading.files(keep) }
            try await AuditLine(
                at: now, actor: actor, action: "citizen.export", citizen: citizen,
                details: report.members + [("files", .bool(keep != nil))], reason: reason
            ).append(in: session)
            return json
        }
    }
}

/// The statements, each of which gives one JSON text a row. Bytes are given as files.
private struct Reading {
    let session: PostgresTransaction
    let scope: CitizenScope

    private var citizen: PostgresValue { .uuid(scope.citizen.high, scope.citizen.low) }
    private var tickets: PostgresValue { .int8Array(scope.tickets) }
    private var messages: PostgresValue { .uuidArray(scope.messages.map(\.pair)) }

    private func list(_ sql: String, _ values: [PostgresValue]) async throws -> JSON {
        .array(try await session.query(sql, values).compactMap { $0.string(0).map(JSON.verbatim) })
    }

    func json(at now: Timestamp) async throws -> JSON {
        var members: [(String, JSON)] = [
            ("exported_at", .moment(now)), ("citizen", .string(scope.citizen.description)),
            (
                "identities",
                .array(
                    scope.identities.map {
                        .object([
                            ("kind", .string($0.kind.rawValue)), ("value", .string($0.value)),
                            ("attested", .bool($0.attested)),
                        ])
                    })
            ),
        ]
        members += try await preferences()
        members.append(("tickets", try await ticketList()))
        members.append(("messages", try await messageList()))
        members.append(("attachments", try await attachmentList()))
        members += try await others()
        return .object(members)
    }

    private func preferences() async throws -> [(String, JSON)] {
        [
            (
                "first_seen",
                try await list("select to_jsonb(first_seen)::text from citizen where id = $1", [citizen])
            ),
            (
                "preferences",
                try await list(
                    """
                    select jsonb_build_object('medium', medium, 'muted_at', muted_at, 'by', actor,
                        'changed_at', changed_at)::text
                    from preference where citizen = $1
                    """, [citizen])
            ),
            (
                "preference_changes",
                try await list(
                    """
                    select jsonb_build_object('at', at, 'wish', wish, 'by', actor)::text
                    from preference_change where citizen = $1 order by at, id
                    """, [citizen])
            ),
            (
                "unreached",
                try await list(
                    "select jsonb_build_object('medium', medium, 'until', until)::text from unreached where citizen = $1",
                    [citizen])
            ),
        ]
    }

    private func ticketList() async throws -> JSON {
        try await list(
            """
            select (to_jsonb(t) - 'number' - 'citizen' - 'config' - 'erased_at' || jsonb_build_object(
                'events', coalesce((
                    select jsonb_agg(jsonb_build_object(
                        'at', e.at, 'kind', e.kind, 'by', e.actor, 'note', e.note, 'office', e.office,
                        'details', e.details) order by e.at, e.id)
                    from event e where e.ticket = t.number and not (e.kind = 'message' and exists (
                        select from message m where m.ticket = t.number and m.received_at = e.at
                            and m.citizen <> $2))), '[]'),
                'notifications', coalesce((
                    select jsonb_agg(jsonb_build_object(
                        'at', n.created_at, 'medium', n.medium, 'recipient', n.recipient, 'fallback', n.fallback,
                        'template', n.template, 'language', n.language, 'status', n.status, 'done_at', n.done_at,
                        'reason', n.reason, 'receipt', n.receipt, 'remote_id', n.remote_id,
                        'attempts', coalesce((
                            select jsonb_agg(jsonb_build_object(
                                'at', a.at, 'number', a.number, 'outcome', a.outcome, 'reason', a.reason)
                                order by a.at, a.number)
                            from attempt a where a.notification = n.id), '[]')) order by n.created_at, n.id)
                    from notification n
                    where n.ticket = t.number and not starts_with(n.template, 'office_')), '[]'),
                'links', coalesce((
                    select jsonb_agg(jsonb_build_object('ticket', o.code, 'kind', l.kind))
                    from ticket_link l join ticket o on o.number = l.other where l.ticket = t.number), '[]')))::text
            from ticket t where t.number = any($1) order by t.opened_at, t.number
            """, [tickets, citizen])
    }

    private func messageList() async throws -> JSON {
        try await list(
            """
            select jsonb_build_object(
                'id', m.id, 'channel', m.channel, 'external_id', m.external_id, 'kind', m.kind,
                'received_at', m.received_at, 'sent_at', m.sent_at, 'ticket', t.code, 'discarded', m.discarded,
                'subject', m.subject, 'text', m.body, 'quoted', m.quoted, 'signature', m.signature,
                'language', m.language, 'mail_id', m.mail_id, 'certificate', m.certificate,
                'raw_size', octet_length(m.raw))::text
            from message m left join ticket t on t.number = m.ticket
            where m.id = any($1) order by m.received_at, m.id
            """, [messages])
    }

    /// Of their messages, and what offices gave to steps of their tickets.
    private static let attachments = """
        attachment a where a.owner = any($1) or a.owner in (select id from event where ticket = any($2))
        """

    private func attachmentList() async throws -> JSON {
        try await list(
            """
            select jsonb_build_object(
                'of', a.owner, 'number', a.position, 'name', a.name, 'type', a.type, 'size', a.size,
                'sha256', encode(a.hash, 'hex'), 'facts', a.facts,
                'file', 'attachments/' || a.owner || '-' || a.position)::text
            from \(Reading.attachments) order by a.owner, a.position
            """, [messages, tickets])
    }

    private func others() async throws -> [(String, JSON)] {
        let unread = try await scope.unread(in: session)
        return [
            (
                "chats",
                try await list(
                    """
                    select (to_jsonb(c) - 'ticket')::text from conversation c
                        join unnest($1::text[], $2::text[]) as p (channel, chat)
                        on c.channel = p.channel and c.chat = p.chat
                    """, [.textArray(scope.chats.map(\.channel)), .textArray(scope.chats.map(\.chat))])
            ),
            (
                "mail_counters",
                try await list(
                    "select to_jsonb(c)::text from correspondent c where address = any($1)",
                    [.textArray(scope.addresses)])
            ),
            (
                "unread_mail",
                try await list(
                    """
                    select jsonb_build_object('id', id, 'channel', channel, 'received_at', received_at,
                        'reason', reason, 'size', octet_length(raw), 'file', 'unread/' || id)::text
                    from unread_mail where id = any($1) order by id
                    """, [.uuidArray(unread.map(\.pair))])
            ),
            (
                "legal_holds",
                try await list(
                    """
                    select jsonb_build_object('placed_at', placed_at, 'released_at', released_at)::text
                    from legal_hold where citizen = $1 order by id
                    """, [citizen])
            ),
            (
                "audit",
                try await list(
                    """
                    select jsonb_build_object('at', a.at, 'by', a.actor, 'action', a.action, 'ticket', t.code,
                        'details', a.details, 'reason', a.reason)::text
                    from audit a left join ticket t on t.number = a.ticket
                    where a.citizen = $1 or a.ticket = any($2) order by a.id
                    """, [citizen, tickets])
            ),
        ]
    }

    /// One at a time: together they may be large.
    func files(_ keep: @Sendable (CitizenExport.File) throws -> Void) async throws {
        let attachments = try await session.query(
            "select a.owner, a.position from \(Reading.attachments) order by 1, 2", [messages, tickets])
        for row in attachments {
            guard let owner = row.identifier(0), let position = row.int(1) else { continue }
            try await one(
                """
                select b.content from attachment a join blob b on b.hash = a.hash
                where a.owner = $1 and a.position = $2
                """, [.uuid(owner.high, owner.low), .int4(Int32(clamping: position))],
                as: "attachments/\(owner)-\(position)", keep)
        }
        for id in scope.messages {
            try await one(
                "select raw from message where id = $1", [.uuid(id.high, id.low)], as: "messages/\(id)", keep)
        }
        for id in try await scope.unread(in: session) {
            try await one(
                "select raw from unread_mail where id = $1", [.uuid(id.high, id.low)], as: "unread/\(id)", keep)
        }
    }

    private func one(
        _ sql: String, _ values: [PostgresValue], as path: String,
        _ keep: @Sendable (CitizenExport.File) throws -> Void
    ) async throws {
        guard let content = try await session.query(sql, values).first?.bytes(0) else { return }
        try keep(CitizenExport.File(path: path, content: content))
    }
}
