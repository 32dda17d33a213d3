import Civic
import Store

/// Where the queue makes durable what became of notifications.
public protocol DeliveryJournal: Sendable {
    /// Writes outcomes and what is owed in their place, all or nothing. Writing the same again changes nothing.
    func record(_ outcomes: [Outbox.Outcome], followUps: [OwedNotification], owner: Int64?) async throws
    /// Leaves notifications of this owner to whoever has room.
    func release(_ ids: [Identifier], owner: Int64) async throws
}

extension Outbox: DeliveryJournal {}
