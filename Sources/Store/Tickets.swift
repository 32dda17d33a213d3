import Civic
import Postgres

/// Reads tickets and writes the events of their lives.
public struct Tickets: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    private static let columns = """
        t.number, t.code, t.status, t.category, t.office, t.priority, t.area, t.channel, t.language, t.opened_at,
        t.due_at, t.closed_at, t.citizen, t.contact_medium, t.contact, t.contact_fallback, t.tags, t.undecided,
        t.decision::text, m.subject, m.body, t.waiting_since, t.contact_why
        """

    /// A ticket with its events and notifications, or nil.
    public func find(code: String) async throws -> TicketRecord? { try await find(codes: [code]).first }

    /// Tickets with all that belongs to them, in the order of their codes: as many round trips for many as for one.
    func find(codes: [String]) async throws -> [TicketRecord] {
        var tickets = try await pool.query(
            """
            select x.* from unnest($1::text[]) with ordinality as k (code, position)
            cross join lateral (
                select \(Tickets.columns) from ticket t
                left join message m on m.ticket = t.number and m.kind = 'opening'
                where t.code = k.code limit 1) x
            order by k.position
            """, [.textArray(codes)]
        ).compactMap(TicketRecord.init)
        let numbers = tickets.map(\.number)
        guard !numbers.isEmpty else { return [] }
        // Beside each other, as far as there are sessions.
        async let allEvents = each(
            of: numbers, columns: 6,
            """
            select at, kind, actor, note, office, (details -> 'payment')::text from event where ticket = n.number
            order by at, id
            """, TicketEvent.init)
        async let allNotifications = each(
            of: numbers, columns: 12,
            """
            select id, medium, recipient, status, attempts, reason, template, created_at, done_at, receipt, instead_of,
                \(Outbox.earlierEvents("case when notification.status <> 'cancelled' then notification.bundled end"))
            from notification where ticket = n.number order by created_at, id
            """, TicketRecord.Notification.init)
        async let allTries = tries(of: numbers)
        async let allMessages = messages(of: numbers)
        async let allAttachments = attachments(of: numbers)
        async let allLinks = links(of: numbers)
        async let allStandings = each(
            of: numbers, columns: 5,
            "select t.contact_wish, \(CitizenStanding.columns(of: "t.citizen")) from ticket t where t.number = n.number"
        ) { CitizenStanding($0, from: 1, wish: $0.string(0)) }
        let (events, notifications, tries) = try await (allEvents, allNotifications, allTries)
        let (messages, attachments, links) = try await (allMessages, allAttachments, allLinks)
        let standings = try await allStandings
        for index in tickets.indices {
            let number = tickets[index].number
            tickets[index].events = events[number] ?? []
            tickets[index].notifications = notifications[number] ?? []
            tickets[index].add(tries)
            tickets[index].messages = messages[number] ?? []
            tickets[index].attachments = attachments[number] ?? []
            tickets[index].links = links[number] ?? []
            tickets[index].standing = standings[number]?.first ?? CitizenStanding()
        }
        return tickets
    }

    /// What belongs to each of several tickets, by the ticket's number, in one round trip.
    /// - Parameters:
    ///   - columns: how many columns `query` has.
    ///   - query: of one ticket, whose number is `n.number`; its order stays, since a lateral join goes row by row.
    func each<Value>(
        of numbers: [Int64], columns: Int, _ query: String, _ make: @Sendable (PostgresRow) -> Value?
    ) async throws -> [Int64: [Value]] {
        let rows = try await pool.query(
            "select x.*, n.number from unnest($1::bigint[]) as n (number) cross join lateral (\(query)) x",
            [.int8Array(numbers)])
        var found: [Int64: [Value]] = [:]
        for row in rows {
            guard let number = row.int(columns), let value = make(row) else { continue }
            found[number, default: []].append(value)
        }
        return found
    }

    /// By notification.
    private func tries(of numbers: [Int64]) async throws -> [Identifier: [TicketRecord.Try]] {
        let rows = try await pool.query(
            """
            select a.notification, a.at, a.outcome, a.reason from notification n join attempt a on a.notification = n.id
            where n.ticket = any($1) order by a.at, a.number
            """, [.int8Array(numbers)])
        var tries: [Identifier: [TicketRecord.Try]] = [:]
        for row in rows {
            guard let id = row.identifier(0), let at = row.moment(1), let outcome = row.string(2) else { continue }
            tries[id, default: []].append(TicketRecord.Try(at: at, outcome: outcome, reason: row.string(3)))
        }
        return tries
    }

    public struct Filter: Sendable {
        public var office: String?
        public var category: String?
        public var status: String?
        public var channel: String?
        /// Opened before this moment.
        public var openedBefore: Timestamp?
        public var openedSince: Timestamp?
        /// Occurs in the citizen's words, ignoring case.
        public var text: String?
        public var undecided: Bool?
        public var limit = 50
        public init() {}
    }

    /// The newest first, without events and notifications. A category's area (`strade`) stands for all its topics.
    public func list(_ filter: Filter) async throws -> [TicketRecord] {
        let text = filter.text.map { "%" + $0.filter { $0 != "\0" }.likeEscaped + "%" }
        let rows = try await pool.query(
            """
            select \(Tickets.columns) from ticket t left join message m on m.ticket = t.number and m.kind = 'opening'
            where ($1::text is null or t.office = $1)
              and ($2::text is null or t.category = $2 or t.category like $2 || '.%')
              and ($3::text is null or t.status = $3)
              and ($4::text is null or t.channel = $4)
              and ($5::timestamptz is null or t.opened_at < $5)
              and ($6::timestamptz is null or t.opened_at >= $6)
              and ($7::text is null or m.body ilike $7 or m.subject ilike $7)
              and ($8::boolean is null or t.undecided = $8)
            order by t.opened_at desc limit $9
            """,
            [
                .optional(filter.office), .optional(filter.category), .optional(filter.status),
                .optional(filter.channel), filter.openedBefore.map { .timestamptz($0.microseconds) } ?? .null,
                filter.openedSince.map { .timestamptz($0.microseconds) } ?? .null, .optional(text),
                filter.undecided.map { .bool($0) } ?? .null, .int8(Int64(filter.limit)),
            ])
        return rows.compactMap(TicketRecord.init)
    }
}

extension String {
    fileprivate var likeEscaped: String {
        reduce(into: "") { $0 += "\\%_".contains($1) ? "\\\($1)" : String($1) }
    }
}

extension PostgresValue {
    static func optional(_ text: String?) -> PostgresValue { text.map(PostgresValue.text) ?? .null }
    static func optional(_ at: Timestamp?) -> PostgresValue { at.map { .timestamptz($0.microseconds) } ?? .null }
}

extension PostgresRow {
    func moment(_ column: Int) -> Timestamp? { timestamp(column).map(Timestamp.init(microseconds:)) }
    func identifier(_ column: Int) -> Identifier? { uuid(column).map(Identifier.init) }
}

extension TicketRecord {
    init?(_ row: PostgresRow) {
        guard let number = row.int(0), let code = row.string(1), let status = row.string(2).flatMap(TicketStatus.init),
            let office = row.string(4), let priority = row.string(5), let channel = row.string(7),
            let language = row.string(8), let openedAt = row.moment(9), let undecided = row.bool(17),
            let decision = row.string(18)
        else { return nil }
        self.init(
            number: number, code: code, status: status, category: row.string(3), office: office, priority: priority,
            area: row.string(6), channel: channel, language: language, openedAt: openedAt, dueAt: row.moment(10),
            closedAt: row.moment(11), waitingSince: row.moment(21), citizen: row.identifier(12),
            contact: Contact(medium: row.string(13), address: row.string(14), fallback: row.string(15)),
            tags: (row.strings(16) ?? []).compactMap(\.self), undecided: undecided, decision: decision,
            subject: row.string(19), text: row.string(20), contactWhy: row.string(22))
    }
}

extension TicketRecord.Notification {
    init?(_ row: PostgresRow) {
        guard let id = row.identifier(0), let medium = row.string(1), let recipient = row.string(2),
            let status = row.string(3), let attempts = row.int(4), let template = row.string(6),
            let createdAt = row.moment(7)
        else { return nil }
        self.init(
            id: id, medium: medium, recipient: recipient, status: status, attempts: Int(attempts),
            reason: row.string(5), template: template, createdAt: createdAt, doneAt: row.moment(8),
            receipt: row.string(9), insteadOf: row.identifier(10),
            together: row.string(11).map(OwedNotification.Earlier.list(json:)) ?? [])
    }
}

extension TicketEvent {
    init?(_ row: PostgresRow) {
        guard let at = row.moment(0), let kind = row.string(1).flatMap(Kind.init), let by = row.string(2) else {
            return nil
        }
        self.init(
            at: at, kind: kind, by: by, note: row.string(3), office: row.string(4),
            payment: row.string(5).flatMap(PaymentNotice.init(json:)))
    }
}

extension Contact {
    init?(medium: String?, address: String?, fallback: String?) {
        guard let medium = medium.flatMap(Medium.init), let address else { return nil }
        self.init(medium: medium, address: address, fallback: fallback)
    }
}

extension Tickets {
    /// A city's day in five numbers.
    public struct Counts: Sendable {
        public let lastMinute: Int64
        public let lastHour: Int64
        public let lastDay: Int64
        public let open: Int64
        /// Of the open ones, those that wait for their citizen.
        public let waiting: Int64
        /// Notifications that were given up in the last day.
        public let givenUp: Int64
    }

    public func counts() async throws -> Counts {
        let rows = try await pool.query(
            """
            select count(*) filter (where opened_at > now() - interval '1 minute'),
                   count(*) filter (where opened_at > now() - interval '1 hour'),
                   count(*) filter (where opened_at > now() - interval '1 day'),
                   count(*) filter (where closed_at is null),
                   count(*) filter (where waiting_since is not null),
                   (select count(*) from notification
                    where status in ('refused', 'expired', 'uncertain') and done_at > now() - interval '1 day')
            from ticket
            """)
        let row = rows.first
        func number(_ column: Int) -> Int64 { row?.int(column) ?? 0 }
        return Counts(
            lastMinute: number(0), lastHour: number(1), lastDay: number(2), open: number(3), waiting: number(4),
            givenUp: number(5))
    }
}

extension TicketRecord {
    /// A notification that was delivered at its first attempt has no other record of it than its own.
    fileprivate mutating func add(_ tries: [Identifier: [Try]]) {
        for index in notifications.indices {
            let sent = notifications[index]
            notifications[index].tries = tries[sent.id] ?? []
            if sent.status == "delivered", let doneAt = sent.doneAt,
                !notifications[index].tries.contains(where: { $0.outcome == sent.status })
            {
                notifications[index].tries.append(Try(at: doneAt, outcome: sent.status, reason: nil))
            }
        }
    }
}
