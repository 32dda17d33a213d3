import Civic
import Foundation
import Postgres

/// What the shadow's rules would have decided otherwise, kept beside the tickets.
public struct ShadowJournal: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// One statement for all. A difference that is there already stays as it is; a tally that was written although the
    /// answer was lost is counted twice when it is given again.
    public func record(
        _ differences: [ShadowDifference], tallies: [ShadowTally], at now: Timestamp
    ) async throws(PostgresError) {
        let changes = differences.map { difference in
            JSON.array(
                difference.changes.map {
                    .object([
                        ("field", .string($0.field.rawValue)), ("from", .optional($0.from)), ("to", .optional($0.to)),
                        ("rule", .optional($0.rule)),
                    ])
                }
            ).text
        }
        _ = try await pool.query(
            """
            with tally as (
                insert into shadow_tally as t (hour, config, shadow_config, messages)
                select date_trunc('hour', $1::timestamptz), config, shadow_config, messages
                from unnest($2::text[], $3::text[], $4::bigint[]) as i (config, shadow_config, messages)
                on conflict (hour, config, shadow_config) do update set messages = t.messages + excluded.messages
            )
            insert into shadow_difference (message, ticket, at, config, shadow_config, changes)
            select * from unnest($5::uuid[], $6::bigint[], $7::timestamptz[], $8::text[], $9::text[], $10::jsonb[])
            on conflict do nothing
            """,
            [
                .timestamptz(now.microseconds), .textArray(tallies.map(\.config)),
                .textArray(tallies.map(\.shadowConfig)), .int8Array(tallies.map { Int64($0.messages) }),
                .uuidArray(differences.map { $0.message.pair }), .int8Array(differences.map(\.ticket)),
                .timestamptzArray(differences.map { $0.at.microseconds }), .textArray(differences.map(\.config)),
                .textArray(differences.map(\.shadowConfig)), .jsonbArray(changes),
            ])
    }

    /// What a ticket's message would have become.
    public func find(ticket: Int64) async throws -> ShadowDifference? {
        let rows = try await pool.query(
            """
            select message, at, config, shadow_config, changes::text from shadow_difference
            where ticket = $1 order by at desc limit 1
            """, [.int8(ticket)])
        guard let row = rows.first, let message = row.identifier(0), let at = row.moment(1),
            let config = row.string(2), let shadow = row.string(3), let text = row.string(4)
        else { return nil }
        return ShadowDifference(
            message: message, ticket: ticket, at: at, config: config, shadowConfig: shadow,
            changes: try JSONDecoder().decode([StoredChange].self, from: Data(text.utf8)).compactMap(\.change))
    }

    /// - Parameters:
    ///   - since: differences of messages that came at this moment or later; the messages seen are counted by whole hours.
    ///   - shadowConfig: only those of one state of the shadow's rules.
    public func summary(since: Timestamp, shadowConfig: String? = nil) async throws -> ShadowSummary {
        let range: [PostgresValue] = [.timestamptz(since.microseconds), .optional(shadowConfig)]
        let moves = try await pool.query(
            """
            select c ->> 'field', c ->> 'from', c ->> 'to', count(*),
                (array_agg(t.code order by d.at desc) filter (where t.code is not null))[1:3]
            from shadow_difference d
            cross join lateral jsonb_array_elements(d.changes) as c
            left join ticket t on t.number = d.ticket
            where d.at >= $1 and ($2::text is null or d.shadow_config = $2)
            group by 1, 2, 3 order by 4 desc, 1, 2, 3
            """, range
        ).compactMap(ShadowSummary.Move.init)
        let versions = try await pool.query(
            """
            select shadow_config, sum(messages)::bigint, sum(changed)::bigint
            from (
                select shadow_config, messages, 0 as changed, hour as at from shadow_tally
                where hour >= date_trunc('hour', $1::timestamptz)
                union all
                select shadow_config, 0, 1, at from shadow_difference where at >= $1
            ) seen
            where $2::text is null or shadow_config = $2
            group by 1 order by max(at) desc, 1
            """, range
        ).compactMap(ShadowSummary.Version.init)
        return ShadowSummary(
            messages: versions.reduce(0) { $0 + $1.messages }, changed: versions.reduce(0) { $0 + $1.changed },
            newlyUndecided: moves.filter { $0.field == "undecided" && $0.to == "true" }.reduce(0) { $0 + $1.count },
            moves: moves, versions: versions)
    }
}

/// As `record` wrote it.
private struct StoredChange: Decodable {
    let field: String
    let from: String?
    let to: String?
    let rule: String?

    var change: ShadowDifference.Change? {
        ShadowDifference.Field(rawValue: field).map { .init(field: $0, from: from, to: to, rule: rule) }
    }
}

extension ShadowSummary.Move {
    fileprivate init?(_ row: PostgresRow) {
        guard let field = row.string(0), let count = row.int(3) else { return nil }
        self.init(
            field: field, from: row.string(1), to: row.string(2), count: count,
            examples: (row.strings(4) ?? []).compactMap(\.self))
    }
}

extension ShadowSummary.Version {
    fileprivate init?(_ row: PostgresRow) {
        guard let config = row.string(0), let messages = row.int(1), let changed = row.int(2) else { return nil }
        self.init(shadowConfig: config, messages: messages, changed: changed)
    }
}
