import Civic
import Postgres

/// A ticket that a chat opened is decided again when what follows within minutes tells what the first message did not: a
/// photograph comes before its place, and a greeting before the matter. Only while no person has touched it.
public struct Reconsideration: Sendable {
    /// After the opening.
    public var within: Duration
    /// What the latest message tells of the place.
    public var location: Location?
    /// Decides from all that was said; nil if it would be no ticket at all. Pure.
    public var decide: @Sendable (Said) -> Decided?
    public var offices: OfficeNotices
    public var timing: Timing

    public init(
        within: Duration, location: Location?, offices: OfficeNotices, timing: Timing,
        decide: @escaping @Sendable (Said) -> Decided?
    ) {
        self.within = within
        self.location = location
        self.offices = offices
        self.timing = timing
        self.decide = decide
    }

    /// All that the citizen has said on a ticket.
    public struct Said: Sendable {
        public let openedAt: Timestamp
        /// In their order, without empty ones.
        public let texts: [String]
        public let location: Location?
        /// Media types of the files, fetched or not.
        public let files: [String]
    }

    public struct Decided: Sendable {
        public var category: String?
        public var office: String
        public var priority: Priority
        public var area: String?
        public var dueAt: Timestamp?
        public var tags: [String]
        public var undecided: Bool
        /// JSON.
        public var decision: String
        public var config: String
        /// The addresses of offices that are told.
        public var tells: [String]

        public init(
            category: String?, office: String, priority: Priority, area: String?, dueAt: Timestamp?, tags: [String],
            undecided: Bool, decision: String, config: String, tells: [String]
        ) {
            self.category = category
            self.office = office
            self.priority = priority
            self.area = area
            self.dueAt = dueAt
            self.tags = tags
            self.undecided = undecided
            self.decision = decision
            self.config = config
            self.tells = tells
        }
    }

    /// - Parameter ticket: its row is locked.
    /// - Returns: what offices are owed.
    func apply(
        to ticket: Int64, at now: Timestamp, owner: Holder?, in session: PostgresTransaction
    ) async throws -> [OwedNotification] {
        let rows = try await session.query(
            """
            select t.opened_at, t.undecided, t.area, t.office, t.category, t.latitude, t.longitude, t.accuracy, t.address
            from ticket t where t.number = $1 and t.status = 'open'
                and not exists (select from event e where e.ticket = t.number and e.actor not in ('rules', 'citizen'))
            """, [.int8(ticket)])
        guard let row = rows.first, let openedAt = row.moment(0), let office = row.string(3), now < openedAt + within
        else { return [] }
        let known = Location(
            latitude: row.double(5), longitude: row.double(6), accuracy: row.double(7), address: row.string(8))
        let isPlaced = known?.point != nil
        let place = isPlaced ? known : location ?? known
        // Where it is may tell who answers; what was decided from words is not turned by more of them.
        guard row.bool(1) == true || (!isPlaced && location?.point != nil && row.string(2) == nil) else { return [] }
        let said = Said(
            openedAt: openedAt, texts: try await texts(of: ticket, in: session), location: place,
            files: try await files(of: ticket, in: session))
        guard let decided = decide(said) else { return [] }
        _ = try await session.query(
            """
            update ticket set category = $2, office = $3, priority = $4, area = $5, due_at = $6, escalation = 0, tags = $7,
                undecided = $8, decision = $9, config = $10, latitude = $11, longitude = $12, accuracy = $13,
                address = $14
            where number = $1
            """,
            [
                .int8(ticket), .optional(decided.category), .text(decided.office), .text(decided.priority.rawValue),
                .optional(decided.area), .optional(decided.dueAt), .textArray(decided.tags), .bool(decided.undecided),
                .jsonb(decided.decision), .text(decided.config), place?.point.map { .double($0.latitude) } ?? .null,
                place?.point.map { .double($0.longitude) } ?? .null, place?.accuracy.map { .double($0) } ?? .null,
                .optional(place?.address),
            ])
        guard decided.office != office || decided.category != row.string(4) else { return [] }
        let event = Identifier.timeOrdered(at: now)
        _ = try await session.query(
            "insert into event (id, ticket, at, kind, actor, office) values ($1, $2, $3, 'moved', 'rules', $4)",
            [.uuid(event.high, event.low), .int8(ticket), .timestamptz(now.microseconds), .text(decided.office)])
        return try await tell(decided, before: office, of: ticket, event, at: now, owner: owner, in: session)
    }

    private func texts(of ticket: Int64, in session: PostgresTransaction) async throws -> [String] {
        try await session.query(
            """
            select body from message where ticket = $1 and kind in ('opening', 'reply', 'part') and body <> ''
            order by received_at, id limit 50
            """, [.int8(ticket)]
        ).compactMap { $0.string(0) }
    }

    private func files(of ticket: Int64, in session: PostgresTransaction) async throws -> [String] {
        try await session.query(
            """
            select a.type from attachment a join message m on m.id = a.owner where m.ticket = $1
            union all
            select d.type from media d join message m on m.id = d.message where m.ticket = $1
            limit 50
            """, [.int8(ticket)]
        ).compactMap { $0.string(0) }
    }

    /// The office whose ticket it has become gets its work; those that a rule names are told, unless they have been.
    private func tell(
        _ decided: Decided, before: String, of ticket: Int64, _ event: Identifier, at now: Timestamp, owner: Holder?,
        in session: PostgresTransaction
    ) async throws -> [OwedNotification] {
        let work = offices.hearers(of: .moved, by: "rules", office: decided.office, before: before, destination: nil)
        guard !decided.tells.isEmpty || !work.isEmpty,
            let standing = try await Correspondence.Standing.locked(ticket, in: session)
        else { return [] }
        var told = Set(
            try await session.query(
                """
                select recipient from notification
                where ticket = $1 and template in ('office_new', 'office_work') and medium = 'email'
                """, [.int8(ticket)]
            ).compactMap { $0.string(0) })
        var owed = work.map { template, address in
            var told = standing.owed(
                to: address.contact, note: nil, template: template, language: offices.language, event, now,
                standing.dueAt, timing)
            told.expiresAt = now + address.lifetime
            return told
        }
        told.formUnion(owed.filter { $0.medium == .email }.map(\.recipient))
        for address in decided.tells where told.insert(address).inserted {
            owed.append(
                standing.owed(
                    to: Contact(medium: .email, address: address), note: nil, template: "office_new",
                    language: offices.language, event, now, standing.dueAt, timing))
        }
        return try await Outbox.insert(owed, owner: owner, in: session)
    }
}

extension Location {
    init?(latitude: Double?, longitude: Double?, accuracy: Double?, address: String?) {
        let point: GeoPoint? =
            if let latitude, let longitude { GeoPoint(latitude: latitude, longitude: longitude) } else { nil }
        guard point != nil || address != nil else { return nil }
        self.init(point: point, accuracy: accuracy, address: address)
    }
}
