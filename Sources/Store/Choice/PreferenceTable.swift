import Civic
import Postgres

/// What citizens said of how they want to be told, and what lately did not reach them, in the database.
public struct PreferenceTable: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// Writes a citizen's wish for all that concerns them. Whoever mutes gets nothing any more that waits to be sent, but
    /// for what they must hear; whoever chooses a medium is tried there again.
    /// - Parameter actor: `citizen`, or `operator:NAME`.
    public func set(
        _ wish: ContactWish, of citizen: Identifier, by actor: String, audited: AuditLine? = nil
    ) async throws {
        try await pool.transaction { session in
            try await PreferenceTable.write(wish, of: citizen, by: actor, in: session)
            try await audited?.append(in: session)
        }
    }

    static func write(
        _ wish: ContactWish, of citizen: Identifier, by actor: String, in session: PostgresTransaction
    ) async throws {
        _ = try await session.query(
            "with \(set(from: "select $1::uuid, $2::text", actor: "$3")) select count(*) from recorded_wish",
            [.uuid(citizen.high, citizen.low), .text(wish.text), .text(actor)])
    }

    /// Steps of a statement that write wishes: `wished`, `written_wish` and `recorded_wish`; a medium that is wished for
    /// reaches its citizen again, and news that nobody wants is cancelled.
    /// - Parameter source: a query of citizens, each once, and their wishes.
    static func set(from source: String, actor: String) -> String {
        """
        wished (citizen, wish) as (\(source)),
        written_wish as (
            insert into preference as p (citizen, medium, muted_at, actor, changed_at)
            select citizen, case when wish not in ('none', 'any') then wish end,
                case when wish = 'none' then now() end, \(actor), now()
            from wished order by citizen
            on conflict (citizen) do update set
                medium = case when excluded.muted_at is null then excluded.medium else p.medium end,
                muted_at = case when excluded.muted_at is null then null else coalesce(p.muted_at, excluded.muted_at) end,
                actor = excluded.actor, changed_at = excluded.changed_at
        ), reached_again as (
            update unreached u set until = 'epoch', changed_at = now()
            from wished w where u.citizen = w.citizen and u.medium = w.wish
        ), silenced as (
            \(cancelNews(from: "wished w", "w.wish = 'none' and t.citizen = w.citizen"))
        ), recorded_wish as (
            insert into preference_change (citizen, at, wish, actor)
            select citizen, now(), wish, \(actor) from wished returning id
        )
        """
    }

    /// What a citizen says on a ticket's page.
    public struct Said: Hashable, Sendable {
        public var wish: ContactWish
        /// It holds for all that concerns the citizen, not for this ticket alone.
        public var isForAll: Bool
        public init(wish: ContactWish, isForAll: Bool) {
            self.wish = wish
            self.isForAll = isForAll
        }
    }

    /// Writes it, and a line into the ticket's history if it changes anything.
    /// - Returns: false if there is no such ticket.
    public func say(_ said: Said, on code: String, at now: Timestamp) async throws -> Bool {
        try await pool.transaction { session in
            let rows = try await session.query(
                """
                select t.number, t.citizen, t.contact_wish,
                    case when p.muted_at is not null then 'none' else coalesce(p.medium, 'any') end
                from ticket t left join preference p on p.citizen = t.citizen where t.code = $1 for update of t
                """, [.text(code)])
            guard let row = rows.first, let number = row.int(0) else { return false }
            let isNew: Bool
            if said.isForAll, let citizen = row.identifier(1) {
                isNew = row.string(2) != nil || row.string(3) != said.wish.text
                guard isNew else { return true }
                try await PreferenceTable.write(said.wish, of: citizen, by: "citizen", in: session)
                _ = try await session.query(
                    "update ticket set contact_wish = null where number = $1", [.int8(number)])
            } else {
                isNew = row.string(2) != said.wish.text
                _ = try await session.query(
                    "update ticket set contact_wish = $2 where number = $1", [.int8(number), .text(said.wish.text)])
                switch said.wish {
                case .silence:
                    _ = try await session.query(
                        PreferenceTable.cancelNews(from: "(select $1::bigint as number) w", "t.number = w.number"),
                        [.int8(number)])
                case .by(let medium):
                    if let citizen = row.identifier(1) {
                        try await PreferenceTable.clear(medium, of: citizen, in: session)
                    }
                case .any: break
                }
            }
            guard isNew else { return true }
            let event = Identifier.timeOrdered(at: now)
            _ = try await session.query(
                "insert into event (id, ticket, at, kind, actor, note) values ($1, $2, $3, 'note', 'citizen', $4)",
                [
                    .uuid(event.high, event.low), .int8(number), .timestamptz(now.microseconds), .text(said.words),
                ])
            return true
        }
    }

    /// Nothing that a citizen wants no more is sent, though it was owed before.
    private static func cancelNews(from source: String, _ condition: String) -> String {
        let news = MediumChoice.Occasion.newsKinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return """
            update notification n set status = 'cancelled', done_at = now(), reason = '\(MediumChoice.muted)',
                recalled_at = case when n.owner is not null then now() end
            from \(source), ticket t, event e
            where \(condition) and n.ticket = t.number and n.status = 'waiting' and n.template in (\(news))
                and n.medium <> 'pec' and e.id = n.event and e.actor <> 'citizen'
                and not coalesce(e.details ? 'payment', false)
            """
    }

    /// The medium reaches them again.
    static func clear(_ medium: Medium, of citizen: Identifier, in session: PostgresTransaction) async throws {
        _ = try await session.query(
            "update unreached set until = 'epoch', changed_at = now() where citizen = $1 and medium = $2",
            [.uuid(citizen.high, citizen.low), .text(medium.rawValue)])
    }

    /// Somebody wrote from an address: whoever is known by it can be reached there.
    public func heard(from identity: Identity, on medium: Medium) async throws {
        _ = try await pool.query(
            """
            update unreached u set until = 'epoch', changed_at = now()
            from identity i
            where i.value = $1 and i.kind = $2 and u.citizen = i.citizen and u.medium = $3 and u.until > now()
            """, [.text(identity.value), .text(identity.kind.rawValue), .text(medium.rawValue)])
    }

    /// - Returns: one for each of `citizens` of whom there is something to know.
    public func standings(of citizens: [Identifier]) async throws -> [Identifier: CitizenStanding] {
        let rows = try await pool.query(
            """
            select c.citizen, \(CitizenStanding.columns(of: "c.citizen")) from unnest($1::uuid[]) as c (citizen)
            """, [.uuidArray(citizens.map(\.pair))])
        var found: [Identifier: CitizenStanding] = [:]
        for row in rows { if let id = row.identifier(0) { found[id] = CitizenStanding(row, from: 1) } }
        return found
    }

    /// A citizen whose row was written since, and when.
    struct Change: Sendable {
        let citizen: Identifier
        let standing: CitizenStanding
        let at: Timestamp
    }

    /// - Parameter since: by PostgreSQL's clock; nil for all. Those with nothing left to know are among the changed, not
    ///   among all.
    func changes(since: Timestamp?, limit: Int) async throws -> [Change] {
        let preferences = since == nil ? "medium is not null or muted_at is not null" : "changed_at > $2"
        let unreached = since == nil ? "until > now()" : "changed_at > $2"
        let rows = try await pool.query(
            """
            select c.citizen, \(CitizenStanding.columns(of: "c.citizen")), c.at
            from (
                select citizen, max(changed_at) as at from (
                    select citizen, changed_at from preference where \(preferences)
                    union all select citizen, changed_at from unreached where \(unreached)
                ) as changed group by citizen limit $1
            ) as c
            """, [.int8(Int64(limit))] + (since.map { [.timestamptz($0.microseconds)] } ?? []))
        return rows.compactMap { row in
            guard let citizen = row.identifier(0), let at = row.moment(5) else { return nil }
            return Change(citizen: citizen, standing: CitizenStanding(row, from: 1), at: at)
        }
    }

    /// Forgets what counts no more.
    func tidy() async throws {
        _ = try await pool.query(
            """
            delete from unreached where ctid in (
                select ctid from unreached where until < now() - interval '1 day' limit 10000)
            """)
        // Of citizens who were erased: every daemon has read it by now.
        _ = try await pool.query(
            "delete from preference where actor = 'erased' and changed_at < now() - interval '1 day'")
    }
}

extension PreferenceTable.Said {
    /// For the ticket's history.
    var words: String {
        let what =
            switch wish {
            case .by(let medium): "asks to be told by \(medium.rawValue)"
            case .silence: "wants no more news"
            case .any: "leaves it to the city how they are told"
            }
        return what + (isForAll ? ", of everything" : ", of this ticket")
    }
}

extension Tickets {
    public var preferences: PreferenceTable { PreferenceTable(pool: pool) }
}
