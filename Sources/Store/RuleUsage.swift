import Civic
import Postgres

/// How much a rule had to do with the decisions on record.
public struct RuleUsage: Hashable, Sendable {
    /// Decisions in which it set a field.
    public var hits: Int
    public var lastHit: Timestamp?
    /// Of the tickets whose category or office it set, those that a person then gave another one.
    public var corrections: Int

    public init(hits: Int = 0, lastHit: Timestamp? = nil, corrections: Int = 0) {
        self.hits = hits
        self.lastHit = lastHit
        self.corrections = corrections
    }

    public struct Table: Sendable {
        /// By the rule's name.
        public var rules: [String: RuleUsage] = [:]
        /// Discarded messages by the reason: they have no ticket, and the reason is all that is on record.
        public var discards: [String: RuleUsage] = [:]
        public init() {}
    }
}

extension Tickets {
    /// What the rules did since a moment.
    ///
    /// One pass over the tickets of the period. Decisions are counted by the list of their rules first: a city has some
    /// hundreds of such lists, and only those are taken apart.
    public func ruleUsage(since: Timestamp) async throws -> RuleUsage.Table {
        let rows = try await pool.query(
            """
            with alike as (
                select jsonb_path_query_array(decision, '$.because[*].rule') as rules, count(*) as hits,
                       max(opened_at) as last
                from ticket where opened_at >= $1 group by 1
            ), hit as (
                select r.rule, sum(hits)::bigint as hits, max(last) as last
                from alike cross join lateral (select distinct jsonb_array_elements_text(rules) as rule) r
                where r.rule is not null group by 1
            ), corrected as (
                select b ->> 'rule' as rule, count(distinct t.number) as tickets
                from (select distinct ticket from event where id >= $2 and kind = 'moved') e
                    join ticket t on t.number = e.ticket
                    cross join lateral jsonb_array_elements(t.decision -> 'because') b
                where t.opened_at >= $1
                  and (b ->> 'field' = 'category' and t.category is distinct from t.decision -> 'decision' ->> 'category'
                    or b ->> 'field' in ('category', 'office') and t.office <> t.decision -> 'decision' ->> 'office')
                group by 1
            )
            select true, rule, hits, last, coalesce(tickets, 0) from hit left join corrected using (rule)
            union all
            select false, discarded, count(*), max(received_at), 0 from message
            where ticket is null and kind = 'opening' and discarded is not null and received_at >= $1 group by 2
            """, [.timestamptz(since.microseconds), .uuid(since.firstIdentifier.high, 0)])
        var table = RuleUsage.Table()
        for row in rows {
            guard let isRule = row.bool(0), let name = row.string(1), let hits = row.int(2),
                let corrections = row.int(4)
            else { continue }
            let usage = RuleUsage(hits: Int(hits), lastHit: row.moment(3), corrections: Int(corrections))
            if isRule { table.rules[name] = usage } else { table.discards[name] = usage }
        }
        return table
    }
}
