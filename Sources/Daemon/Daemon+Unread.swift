import Civic
import Intake
import Observability
import Settings
import Store

extension Daemon {
    /// Once for each beat: the next medium of some of what was delivered and not read.
    func followUnread(by configuration: Configuration) async throws {
        guard let unread = Outbox.Unread(configuration), unreadPace.isDue else { return }
        let start = ContinuousClock.now
        // Asked once: what is written for nobody must not be delivered from memory, for others may take it.
        let owner = heartbeat.owner
        let most = 500
        let followed = try await outbox.followUnread(unread, at: desk.now(), owner: owner, limit: most)
        // There may be more: the next beat goes on.
        if followed.count < most { unreadPace.looked(for: ContinuousClock.now - start) }
        for (medium, next) in followed {
            observe(.notificationFallback(medium: medium, to: next.medium, ticket: next.code))
        }
        if owner != nil, !followed.isEmpty { desk.deliver(followed.map(\.owed)) }
    }
}

extension Outbox.Unread {
    /// Nil if nothing follows what is not read.
    init?(_ configuration: Configuration) {
        guard let after = configuration.notifications.unread else { return nil }
        func isTold(_ category: String?) -> Bool {
            guard let appIO = configuration.appIO else { return false }
            let special = appIO.services.first { service in
                category.map { code in service.categories.contains { Category.matches(code, $0) } } ?? false
            }
            return (special ?? appIO.service).isPremium
        }
        self.init(
            after: after, appIOCategories: configuration.categories.keys.filter(isTold).sorted(),
            appIOWithoutCategory: isTold(nil))
    }
}
