import Civic
import Postgres

/// What e-mail asks of the tickets that are there: which one a mail belongs to, and what it adds to it.
public struct Correspondence: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// A ticket that a mail may belong to.
    public struct Thread: Hashable, Sendable {
        public let number: Int64
        public let code: String
        public let status: TicketStatus
        public let closedAt: Timestamp?
        /// The asker has written on it, or is told of it.
        public let knowsSender: Bool
    }

    /// What was stored of the same mail before.
    public struct Earlier: Hashable, Sendable {
        public let message: Identifier
        public let ticket: String?
    }

    public func earlier(scope: String, externalID: String) async throws -> Earlier? {
        let rows = try await pool.query(
            """
            select m.id, t.code from message m left join ticket t on t.number = m.ticket
            where m.scope = $1 and m.external_id = $2
            """, [.text(scope), .text(externalID)])
        guard let row = rows.first, let id = row.identifier(0) else { return nil }
        return Earlier(message: id, ticket: row.string(1))
    }

    /// The tickets of these codes.
    public func threads(codes: [String], sender: String?) async throws -> [Thread] {
        guard !codes.isEmpty else { return [] }
        return try await threads("t.code = any($2)", .textArray(codes), sender: sender)
    }

    /// The tickets on which mails with these Message-IDs came in, the latest first.
    public func threads(mailIDs: [String], sender: String?) async throws -> [Thread] {
        guard !mailIDs.isEmpty else { return [] }
        return try await threads(
            "t.number in (select ticket from message where mail_id = any($2))", .textArray(mailIDs), sender: sender)
    }

    /// The open tickets of which nobody but the sender is told, the latest first.
    public func openThreads(of sender: String) async throws -> [Thread] {
        try await threads(
            """
            t.closed_at is null and lower(t.contact) = lower($2) and t.citizen in (
                select citizen from identity where value = $2 and kind = 'email')
            """, .text(sender), sender: sender)
    }

    private func threads(_ condition: String, _ value: PostgresValue, sender: String?) async throws -> [Thread] {
        try await pool.query(
            """
            select t.number, t.code, t.status, t.closed_at, $1::text is not null and (
                lower(t.contact) = lower($1)
                or lower($1) = any(string_to_array(lower(t.contact_fallback), E'\\n'))
                or exists (
                    select from identity i
                    where i.value = $1 and i.kind = 'email'
                        and i.citizen in (
                            select t.citizen union all select citizen from message m where m.ticket = t.number)))
            from ticket t where \(condition) order by t.opened_at desc limit 20
            """, [.optional(sender), value]
        ).compactMap(Thread.init)
    }

    /// What an address may still cause within this hour.
    public struct Allowance: Hashable, Sendable {
        /// It gets an answer.
        public var answer: Bool
        /// What it writes opens a ticket of its own.
        public var ticket: Bool
        public init(answer: Bool, ticket: Bool) {
            self.answer = answer
            self.ticket = ticket
        }
    }

    /// Counts one mail of an address, or one answer to it.
    /// - Parameter opens: the mail is its own, and opens a ticket.
    public func allowance(
        for address: String, at now: Timestamp, answers: Int, tickets: Int, wantsAnswer: Bool, opens: Bool = true
    ) async throws -> Allowance {
        let rows = try await pool.query(
            """
            insert into correspondent as c (address, hour, answers, tickets)
            values ($1, date_trunc('hour', $2::timestamptz), case when $3 then 1 else 0 end,
                case when $4 then 1 else 0 end)
            on conflict (address) do update set
                hour = excluded.hour,
                answers = case when c.hour = excluded.hour then c.answers else 0 end + excluded.answers,
                tickets = case when c.hour = excluded.hour then c.tickets else 0 end + excluded.tickets
            returning answers, tickets
            """, [.text(address), .timestamptz(now.microseconds), .bool(wantsAnswer), .bool(opens)])
        guard let row = rows.first, let answered = row.int(0), let opened = row.int(1) else {
            return Allowance(answer: false, ticket: true)
        }
        return Allowance(answer: wantsAnswer && answered <= answers, ticket: opened <= tickets)
    }
}

extension Correspondence.Thread {
    init?(_ row: PostgresRow) {
        guard let number = row.int(0), let code = row.string(1), let status = row.string(2).flatMap(TicketStatus.init)
        else { return nil }
        self.init(
            number: number, code: code, status: status, closedAt: row.moment(3), knowsSender: row.bool(4) ?? false)
    }
}
