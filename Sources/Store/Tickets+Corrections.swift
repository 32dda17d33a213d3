import Civic
import Postgres

/// A ticket that a person moved: what the rules had decided, and where the person put it.
public struct Correction: Hashable, Sendable {
    public struct Place: Hashable, Sendable {
        public var category: String?
        public var office: String
        public init(category: String?, office: String) {
            self.category = category
            self.office = office
        }
    }
    public let decided: Place
    public let moved: Place

    public init(decided: Place, moved: Place) {
        self.decided = decided
        self.moved = moved
    }

    /// The category that the person chose; nil if the one decided was left as it was.
    public var category: String? { moved.category == decided.category ? nil : moved.category }
    /// The office that the person chose; nil if the one decided was left as it was.
    public var office: String? { moved.office == decided.office ? nil : moved.office }
}

extension Tickets {
    /// The tickets moved by hand since a moment, by number. One that was moved and moved back is among them, and says
    /// nothing. A ticket that an office forwards stays with it, and is none.
    public func corrections(since: Timestamp) async throws -> [Int64: Correction] {
        let rows = try await pool.query(
            """
            select t.number, t.decision -> 'decision' ->> 'category', t.decision -> 'decision' ->> 'office',
                   t.category, t.office
            from (select distinct ticket from event where id >= $1 and kind = 'moved') e
                join ticket t on t.number = e.ticket
            """, [.uuid(since.firstIdentifier.high, 0)])
        var corrections: [Int64: Correction] = [:]
        for row in rows {
            guard let number = row.int(0), let office = row.string(4) else { continue }
            corrections[number] = Correction(
                // A record without an office is no decision of ours; then the person changed nothing that is known.
                decided: Correction.Place(category: row.string(1), office: row.string(2) ?? office),
                moved: Correction.Place(category: row.string(3), office: office))
        }
        return corrections
    }
}
