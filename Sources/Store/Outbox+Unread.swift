import Civic
import Postgres

extension Outbox {
    /// When a notification that was delivered counts as unread. A medium that does not tell of reading says nothing by
    /// its silence: it is not among these.
    public struct Unread: Sendable {
        /// After the delivery.
        public var after: Duration
        /// App IO tells of reading for these categories only: those of services under a premium contract.
        public var appIOCategories: [String]
        /// It tells for tickets without a category, too.
        public var appIOWithoutCategory: Bool

        public init(after: Duration, appIOCategories: [String] = [], appIOWithoutCategory: Bool = false) {
            self.after = after
            self.appIOCategories = appIOCategories
            self.appIOWithoutCategory = appIOWithoutCategory
        }

        /// Nobody is told months later because a policy changed, or a daemon stood still.
        static let grace = Duration.seconds(3 * 86_400)

        /// Longer than a look at App IO is leased, or put off.
        static let look = Duration.seconds(600)

        /// Messengers that tell of reading.
        static let messengers: [Medium] = [.whatsapp, .messenger, .instagram]

        var media: [Medium] {
            (appIOCategories.isEmpty && !appIOWithoutCategory ? [] : [.appIO]) + Unread.messengers
        }

        func reason(_ next: Medium) -> String {
            let minutes = after.components.seconds / 60
            let time = minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes) min"
            return "unread for \(time): \(next.rawValue) follows"
        }
    }

    /// Owes the next medium of notifications that were delivered and not read in time, each once; what is read later
    /// changes nothing. In batches, skipping what another daemon is at.
    /// - Returns: what is owed, written, and the medium that was not read; fewer than `limit` if there is nothing more.
    public func followUnread(
        _ policy: Unread, at now: Timestamp, owner: Holder?, limit: Int = 500
    ) async throws -> [(unreadOn: Medium, owed: OwedNotification)] {
        try await pool.transaction { session in
            let rows = try await session.query(
                """
                select \(Outbox.columns) from \(Outbox.tables)
                where n.id in (
                    select n.id from notification n join ticket t on t.number = n.ticket
                    where n.status = 'delivered' and n.receipt in ('unread', 'delivered')
                        and n.fallback is not null and n.followed_at is null
                        -- App IO says "unread" when it is asked: the look that is due by then must have been made.
                        and (n.medium <> 'app_io' or n.receipt = 'unread' and (n.watch_at is null
                            or n.watch_at > n.done_at + make_interval(secs => $8)))
                        and n.done_at <= $1 and n.done_at > $2 and n.medium = any($3)
                        and (n.medium <> 'app_io' or t.category = any($4) or (t.category is null and $5))
                        and not starts_with(n.template, 'office_')
                        -- Who has written there since has seen it.
                        and not exists (
                            select from conversation c
                            where c.channel = split_part(n.recipient, '/', 1)
                                and c.chat = substr(n.recipient, strpos(n.recipient, '/') + 1)
                                and c.last_at > n.done_at)
                        -- Who wants no news by now gets none a second time.
                        and not (n.template = any($6) and (coalesce(t.contact_wish, '') = 'none' or exists (
                            select from preference p where p.citizen = t.citizen and p.muted_at is not null)))
                    order by n.done_at limit $7 for update of n skip locked)
                """,
                [
                    .timestamptz((now + (.zero - policy.after)).microseconds),
                    .timestamptz((now + (.zero - policy.after - Unread.grace)).microseconds),
                    .textArray(policy.media.map(\.rawValue)), .textArray(policy.appIOCategories),
                    .bool(policy.appIOWithoutCategory),
                    .textArray(MediumChoice.Occasion.newsKinds.map(\.rawValue)), .int8(Int64(limit)),
                    .double((policy.after + Unread.look).inSeconds),
                ])
            var owed: [(unreadOn: Medium, owed: OwedNotification)] = []
            for unread in rows.compactMap(OwedNotification.init) {
                let next = unread.succeeded(at: now)
                _ = try await session.query(
                    "update notification set followed_at = $2, reason = coalesce($3, reason) where id = $1",
                    [
                        .uuid(unread.id.high, unread.id.low), .timestamptz(now.microseconds),
                        .optional(next.map { policy.reason($0.medium) }),
                    ])
                guard let next else { continue }
                owed.append((unread.medium, try await Outbox.insert(next, owner: owner, in: session)))
            }
            return owed
        }
    }
}
