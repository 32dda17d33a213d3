import Civic
import Postgres

/// For operators, who know a citizen by what they are called by.
extension PreferenceTable {
    /// A citizen, and how they are told.
    public struct Citizen: Sendable {
        public let id: Identifier
        /// By which they were found; nil if it was by the id.
        public let identity: Identity?
        public let standing: CitizenStanding
        public let tickets: Int
        /// What they, or operators for them, said; the latest first.
        public internal(set) var changes: [WishChange]
    }

    public struct WishChange: Hashable, Sendable {
        public let at: Timestamp
        /// `app_io`, `email`, `none` or `any`.
        public let wish: String
        public let actor: String
    }

    /// Everybody who is known by one of these identities, attested or declared: these are never one citizen.
    public func citizens(knownBy identities: [(kind: IdentityKind, value: String)]) async throws -> [Citizen] {
        let rows = try await pool.query(
            """
            select distinct i.citizen, i.kind, i.value, i.attested
            from unnest($1::text[], $2::text[]) as k (kind, value)
                join identity i on i.value = k.value and i.kind = k.kind
            order by i.attested desc, i.citizen limit 100
            """, [.textArray(identities.map(\.kind.rawValue)), .textArray(identities.map(\.value))])
        var found: [Citizen] = []
        for row in rows {
            guard let id = row.identifier(0), let kind = row.string(1).flatMap(IdentityKind.init),
                let value = row.string(2), let attested = row.bool(3)
            else { continue }
            found.append(try await citizen(id, identity: Identity(kind: kind, value: value, attested: attested)))
        }
        return found
    }

    /// - Returns: nil if nobody has that id.
    public func citizen(_ id: Identifier) async throws -> Citizen? {
        let rows = try await pool.query("select from citizen where id = $1", [.uuid(id.high, id.low)])
        return rows.isEmpty ? nil : try await citizen(id, identity: nil)
    }

    private func citizen(_ id: Identifier, identity: Identity?) async throws -> Citizen {
        let value = PostgresValue.uuid(id.high, id.low)
        let rows = try await pool.query("select count(*) from ticket where citizen = $1", [value])
        let changes = try await pool.query(
            "select at, wish, actor from preference_change where citizen = $1 order by at desc, id desc limit 20",
            [value])
        return Citizen(
            id: id, identity: identity, standing: try await standings(of: [id])[id] ?? CitizenStanding(),
            tickets: Int(rows.first?.int(0) ?? 0),
            changes: changes.compactMap { row in
                guard let at = row.moment(0), let wish = row.string(1), let actor = row.string(2) else { return nil }
                return WishChange(at: at, wish: wish, actor: actor)
            })
    }
}

extension PreferenceTable.Citizen {
    /// Identities are masked.
    public func json(now: Timestamp) -> JSON {
        let missing = standing.unreached.filter { $0.value > now }.sorted { $0.key.rawValue < $1.key.rawValue }
        return .object([
            ("citizen", .string(id.description)), ("known_by", .optional(identity.map { masked($0.value) })),
            ("attested", identity.map { .bool($0.attested) } ?? .null),
            ("prefers", .optional(standing.prefers?.rawValue)), ("news", .bool(!standing.isMuted)),
            ("unreached", .object(missing.map { ($0.key.rawValue, .moment($0.value)) })),
            ("tickets", .int(Int64(tickets))),
            (
                "changes",
                .array(
                    changes.map {
                        .object([("at", .moment($0.at)), ("wish", .string($0.wish)), ("by", .string($0.actor))])
                    })
            ),
        ])
    }
}
