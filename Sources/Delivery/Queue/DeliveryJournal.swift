import Civic
import Store

/// Where the queue makes durable what became of notifications.
public protocol DeliveryJournal: Sendable {
    /// Writes outcomes, attempts and what is owed in their place, all or nothing. Writing the same again changes nothing.
    /// - Returns: what is owed in their place, and whether the owner holds it.
    func record(
        _ outcomes: [Outbox.Outcome], tries: [Outbox.Try], followUps: [OwedNotification], owner: Holder?
    ) async throws -> [OwedNotification]
    /// Makes durable that requests are about to be made which must not be repeated blindly.
    /// - Returns: those that may be made: the others belong to another daemon by now, or are finished.
    func mark(_ marks: [Outbox.Outcome]) async throws -> Set<Identifier>
    /// Leaves notifications of this owner to whoever has room.
    func release(_ ids: [Identifier], owner: Int64) async throws
}

extension Outbox: DeliveryJournal {}
