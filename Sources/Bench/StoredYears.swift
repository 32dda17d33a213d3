import Postgres

/// Years of a city's tickets in the database, told and for the most part closed: for measuring what growth costs.
///
/// Limits: what a citizen could not tell from real ones in the tables that intake, delivery and searches read; no files, no
/// attempts, no threads of mail.
public struct StoredYears: Sendable {
    private static let pass = 50_000
    private static let ticketsPerYear = 2_500_000
    private let server: EmbeddedServer

    public init(_ server: EmbeddedServer) { self.server = server }

    /// People of whom so many tickets are.
    public static func people(_ tickets: Int) -> Int {
        max(1000, tickets * RomeMix.contacts.people / RomeMix.contacts.of)
    }

    /// Writes that many tickets, and the citizens whose they are; then clears up, as years would have.
    /// - Parameters:
    ///   - areas, categories, offices: each in turn.
    ///   - progress: called with the tickets written so far.
    public func fill(
        _ tickets: Int, areas: [String], categories: [String], offices: [String],
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        try await withConnection(to: server.connectionString) { connection in
            try await Self.fill(
                tickets, areas: areas, categories: categories, offices: offices, on: connection, progress: progress)
            for table in ["citizen", "identity", "message", "ticket", "event", "notification"] {
                _ = try await connection.query("vacuum (analyze) \(table)")
            }
            _ = try await connection.query("checkpoint")
        }
    }

    /// The same without clearing up.
    package static func fill(
        _ tickets: Int, areas: [String], categories: [String], offices: [String], on connection: PostgresConnection,
        progress: (Int) -> Void = { _ in }
    ) async throws {
        let people = people(tickets)
        try await connection.script(citizenFunction)
        for first in stride(from: 0, to: people, by: pass) {
            _ = try await connection.query(
                citizens, [.int8(Int64(first)), .int8(Int64(min(first + pass, people) - 1))])
        }
        for first in stride(from: 0, to: tickets, by: pass) {
            let last = min(first + pass, tickets)
            _ = try await connection.query(
                Self.tickets,
                [
                    .int8(Int64(first)), .int8(Int64(last - 1)), .int8(Int64(tickets)), .int8(Int64(people)),
                    .double(365.25 * 86400 / Double(ticketsPerYear)), .textArray(areas), .textArray(categories),
                    .textArray(offices),
                ])
            progress(last)
        }
    }

    /// As `Identifier(citizenOf:)` has it, for a declared e-mail address.
    private static let citizenFunction = """
        create or replace function pg_temp.citizen(address text) returns uuid language sql as $$
            select encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 128), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid
            from substring(sha256('email'::bytea || '\\x00'::bytea || 'false'::bytea || '\\x00'::bytea
                || convert_to(address, 'UTF8')) for 16) h
        $$
        """

    /// The same addresses and numbers as `BenchMessages` makes up.
    private static let citizens = """
        with p as (
            select n, 'p' || n || '@example.org' as address, '+39' || overlay('3900000000' placing n::text
                from 11 - length(n::text)) as phone
            from generate_series($1::bigint, $2::bigint) n
        ), c as (
            insert into citizen (id, first_seen) select pg_temp.citizen(address), now() - interval '5 years' from p
        )
        insert into identity (kind, value, attested, citizen)
        select 'email', address, false, pg_temp.citizen(address) from p
        union all select 'phone', phone, false, pg_temp.citizen(address) from p
        """

    private static let tickets = """
        with n as materialized (
            select n, n % $4 as person, now() - make_interval(secs => ($3 - n) * $5) as at,
                ($6::text[])[1 + n % cardinality($6)] as area,
                ($7::text[])[1 + n % cardinality($7)] as category,
                ($8::text[])[1 + n % cardinality($8)] as office,
                n < $3 * 0.97 as closed
            from generate_series($1::bigint, $2::bigint) n
        ), t as materialized (
            select n.*, 'p' || person || '@example.org' as address,
                pg_temp.citizen('p' || person || '@example.org') as citizen,
                lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')
                    as stem, lpad(to_hex(n), 15, '0') as tail
            from n
        ), m as (
            insert into message (id, channel, external_id, received_at, citizen, ticket, body, language, raw, scope)
            select (stem || '8' || tail)::uuid, 'portale', 'stored-' || n, at, citizen, -1 - n,
                'Buongiorno, segnalo un problema in via ' || n || ': ' || repeat('da giorni nessuno interviene ', 3), 'it',
                case when at > now() - interval '180 days' then convert_to(repeat('0123456789abcdef', 22), 'UTF8')
                    else '' end, 'portale'
            from t
        ), e as (
            insert into event (id, ticket, at, kind, actor, office)
            select (stem || '9' || tail)::uuid, -1 - n, at, 'opened', 'rules', office from t
            union all
            select (stem || 'a' || tail)::uuid, -1 - n, at + interval '3 days', 'closed', office, office from t
            where closed
        ), o as (
            insert into notification (id, ticket, event, medium, recipient, template, language, status, attempts, created_at,
                next_attempt_at, expires_at, done_at)
            select (stem || 'b' || tail)::uuid, -1 - n, (stem || '9' || tail)::uuid, 'email', address, 'opened', 'it',
                'delivered', 1, at, at, at + interval '3 days', at + interval '2 seconds'
            from t
        )
        insert into ticket (number, code, status, category, office, priority, area, channel, language, opened_at, closed_at,
            due_at, citizen, contact_medium, contact, undecided, decision, config)
        select -1 - n, 'OLD-' || n, case when closed then 'closed' else 'open' end, category, office, 'normal', area,
            'portale', 'it', at, case when closed then at + interval '3 days' end, at + interval '30 days', citizen,
            'email', address, false,
            jsonb_build_object('decision', jsonb_build_object('category', category, 'office', office), 'because',
                jsonb_build_array(jsonb_build_object('field', 'category', 'rule', category, 'condition',
                    'text: problema', 'matched', jsonb_build_array(jsonb_build_object('text', 'problema', 'offset', 22)))),
                'nearly', '[]'::jsonb, 'undecided', false, 'config', '0123456789ab'), '0123456789ab'
        from t
        """
}
