import Civic
import Postgres

/// Telling offices that tickets are due: each stage of a ticket once, whichever daemon comes to it first.
extension Tickets {
    /// Open tickets that have come so far (`ticket.escalation`), wait for nobody, and are due within this time.
    public struct DueRange: Hashable, Sendable {
        public var escalation: Int
        public var dueAfter: Timestamp
        /// And at this moment.
        public var dueBefore: Timestamp
        /// Half of their time must be over.
        public var halfOver: Bool
        /// Not those of these offices.
        public var without: [String]

        public init(
            escalation: Int, dueAfter: Timestamp, dueBefore: Timestamp, halfOver: Bool = false, without: [String] = []
        ) {
            self.escalation = escalation
            self.dueAfter = dueAfter
            self.dueBefore = dueBefore
            self.halfOver = halfOver
            self.without = without
        }
    }

    public struct DueTicket: Hashable, Sendable {
        public let number: Int64
        public let code: String
        public let office: String
        public let dueAt: Timestamp
        public let escalation: Int
        public let priority: Priority
        public let category: String?
        public let openedAt: Timestamp
        /// Since when its time runs: when it was opened, or reopened.
        public let beganAt: Timestamp
    }

    /// What is to be done about a ticket.
    public struct Alert: Sendable {
        /// `ticket.escalation` afterwards.
        public var escalation: Int
        /// Nil: nothing is said, and nobody told.
        public var kind: TicketEvent.Kind?
        /// Who is told.
        public var office: String?
        public var note: String?
        /// Where.
        public var contacts: [OfficeNotices.Address]
        public var template: String
        public var language: String

        public init(
            escalation: Int, kind: TicketEvent.Kind?, office: String?, note: String?,
            contacts: [OfficeNotices.Address],
            template: String, language: String
        ) {
            self.escalation = escalation
            self.kind = kind
            self.office = office
            self.note = note
            self.contacts = contacts
            self.template = template
            self.language = language
        }
    }

    public struct Escalated: Sendable {
        /// How many tickets were looked at: as many as asked for if there may be more.
        public var tickets = 0
        public var reminded = 0
        public var escalated = 0
        public var owed: [OwedNotification] = []
    }

    /// Looks at some tickets of a range, those due first before the others, and writes their events, what offices are owed
    /// and how far each has come, in one transaction. Tickets that another daemon looks at are left to it.
    public func escalate(
        _ range: DueRange, at now: Timestamp, limit: Int, owner: Holder?, timing: Timing,
        decide: @Sendable (DueTicket) -> Alert?
    ) async throws -> Escalated {
        try await pool.transaction { session in
            let tickets = try await Tickets.due(range, at: now, limit: limit, in: session)
            var done = Escalated()
            done.tickets = tickets.count
            var moved: [(number: Int64, escalation: Int)] = []
            var lines: [(ticket: Int64, alert: Alert, kind: TicketEvent.Kind, event: Identifier)] = []
            for ticket in tickets {
                guard let alert = decide(ticket) else { continue }
                moved.append((ticket.number, alert.escalation))
                guard let kind = alert.kind else { continue }
                if kind == .reminded { done.reminded += 1 } else { done.escalated += 1 }
                let event = Identifier.timeOrdered(at: now)
                lines.append((ticket.number, alert, kind, event))
                done.owed += alert.contacts.map { ticket.owed($0, alert, event, now, timing) }
            }
            guard !moved.isEmpty else { return done }
            _ = try await session.query(
                """
                update ticket set escalation = t.escalation from unnest($1::bigint[], $2::int[]) as t (number, escalation)
                where ticket.number = t.number
                """, [.int8Array(moved.map(\.number)), .int4Array(moved.map { Int32(clamping: $0.escalation) })])
            _ = try await session.query(
                """
                insert into event (id, ticket, at, kind, actor, note, office)
                select id, ticket, $6, kind, 'rules', note, office
                from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[])
                    as t (id, ticket, kind, note, office)
                """,
                [
                    .uuidArray(lines.map(\.event.pair)), .int8Array(lines.map(\.ticket)),
                    .textArray(lines.map(\.kind.rawValue)), .textArray(lines.map(\.alert.note)),
                    .textArray(lines.map(\.alert.office)), .timestamptz(now.microseconds),
                ])
            done.owed = try await Outbox.insert(done.owed, owner: owner, in: session)
            return done
        }
    }

    private static func due(
        _ range: DueRange, at now: Timestamp, limit: Int, in session: PostgresTransaction
    ) async throws -> [DueTicket] {
        let began = """
            coalesce((select max(e.at) from event e where e.ticket = ticket.number and e.kind = 'reopened'), opened_at)
            """
        return try await session.query(
            """
            select number, code, office, due_at, escalation, priority, category, opened_at, \(began) from ticket
            where closed_at is null and waiting_since is null and due_at is not null
                and escalation = $1 and due_at > $2 and due_at <= $3 and office <> all($4)
                and (not $6 or \(began) + (due_at - \(began)) / 2 <= $7)
            order by due_at limit $5 for update skip locked
            """,
            [
                .int4(Int32(clamping: range.escalation)), .timestamptz(range.dueAfter.microseconds),
                .timestamptz(range.dueBefore.microseconds), .textArray(range.without), .int8(Int64(limit)),
                .bool(range.halfOver), .timestamptz(now.microseconds),
            ]
        ).compactMap { row in
            guard let number = row.int(0), let code = row.string(1), let office = row.string(2),
                let dueAt = row.moment(3), let escalation = row.int(4), let openedAt = row.moment(7),
                let beganAt = row.moment(8)
            else { return nil }
            return DueTicket(
                number: number, code: code, office: office, dueAt: dueAt, escalation: Int(escalation),
                priority: row.string(5).flatMap(Priority.init) ?? .normal, category: row.string(6), openedAt: openedAt,
                beganAt: beganAt)
        }
    }
}

extension Tickets.DueTicket {
    fileprivate func owed(
        _ address: OfficeNotices.Address, _ alert: Tickets.Alert, _ event: Identifier, _ now: Timestamp,
        _ timing: Timing
    ) -> OwedNotification {
        let contact = address.contact
        var owed = OwedNotification(
            id: .timeOrdered(at: now), ticket: number, event: event, code: code, medium: contact.medium,
            recipient: contact.address, fallback: contact.fallback, template: alert.template, language: alert.language,
            createdAt: now, nextAttemptAt: now, expiresAt: now, priority: priority, category: category, office: office,
            openedAt: openedAt, dueAt: dueAt, eventAt: now, note: alert.note)
        owed.adopt(timing.plan(owed.subject(isAnswer: false)))
        owed.expiresAt = now + address.lifetime
        return owed
    }
}
