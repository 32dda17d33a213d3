import Civic
import Postgres

/// Takes out of tickets and messages what tells whose they are, and leaves what statistics are made of: codes, category,
/// office, area, priority, times and statuses.
///
/// Each method runs in the caller's transaction. Bytes of files are removed after it (`Anonymiser.removeFiles`): whether
/// somebody else's message brought the same file can only be known while nobody writes one.
enum Anonymiser {
    /// What was removed, for the record and the operator.
    struct Counts: Sendable {
        var tickets = 0
        var messages = 0
        var events = 0
        var attachments = 0
        var notifications = 0
        var cancelled = 0
    }

    static let cancelled = "the personal data of its ticket were erased"

    /// The decision without the citizen's words: what was decided, and by which rules, of which statistics are made.
    private static let bareDecision = """
        jsonb_build_object(
            'decision', coalesce(decision -> 'decision', '{}') - 'place',
            'because', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'field', b -> 'field', 'rule', b -> 'rule', 'matched', '[]'::jsonb) order by n)
                from jsonb_array_elements(
                    case when jsonb_typeof(decision -> 'because') = 'array' then decision -> 'because' else '[]' end)
                    with ordinality as because (b, n)), '[]'),
            'nearly', '[]'::jsonb, 'undecided', undecided, 'config', config)
        """

    /// - Parameters:
    ///   - tickets: locked by the caller.
    ///   - messages: of these and other tickets, or of none.
    ///   - keepsOpen: tickets of which something of somebody else's is left, for retention to find later.
    static func run(
        tickets: [Int64], messages: [Identifier], keepsOpen: [Int64] = [], at now: Timestamp,
        in session: PostgresTransaction
    ) async throws -> Counts {
        var counts = Counts()
        let numbers = PostgresValue.int8Array(tickets)
        let ids = PostgresValue.uuidArray(messages.map(\.pair))
        counts.attachments = try await session.query(
            """
            with gone as (
                delete from attachment
                where owner = any($2) or owner in (select id from event where ticket = any($1))
                returning hash, shown
            ), doubt as (
                insert into blob_doubt (hash)
                select hash from gone union select shown from gone where shown is not null order by 1
                on conflict do nothing
            )
            select from gone
            """, [numbers, ids]
        ).count
        _ = try await session.query("delete from media where message = any($1)", [ids])
        _ = try await session.query(
            "delete from shadow_difference where ticket = any($1) or message = any($2)", [numbers, ids])
        let told = try await tell(of: tickets, at: now, in: session)
        counts.notifications = told.notifications
        counts.cancelled = told.cancelled
        counts.events = try await session.query(
            "update event set note = null, details = null where ticket = any($1) and num_nonnulls(note, details) > 0",
            [numbers]
        ).affected
        // What was said in a chat stands in its event, too; the ticket may be somebody else's.
        _ = try await session.query(
            """
            update event e set note = null from message m
            where m.id = any($1) and e.ticket = m.ticket and e.kind = 'message' and e.at = m.received_at
                and e.note is not null
            """, [ids])
        counts.messages = try await session.query(
            """
            update message set citizen = null, external_id = 'erased:' || id, subject = null, body = '', raw = '',
                mail_id = null, quoted = null, signature = null, certificate = null, erased_at = $2
            where id = any($1) and erased_at is null
            """, [ids, .timestamptz(now.microseconds)]
        ).affected
        counts.tickets = try await session.query(
            """
            update ticket set citizen = null, latitude = null, longitude = null, accuracy = null, address = null,
                contact_medium = null, contact = null, contact_fallback = null, contact_why = null,
                contact_wish = null, decision = \(bareDecision),
                erased_at = case when number <> all($3) then $2 end
            where number = any($1) and erased_at is null
            """, [numbers, .timestamptz(now.microseconds), .int8Array(keepsOpen)]
        ).affected
        return counts
    }

    /// What citizens were told, or were to be told. An office's code or address is nobody's.
    private static func tell(
        of tickets: [Int64], at now: Timestamp, in session: PostgresTransaction
    ) async throws -> (notifications: Int, cancelled: Int) {
        let numbers = PostgresValue.int8Array(tickets)
        let cancelled = try await session.query(
            """
            update notification set status = 'cancelled', done_at = $2
            where ticket = any($1) and coalesce(status) in ('waiting', 'sending')
                and not starts_with(template, 'office_')
            """, [numbers, .timestamptz(now.microseconds)]
        ).affected
        _ = try await session.query(
            """
            update attempt a set reason = null from notification n
            where n.ticket = any($1) and a.notification = n.id and not starts_with(n.template, 'office_')
                and a.reason is not null
            """, [numbers])
        let cleared = try await session.query(
            """
            update notification set recipient = '', fallback = null, remote_id = null, watch_at = null,
                owner = null, recalled_at = null, reason = case when status = 'cancelled' then $2 end
            where ticket = any($1) and not starts_with(template, 'office_') and recipient <> ''
            """, [numbers, .text(Anonymiser.cancelled)]
        ).affected
        return (cleared, cancelled)
    }

    /// What is known of citizens beyond their tickets and messages.
    /// - Parameters:
    ///   - addresses: their e-mail addresses.
    ///   - chats: where they were talked with.
    static func forget(
        _ citizens: [Identifier], addresses: [String] = [], chats: [Conversations.Place] = [],
        in session: PostgresTransaction
    ) async throws {
        let ids = PostgresValue.uuidArray(citizens.map(\.pair))
        // Daemons remember how citizens want to be told, and read what changed: the empty rows go a day later.
        _ = try await session.query(
            """
            update preference set medium = null, muted_at = null, actor = 'erased', changed_at = now()
            where citizen = any($1)
            """, [ids])
        _ = try await session.query(
            "update unreached set until = 'epoch', changed_at = now() where citizen = any($1)", [ids])
        _ = try await session.query("delete from preference_change where citizen = any($1)", [ids])
        _ = try await session.query("delete from identity where citizen = any($1)", [ids])
        _ = try await session.query("delete from citizen where id = any($1)", [ids])
        _ = try await session.query(
            """
            delete from correspondent c where address = any($1)
                and not exists (select from identity i where i.value = c.address and i.kind = 'email')
            """, [.textArray(addresses)])
        try await Anonymiser.forget(chats, in: session)
    }

    /// - Parameter before: only chats in which nothing was said since; all without it.
    static func forget(
        _ chats: [Conversations.Place], before: Timestamp? = nil, in session: PostgresTransaction
    ) async throws {
        _ = try await session.query(
            """
            delete from conversation c using unnest($1::text[], $2::text[]) as p (channel, chat)
            where c.channel = p.channel and c.chat = p.chat
                and ($3::timestamptz is null or c.last_at < $3)
            """, [.textArray(chats.map(\.channel)), .textArray(chats.map(\.chat)), .optional(before)])
    }

    /// Removes the bytes of files that no attachment refers to any more.
    ///
    /// Whoever writes an attachment has touched `blob` before in the same transaction: while this one holds its lock,
    /// nobody counts on bytes that are about to go. The lock lasts for a few lookups by index.
    /// - Returns: how many.
    static func removeFiles(in session: PostgresTransaction) async throws -> Int {
        guard try await session.query("select from blob_doubt limit 1").count > 0 else { return 0 }
        _ = try await session.query("set local lock_timeout = '2s'")
        _ = try await session.query("lock table blob in share row exclusive mode")
        let rows = try await session.query(
            """
            with doubt as (
                delete from blob_doubt where hash in (select hash from blob_doubt limit 1000) returning hash
            )
            delete from blob b using doubt d where b.hash = d.hash
                and not exists (select from attachment a where a.hash = d.hash)
                and not exists (
                    select from attachment a where a.shown = d.hash and a.shown is distinct from a.hash)
            """)
        return rows.affected
    }
}
