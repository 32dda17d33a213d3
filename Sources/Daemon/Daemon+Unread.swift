import Civic
import Intake
import Observability
import Settings
import Store
import Synchronization

/// When the next look for unread notifications is due: each rests fifty times as long as it took.
final class UnreadPace: Sendable {
    private let next = Mutex(ContinuousClock.now)

    var isDue: Bool { next.withLock { $0 <= .now } }

    func looked(for time: Duration) { next.withLock { $0 = .now + time * 50 } }
}

extension Daemon {
    /// With each beat: the next medium of what was delivered and not read.
    func followUnread(by configuration: Configuration) async throws {
        guard let unread = Outbox.Unread(configuration), unreadPace.isDue else { return }
        let start = ContinuousClock.now
        defer { unreadPace.looked(for: ContinuousClock.now - start) }
        // Asked once: what is written for nobody must not be delivered from memory, for others may take it.
        let owner = heartbeat.owner
        let limit = 500
        while true {
            let followed = try await outbox.followUnread(unread, at: desk.now(), owner: owner, limit: limit)
            for (medium, next) in followed {
                observe(.notificationFallback(medium: medium, to: next.medium, ticket: next.code))
            }
            if owner != nil, !followed.isEmpty { desk.deliver(followed.map(\.owed)) }
            if followed.count < limit { return }
        }
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
