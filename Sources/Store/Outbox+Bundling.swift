import Civic
import Postgres

/// Several updates of one ticket within minutes become one: the later one takes the earlier ones with it.
///
/// What another daemon may be about to send is left to it (`margin`): it hears with its next beat of what was taken back.
/// Should it be late, both are sent: the citizen is told twice rather than not at all, and the record says so.
extension Outbox {
    /// Longer than the time between two beats.
    static let margin = Duration.seconds(5)

    /// An earlier notification that waits.
    struct Waiting: Sendable {
        let id: Identifier
        let event: Identifier
        let bundled: [Identifier]
        let nextAttemptAt: Timestamp
        let expiresAt: Timestamp
        /// When it was owed, and what else its plan followed from.
        let subject: NotificationPlan.Subject
    }

    /// Owes the citizen `owed` at the time that the policy gives it. Earlier news of the ticket that still waits is taken
    /// back and told with it; the time at which the first of them was to go stands, so that nothing is put off for ever.
    /// - Parameters:
    ///   - owed: on a ticket whose row is locked.
    ///   - isAnswer: to what the citizen has just said.
    /// - Returns: as it was written.
    static func tell(
        _ owed: OwedNotification, isAnswer: Bool, timing: Timing, owner: Holder?, in session: PostgresTransaction
    ) async throws -> OwedNotification {
        let subject = owed.subject(isAnswer: isAnswer)
        let plan = timing.plan(subject)
        guard owed.withheld == nil else {
            // On record, and sent nowhere: it takes nothing with it.
            var kept = owed
            kept.adopt(plan)
            return try await insert(kept, owner: owner, in: session)
        }
        let waiting = try await waiting(on: owed, in: session)
        let taken =
            owed.template == TicketEvent.Kind.corrected.rawValue
            ? []
            : waiting.filter {
                timing.plan($0.subject).gathers
            }
        var owed = owed
        let isPrompt = isAnswer || owed.priority == .urgent
        owed.adopt(together(plan, isPrompt: isPrompt, with: taken, after: waiting))
        if !taken.isEmpty {
            try await takeBack(taken.map(\.id), at: owed.createdAt, in: session)
            owed.bundled = taken.flatMap { $0.bundled + [$0.event] }
            owed.earlier = try await earlier(owed.bundled, in: session)
            // Perhaps: whoever tells it will see.
            owed.hasFiles = true
        }
        return try await insert(owed, owner: owner, in: session)
    }

    /// The times of what is told together. Pure.
    ///
    /// One that gathers goes when the first of them was to go. One that does not goes at once and takes the others along;
    /// but what cannot take them, as an erratum cannot, goes after them if it need not wait long for that.
    static func together(
        _ plan: NotificationPlan, isPrompt: Bool, with taken: [Waiting], after waiting: [Waiting]
    ) -> NotificationPlan {
        var plan = plan
        if plan.gathers, let first = taken.map(\.nextAttemptAt).min() { plan.nextAttemptAt = first }
        let left = waiting.filter { earlier in !taken.contains { $0.id == earlier.id } }
        if !isPrompt, let last = left.map(\.nextAttemptAt).max(),
            plan.nextAttemptAt <= last, last < plan.nextAttemptAt + patience
        {
            plan.nextAttemptAt = last + .milliseconds(1)
            plan.expiresAt = left.reduce(plan.expiresAt) { max($0, $1.expiresAt) }
        }
        plan.expiresAt = taken.reduce(plan.expiresAt) { max($0, $1.expiresAt) }
        return plan
    }

    /// So long a notification waits for an earlier one of its ticket.
    private static let patience = Duration.seconds(3600)

    /// News to the citizen that no daemon has attempted or is about to, the oldest first; locked.
    private static func waiting(
        on owed: OwedNotification, in session: PostgresTransaction
    ) async throws -> [Waiting] {
        try await session.query(
            """
            select n.id, n.event, array_to_string(n.bundled, ','), n.next_attempt_at, n.expires_at, n.template, n.medium,
                n.created_at, e.details ? 'payment' or n.template = 'corrected', e.kind = n.template
            from notification n join event e on e.id = n.event
            where n.ticket = $1 and n.status = 'waiting' and n.attempts = 0 and n.instead_of is null
                and not starts_with(n.template, 'office_') and n.next_attempt_at > $2
            order by n.created_at, n.id for update of n
            """, [.int8(owed.ticket), .timestamptz((owed.createdAt + margin).microseconds)]
        ).compactMap { row in
            guard let id = row.identifier(0), let event = row.identifier(1), let next = row.moment(3),
                let expires = row.moment(4), let template = row.string(5),
                let medium = row.string(6).flatMap(Medium.init),
                let owedAt = row.moment(7)
            else { return nil }
            return Waiting(
                id: id, event: event,
                bundled: (row.string(2) ?? "").split(separator: ",").compactMap { Identifier(String($0)) },
                nextAttemptAt: next, expiresAt: expires,
                subject: NotificationPlan.Subject(
                    template: template, category: owed.category, medium: medium, priority: owed.priority,
                    // What a rule wrote in answer to the first message is no step that a line could tell.
                    isAnswer: row.bool(9) != true || template == TicketEvent.Kind.opened.rawValue,
                    standsAlone: row.bool(8) == true, owedAt: owedAt))
        }
    }

    private static func takeBack(
        _ ids: [Identifier], at now: Timestamp, in session: PostgresTransaction
    ) async throws {
        _ = try await session.query(
            """
            update notification set status = 'cancelled', done_at = $2, reason = 'told together with a later step',
                recalled_at = case when owner is not null then now() end
            where id = any($1)
            """, [.uuidArray(ids.map(\.pair)), .timestamptz(now.microseconds)])
    }

    private static func earlier(
        _ events: [Identifier], in session: PostgresTransaction
    ) async throws -> [OwedNotification.Earlier] {
        try await session.query(
            "select \(earlierEvents("$1"))", [.uuidArray(events.map(\.pair))]
        ).first?.string(0).map(OwedNotification.Earlier.list(json:)) ?? []
    }

    /// The citizen is told the city's own notes only (`TicketEvent.isTold`).
    static func isTold(_ event: String) -> String {
        "\(event).actor not in ('citizen', 'mail', 'rules') and not starts_with(\(event).actor, 'open311:')"
    }

    /// The events of these ids, as `OwedNotification.Earlier` reads them.
    static func earlierEvents(_ ids: String) -> String {
        """
        (select jsonb_agg(jsonb_build_array(b.kind, extract(epoch from b.at),
                case when \(isTold("b")) then b.note end) order by b.at, b.id)::text
            from event b where b.id = any(\(ids)))
        """
    }
}
