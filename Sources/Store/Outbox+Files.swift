import Civic
import Postgres

extension Outbox {
    /// A file that an office gave to a step of a ticket, for the citizen.
    public struct File: Hashable, Sendable {
        public let name: String
        /// The media type by content.
        public let type: String
        public let content: [UInt8]
    }

    /// The files of the events that a notification tells, in their order, photos without what they tell of their maker; none
    /// for what a citizen sent, which belongs to messages.
    public func files(of owed: OwedNotification) async throws -> [File] {
        try await pool.query(
            """
            select a.name, a.type, b.content from attachment a join blob b on b.hash = coalesce(a.shown, a.hash)
            where a.owner = any($1) and not a.inline order by a.owner, a.position
            """, [.uuidArray((owed.bundled + [owed.event]).map(\.pair))]
        ).compactMap { row in
            guard let name = row.string(0), let type = row.string(1), let content = row.bytes(2) else { return nil }
            return File(name: name, type: type, content: content)
        }
    }

    /// Their names only.
    public func fileNames(of owed: OwedNotification) async throws -> [String] {
        try await pool.query(
            "select name from attachment where owner = any($1) and not inline order by owner, position",
            [.uuidArray((owed.bundled + [owed.event]).map(\.pair))]
        ).compactMap { $0.string(0) }
    }
}
