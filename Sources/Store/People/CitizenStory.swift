import Civic
import Postgres

/// A citizen for a contact centre's screen: who they are, how they are told, and their tickets, the newest first.
public struct CitizenStory: Sendable {
    public let citizen: Identifier
    /// By which they were found.
    public let identity: Identity
    public let standing: CitizenStanding
    public let isHeld: Bool
    public let tickets: [TicketRecord]
    /// How many there are, shown or not.
    public let total: Int

    /// Recipients are masked, as everywhere.
    public var json: JSON {
        .object([
            ("citizen", .string(citizen.description)),
            (
                "known_by",
                .object([
                    ("kind", .string(identity.kind.rawValue)), ("value", .string(identity.value)),
                    ("attested", .bool(identity.attested)),
                ])
            ),
            ("prefers", .optional(standing.prefers?.rawValue)), ("news", .bool(!standing.isMuted)),
            ("legal_hold", .bool(isHeld)), ("tickets_total", .int(Int64(total))),
            ("tickets", .array(tickets.map { $0.json(personal: true) })),
        ])
    }
}

extension Tickets {
    /// The stories of everybody who is known by an identity: attested and declared are never one citizen.
    ///
    /// Who looked is on record, durably, before anything is returned, a line for each citizen, or one if there is none. It
    /// names the kind of identity that was asked for, not the identity.
    /// - Parameter limit: of tickets of one citizen.
    public func stories(
        of kind: IdentityKind, _ value: String, by actor: AuditLine.Actor, at now: Timestamp, limit: Int = 20
    ) async throws -> [CitizenStory] {
        let found = try await pool.query(
            """
            select distinct citizen, attested from identity where kind = $1 and value = $2
            order by attested desc, citizen limit 20
            """, [.text(kind.rawValue), .text(value)]
        ).compactMap { row in
            row.identifier(0).map { (citizen: $0, attested: row.bool(1) ?? false) }
        }
        // Beside each other: the one waits for the disk, the other reads.
        async let record: Void = record(looks: found.map(\.citizen), by: kind, actor, at: now)
        let stories = try await read(found, by: kind, value, limit: limit)
        try await record
        return stories
    }

    private func record(
        looks citizens: [Identifier], by kind: IdentityKind, _ actor: AuditLine.Actor, at now: Timestamp
    ) async throws {
        let lines = (citizens.isEmpty ? [nil] : citizens.map(Optional.some)).map { citizen in
            AuditLine(
                at: now, actor: actor, action: "citizen.read", citizen: citizen,
                details: [("known_by", .string(kind.rawValue)), ("found", .int(Int64(citizens.count)))])
        }
        // A transaction costs two round trips more than a statement, which is one.
        if lines.count == 1 { return try await lines[0].append(in: pool) }
        try await pool.transaction { session in for line in lines { try await line.append(in: session) } }
    }

    private func read(
        _ found: [(citizen: Identifier, attested: Bool)], by kind: IdentityKind, _ value: String, limit: Int
    ) async throws -> [CitizenStory] {
        let holds = LegalHolds(pool: pool)
        var stories: [CitizenStory] = []
        for (citizen, attested) in found {
            let id = PostgresValue.uuid(citizen.high, citizen.low)
            async let standing = preferences.standings(of: [citizen])[citizen] ?? CitizenStanding()
            async let hold = holds.current(of: citizen)
            let codes = try await pool.query(
                "select code, count(*) over () from ticket where citizen = $1 order by opened_at desc limit $2",
                [id, .int8(Int64(limit))])
            let tickets = try await find(codes: codes.compactMap { $0.string(0) })
            stories.append(
                CitizenStory(
                    citizen: citizen, identity: Identity(kind: kind, value: value, attested: attested),
                    standing: try await standing, isHeld: try await hold != nil, tickets: tickets,
                    total: Int(codes.first?.int(1) ?? 0)))
        }
        return stories
    }
}
