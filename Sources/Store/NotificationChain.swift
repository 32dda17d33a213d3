import Civic

/// One notification that was owed, with those that took its place on other media, in their order.
public struct NotificationChain: Sendable {
    public let links: [TicketRecord.Notification]

    /// What became of it: the last one that was delivered, else the last.
    public var outcome: TicketRecord.Notification { links.last { $0.status == "delivered" } ?? links[links.count - 1] }

    /// - Parameter notifications: of one ticket.
    /// - Returns: one for each that was owed by itself, in their order.
    public static func all(in notifications: [TicketRecord.Notification]) -> [NotificationChain] {
        let known = Set(notifications.map(\.id))
        var next: [Identifier: TicketRecord.Notification] = [:]
        for notification in notifications {
            if let before = notification.insteadOf { next[before] = notification }
        }
        return notifications.filter { !($0.insteadOf.map(known.contains) ?? false) }.map { first in
            var links = [first]
            // A chain in the table has no circle; a broken one must not hang whoever looks at it.
            while let link = next[links[links.count - 1].id], links.count <= notifications.count { links.append(link) }
            return NotificationChain(links: links)
        }
    }
}
