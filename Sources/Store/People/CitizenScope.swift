import Civic
import Postgres

/// Where a citizen's data are.
struct CitizenScope: Sendable {
    let citizen: Identifier
    var identities: [Identity] = []
    /// The citizen's own.
    var tickets: [Int64] = []
    /// Of these, those on which somebody else has written, too.
    var shared: [Int64] = []
    /// The citizen's messages, on whatever ticket, and nobody's on their own tickets.
    var messages: [Identifier] = []
    var chats: [Conversations.Place] = []
    private var isKnown = false

    init(_ citizen: Identifier) { self.citizen = citizen }

    var isEmpty: Bool { !isKnown && identities.isEmpty && tickets.isEmpty && messages.isEmpty }

    var addresses: [String] { identities.filter { $0.kind == .email }.map(\.value) }

    /// Reads it. Neither messages nor identities are in the order of citizens: all are looked at.
    static func read(_ citizen: Identifier, from pool: PostgresPool) async throws -> CitizenScope {
        var scope = CitizenScope(citizen)
        let id = PostgresValue.uuid(citizen.high, citizen.low)
        scope.isKnown = try await !pool.query("select from citizen where id = $1", [id]).isEmpty
        scope.identities = try await pool.query(
            "select kind, value, attested from identity where citizen = $1 order by attested desc, kind, value", [id]
        ).compactMap { row in
            guard let kind = row.string(0).flatMap(IdentityKind.init), let value = row.string(1),
                let attested = row.bool(2)
            else { return nil }
            return Identity(kind: kind, value: value, attested: attested)
        }
        scope.messages = try await pool.query("select id from message where citizen = $1", [id]).compactMap {
            $0.identifier(0)
        }
        return try await pool.transaction { [scope] in try await scope.renewed(in: $0) }
    }

    /// With what has come since.
    func renewed(in session: PostgresTransaction) async throws -> CitizenScope {
        var scope = self
        let id = PostgresValue.uuid(citizen.high, citizen.low)
        let rows = try await session.query(
            "select number, contact_medium, contact, contact_fallback from ticket where citizen = $1 order by number",
            [id])
        scope.tickets = rows.compactMap { $0.int(0) }
        // What an account is called is found on its tickets, and among its identities.
        var chats: Set<Conversations.Place> = []
        for row in rows where row.string(1).flatMap(Medium.init)?.isChat == true {
            if let place = row.string(2).flatMap(Conversations.Place.init(recipient:)) { chats.insert(place) }
        }
        let spoken = try await session.query(
            "select channel, chat from conversation where ticket = any($1)", [.int8Array(scope.tickets)])
        for row in spoken {
            guard let channel = row.string(0), let chat = row.string(1) else { continue }
            chats.insert(Conversations.Place(channel: channel, chat: chat))
        }
        scope.chats = Array(chats)
        let messages = try await session.query(
            """
            select id, coalesce(citizen, $2) <> $2, ticket from message
            where ticket = any($1) and erased_at is null
            """, [.int8Array(scope.tickets), id])
        let own = messages.filter { $0.bool(1) != true }.compactMap { $0.identifier(0) }
        scope.messages = Array(Set(scope.messages).union(own)).sorted()
        scope.shared = Array(Set(messages.filter { $0.bool(1) == true }.compactMap { $0.int(2) })).sorted()
        return scope
    }

    /// What there is of it.
    func report(in session: PostgresTransaction) async throws -> CitizenErasure.Report {
        let rows = try await session.query(
            """
            select (select count(*) from attachment
                    where owner = any($2) or owner in (select id from event where ticket = any($1))),
                (select count(*) from notification where ticket = any($1) and not starts_with(template, 'office_')),
                (select count(*) from notification where ticket = any($1) and not starts_with(template, 'office_')
                    and (coalesce(status) in ('waiting', 'sending') or status = 'cancelled' and reason = $3))
            """, [.int8Array(tickets), .uuidArray(messages.map(\.pair)), .text(Anonymiser.cancelled)])
        var report = CitizenErasure.Report()
        report.tickets = tickets.count
        report.messages = messages.count
        report.identities = identities.count
        report.attachments = Int(rows.first?.int(0) ?? 0)
        report.notifications = Int(rows.first?.int(1) ?? 0)
        report.cancelled = Int(rows.first?.int(2) ?? 0)
        report.unread = try await unread(in: session).count
        return report
    }

    /// Mail that could not be taken in has no citizen: it is theirs if it names one of their identities in plain sight.
    /// What is hidden in an encoding goes by age.
    func unread(in session: PostgresTransaction) async throws -> [Identifier] {
        let names = identities.map { $0.value.lowercased() }.filter { $0.utf8.count >= 6 }
        guard !names.isEmpty else { return [] }
        return try await session.query(
            """
            select id from unread_mail u where exists (
                select from unnest($1::text[]) as n (name)
                where position(n.name in lower(encode(u.raw, 'escape'))) > 0)
            """, [.textArray(names)]
        ).compactMap { $0.identifier(0) }
    }

    func removeUnread(in session: PostgresTransaction) async throws -> Int {
        let ids = try await unread(in: session)
        guard !ids.isEmpty else { return 0 }
        return try await session.query("delete from unread_mail where id = any($1)", [.uuidArray(ids.map(\.pair))])
            .affected
    }
}
