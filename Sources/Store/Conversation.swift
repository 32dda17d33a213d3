import Civic
import Postgres

/// Chats with citizens: which ticket what is said belongs to.
///
/// A chat's row is locked while one of its messages is written, so that of many that come at once the first opens the
/// ticket and the others join it, whichever daemon they reach.
public struct Conversations: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// One chat. As a recipient it is written `CHANNEL/CHAT`.
    public struct Place: Hashable, Sendable {
        public let channel: String
        public let chat: String
        public init(channel: String, chat: String) {
            self.channel = channel
            self.chat = chat
        }

        public init?(recipient: String) {
            guard let slash = recipient.firstIndex(of: "/") else { return nil }
            self.init(
                channel: String(recipient[..<slash]), chat: String(recipient[recipient.index(after: slash)...]))
        }
        public var recipient: String { "\(channel)/\(chat)" }
    }

    /// How a chat stands.
    public struct Standing: Hashable, Sendable {
        /// Its ticket, while that is open.
        public var ticket: (number: Int64, code: String, status: TicketStatus, category: String?, language: String)? {
            guard let number, let code, let status, let language else { return nil }
            return (number, code, status, category, language)
        }
        let number: Int64?
        let code: String?
        let status: TicketStatus?
        let category: String?
        let language: String?
        /// The citizen's last message, as the messenger calls it.
        public let lastMessage: String?
        public let lastGroup: String?
        public let lastAt: Timestamp?
        public let isMuted: Bool
    }

    /// - Returns: nil if nobody has written there.
    public func standing(of place: Place) async throws -> Standing? {
        try await pool.query(Conversations.select, [.text(place.channel), .text(place.chat)]).first.map(Standing.init)
    }

    private static let select = """
        select t.number, t.code, t.status, t.category, t.language, c.last_message, c.last_group, c.last_at,
            c.muted_at is not null
        from conversation c left join ticket t on t.number = c.ticket and t.closed_at is null
        where c.channel = $1 and c.chat = $2
        """

    /// The chat's row, made if need be and locked until the transaction ends.
    static func locked(_ place: Place, in session: PostgresTransaction) async throws -> Standing? {
        _ = try await session.query(
            "insert into conversation (channel, chat) values ($1, $2) on conflict do nothing",
            [.text(place.channel), .text(place.chat)])
        _ = try await session.query(
            "select from conversation where channel = $1 and chat = $2 for update",
            [.text(place.channel), .text(place.chat)])
        // A statement of its own: the one that waited for the lock does not see what was written meanwhile, but for the
        // row that it locks.
        return try await session.query(select, [.text(place.channel), .text(place.chat)]).first.map(Standing.init)
    }

    /// What comes next belongs to this ticket again, unless the chat has another one by now.
    public func resume(_ ticket: Int64, at place: Place) async throws {
        _ = try await pool.query(
            """
            update conversation c set ticket = $3 where c.channel = $1 and c.chat = $2 and not exists (
                select from ticket t where t.number = c.ticket and t.closed_at is null)
            """, [.text(place.channel), .text(place.chat), .int8(ticket)])
    }

    /// Whether a message was stored before.
    public func isKnown(scope: String, externalID: String) async throws -> Bool {
        let rows = try await pool.query(
            "select from message where scope = $1 and external_id = $2", [.text(scope), .text(externalID)])
        return !rows.isEmpty
    }

    /// What a command does to a chat.
    public enum Act: Hashable, Sendable {
        /// Whether the citizen wants to hear from us there.
        case mute(Bool, Place)
        /// What comes next is a matter of its own.
        case begin(Place)
    }

    /// Keeps what is said to the messenger rather than to the city, once, and does what it asks in the same transaction:
    /// a command that comes again, when the citizen has long said something else, does nothing.
    /// - Returns: whether it is new.
    public func keep(_ record: IntakeRecord, act: Act? = nil) async throws -> Bool {
        try await pool.transaction { session in
            let statement = IntakeStatement([record], owner: nil)
            let rows = try await session.query(statement.sql, statement.parameters)
            guard !rows.isEmpty else { return false }
            switch act {
            case .mute(let isMuted, let place):
                _ = try await session.query(
                    """
                    insert into conversation as c (channel, chat, muted_at) values ($1, $2, $3)
                    on conflict (channel, chat) do update set muted_at = case
                        when excluded.muted_at is null then null else coalesce(c.muted_at, excluded.muted_at) end
                    """,
                    [
                        .text(place.channel), .text(place.chat),
                        .optional(isMuted ? record.message.receivedAt : nil),
                    ])
            case .begin(let place):
                _ = try await session.query(
                    "update conversation set ticket = null where channel = $1 and chat = $2",
                    [.text(place.channel), .text(place.chat)])
            case nil: break
            }
            return true
        }
    }
}

extension Conversations.Standing {
    init(_ row: PostgresRow) {
        self.init(
            number: row.int(0), code: row.string(1), status: row.string(2).flatMap(TicketStatus.init),
            category: row.string(3), language: row.string(4), lastMessage: row.string(5), lastGroup: row.string(6),
            lastAt: row.moment(7), isMuted: row.bool(8) ?? false)
    }
}

/// What we say in a chat without owing it: an answer to a command. It is tried once.
public struct Saying: Hashable, Sendable {
    public var medium: Medium
    public var place: Conversations.Place
    /// Of the templates `chat_…`; nil: nothing is said, only the button that was pressed is answered.
    public var template: String?
    public var language: String
    /// The ticket that it speaks of, and how that stands, in words.
    public var code: String?
    public var status: String?
    /// The citizen's message.
    public var inReplyTo: String?
    /// Of a button that was pressed.
    public var callback: String?

    public init(
        medium: Medium, place: Conversations.Place, template: String?, language: String, code: String? = nil,
        status: String? = nil, inReplyTo: String? = nil, callback: String? = nil
    ) {
        self.medium = medium
        self.place = place
        self.template = template
        self.language = language
        self.code = code
        self.status = status
        self.inReplyTo = inReplyTo
        self.callback = callback
    }
}
