import Civic
import Postgres

/// A ticket as anybody may see it: nothing of the citizen but, if asked for, the words.
public struct PublishedTicket: Hashable, Sendable {
    public let code: String
    public let status: TicketStatus
    public let category: String?
    public let office: String
    public let openedAt: Timestamp
    /// When something last happened to it that is no internal note.
    public let updatedAt: Timestamp
    public let dueAt: Timestamp?
    /// Null too if only a photo tells the place: whoever sent it may not know that it does.
    public let point: GeoPoint?
    public let area: String?
    /// These three are null unless asked for.
    public let address: String?
    public let text: String?
    /// The position of the first picture that others may see.
    public let picture: Int?
}

/// A step of a ticket's life as another system may learn of it.
public struct PublishedUpdate: Hashable, Sendable {
    public let id: Identifier
    public let code: String
    public let kind: TicketEvent.Kind
    public let at: Timestamp
    public let by: String
    public let note: String?
}

extension Tickets {
    /// Which tickets others may see at all.
    public struct Visibility: Hashable, Sendable {
        /// Those of this channel; null: of all.
        public var channel: String?
        /// Those of these categories; null: of all.
        public var categories: [String]?
        /// With the citizen's words, the address and the pictures.
        public var words: Bool

        public init(channel: String?, categories: [String]?, words: Bool) {
            self.channel = channel
            self.categories = categories
            self.words = words
        }
    }

    public struct PublishedFilter: Hashable, Sendable {
        public struct Box: Hashable, Sendable {
            public var west, south, east, north: Double
            public init(west: Double, south: Double, east: Double, north: Double) {
                self.west = west
                self.south = south
                self.east = east
                self.north = north
            }
        }
        public var codes: [String]?
        public var categories: [String]?
        public var isClosed: Bool?
        public var openedFrom: Timestamp?
        public var openedUntil: Timestamp?
        public var updatedFrom: Timestamp?
        public var updatedUntil: Timestamp?
        public var box: Box?
        public var limit = 1000
        public var offset = 0
        public init() {}
    }

    /// What others may see, the newest first.
    public func published(_ filter: PublishedFilter, _ visibility: Visibility) async throws -> [PublishedTicket] {
        var query = Conditions(visibility)
        if let codes = filter.codes { query.add("t.code = any(?)", .textArray(codes)) }
        if let categories = filter.categories { query.add("t.category = any(?)", .textArray(categories)) }
        if let isClosed = filter.isClosed { query.add(isClosed ? "t.closed_at is not null" : "t.closed_at is null") }
        if let from = filter.openedFrom { query.add("t.opened_at >= ?", .optional(from)) }
        if let until = filter.openedUntil { query.add("t.opened_at <= ?", .optional(until)) }
        if let from = filter.updatedFrom {
            query.add("t.number in (select ticket from event where at >= ?)", .optional(from))
            query.add("u.at >= ?", .optional(from))
        }
        if let until = filter.updatedUntil { query.add("u.at <= ?", .optional(until)) }
        if let box = filter.box {
            query.add("t.accuracy is null and t.longitude >= ?", .double(box.west))
            query.add("t.longitude <= ?", .double(box.east))
            query.add("t.latitude >= ?", .double(box.south))
            query.add("t.latitude <= ?", .double(box.north))
        }
        let limit = query.value(.int8(Int64(filter.limit)))
        let offset = query.value(.int8(Int64(filter.offset)))
        let words =
            visibility.words
            ? """
            t.address, m.body, (select min(a.position) from attachment a
                where a.owner = m.id and a.shown is not null and a.type = any('{\(Tickets.pictures)}'))
            """ : "null::text, null::text, null::int"
        return try await pool.query(
            """
            select t.code, t.status, t.category, t.office, t.opened_at, u.at, t.due_at,
                case when t.accuracy is null then t.latitude end, case when t.accuracy is null then t.longitude end,
                t.area, \(words)
            from ticket t
                cross join lateral (
                    select coalesce(max(at), t.opened_at) as at from event where ticket = t.number
                        and kind not in ('note', 'reminded', 'escalated')) u
                \(visibility.words ? "left join message m on m.ticket = t.number and m.kind = 'opening'" : "")
            where \(query.text)
            order by t.opened_at desc, t.number desc limit \(limit) offset \(offset)
            """, query.values
        ).compactMap(PublishedTicket.init)
    }

    /// Types of pictures that browsers show and that cannot do anything.
    private static let pictures = "image/jpeg,image/png,image/webp,image/gif"

    /// A picture of a ticket's first message, as others may see it.
    public func picture(
        _ position: Int, code: String, _ visibility: Visibility
    ) async throws -> (type: String, bytes: [UInt8])? {
        guard visibility.words else { return nil }
        var query = Conditions(visibility)
        query.add("t.code = ?", .text(code))
        query.add("a.position = ?", .int4(Int32(clamping: position)))
        let rows = try await pool.query(
            """
            select a.type, b.content
            from ticket t join message m on m.ticket = t.number and m.kind = 'opening'
                join attachment a on a.owner = m.id join blob b on b.hash = a.shown
            where \(query.text) and a.type = any('{\(Tickets.pictures)}')
            """, query.values)
        guard let row = rows.first, let type = row.string(0), let bytes = row.bytes(1) else { return nil }
        return (type, bytes)
    }

    /// What offices, operators and citizens have done, in order; not what `reader` has done itself.
    public func updates(
        from: Timestamp, until: Timestamp, for reader: String, _ visibility: Visibility, limit: Int, offset: Int
    ) async throws -> [PublishedUpdate] {
        var query = Conditions(visibility)
        query.add("e.at >= ?", .optional(from))
        query.add("e.at <= ?", .optional(until))
        query.add("e.actor <> ?", .text(reader))
        query.add("e.kind = any(?)", .textArray(PublishedUpdate.kinds.map(\.rawValue)))
        let bounds = (query.value(.int8(Int64(limit))), query.value(.int8(Int64(offset))))
        return try await pool.query(
            """
            select e.id, t.code, e.kind, e.at, e.actor, 
                -- What a citizen is asked for is between them and the office.
                \(visibility.words ? "case when e.kind <> 'waiting' then e.note end" : "null::text")
            from event e join ticket t on t.number = e.ticket
            where \(query.text) order by e.at, e.id limit \(bounds.0) offset \(bounds.1)
            """, query.values
        ).compactMap(PublishedUpdate.init)
    }

    /// The ticket of a message that opened one; `found` is false if there is no such message.
    public func ticket(
        ofMessage id: Identifier, channel: String
    ) async throws -> (found: Bool, code: String?) {
        let rows = try await pool.query(
            """
            select t.code from message m left join ticket t on t.number = m.ticket
            where m.id = $1 and m.channel = $2 and m.kind = 'opening'
            """, [.uuid(id.high, id.low), .text(channel)])
        guard let row = rows.first else { return (false, nil) }
        return (true, row.string(0))
    }

    /// The latest message since a moment with one of these external ids.
    public func earlier(
        scope: String, externalIDs: [String], since: Timestamp
    ) async throws -> Correspondence.Earlier? {
        let rows = try await pool.query(
            """
            select m.id, t.code from message m left join ticket t on t.number = m.ticket
            where m.scope = $1 and m.external_id = any($2) and m.received_at > $3
            order by m.received_at desc limit 1
            """, [.text(scope), .textArray(externalIDs), .optional(since)])
        guard let row = rows.first, let id = row.identifier(0) else { return nil }
        return Correspondence.Earlier(message: id, ticket: row.string(1))
    }

    /// The event that somebody reported under an id of theirs.
    public func event(code: String, by actor: String, externalID: String) async throws -> Identifier? {
        try await pool.query(
            """
            select e.id from event e join ticket t on t.number = e.ticket
            where t.code = $1 and e.actor = $2 and e.external_id = $3
            """, [.text(code), .text(actor), .text(externalID)]
        ).first?.identifier(0)
    }

    /// Writes on the tickets that these read.
    public var correspondence: Correspondence { Correspondence(pool: pool) }
}

extension PublishedUpdate {
    static let kinds: [TicketEvent.Kind] = [
        .acknowledged, .inProgress, .waiting, .forwarded, .resolved, .rejected, .reopened,
    ]

    fileprivate init?(_ row: PostgresRow) {
        guard let id = row.identifier(0), let code = row.string(1),
            let kind = row.string(2).flatMap(TicketEvent.Kind.init), let at = row.moment(3), let by = row.string(4)
        else { return nil }
        self.init(id: id, code: code, kind: kind, at: at, by: by, note: row.string(5))
    }
}

extension PublishedTicket {
    fileprivate init?(_ row: PostgresRow) {
        guard let code = row.string(0), let status = row.string(1).flatMap(TicketStatus.init),
            let office = row.string(3), let openedAt = row.moment(4), let updatedAt = row.moment(5)
        else { return nil }
        var point: GeoPoint?
        if let latitude = row.double(7), let longitude = row.double(8) {
            point = GeoPoint(latitude: latitude, longitude: longitude)
        }
        self.init(
            code: code, status: status, category: row.string(2), office: office, openedAt: openedAt,
            updatedAt: updatedAt, dueAt: row.moment(6), point: point, area: row.string(9), address: row.string(10),
            text: row.string(11), picture: row.int(12).map(Int.init))
    }
}

/// The conditions of a query and their values, so that the plan knows which are asked.
private struct Conditions {
    private var all: [String] = []
    private(set) var values: [PostgresValue] = []

    var text: String { all.isEmpty ? "true" : all.joined(separator: " and ") }

    init(_ visibility: Tickets.Visibility) {
        if let channel = visibility.channel { add("t.channel = ?", .text(channel)) }
        if let categories = visibility.categories { add("t.category = any(?)", .textArray(categories)) }
    }

    mutating func add(_ condition: String) { all.append("(\(condition))") }

    /// - Parameter condition: with `?` where the value belongs.
    mutating func add(_ condition: String, _ value: PostgresValue) {
        let place = self.value(value)
        add(condition.replacing("?", with: place))
    }

    /// The value's name in the query.
    mutating func value(_ value: PostgresValue) -> String {
        values.append(value)
        return "$\(values.count)"
    }
}
