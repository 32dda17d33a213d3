import Civic
import Postgres

extension Conversations {
    /// What a citizen said in a chat, on its way to the chat's ticket.
    public struct Word: Sendable {
        public var place: Place
        /// As it opens a ticket, or is discarded by a rule; nil while a ticket is thought to be open: no number is taken
        /// for nothing.
        public var opening: IntakeRecord?
        /// As it joins the ticket of this number and code.
        public var addition: @Sendable (_ ticket: Int64, _ code: String) -> Correspondence.Addition
        /// The messenger's id of it, to which answers refer.
        public var reference: String
        /// The message of ours that it answers, by the messenger's id: what it says belongs to that one's ticket.
        public var answers: String?
        /// Of an album: the following ones of the same group are parts of the first.
        public var group: String?
        /// An edition does not become the last message.
        public var isEdition: Bool
        public var media: [Media]

        public init(
            place: Place, opening: IntakeRecord?,
            addition: @escaping @Sendable (_ ticket: Int64, _ code: String) -> Correspondence.Addition,
            reference: String, answers: String? = nil, group: String?, isEdition: Bool = false, media: [Media]
        ) {
            self.place = place
            self.opening = opening
            self.addition = addition
            self.reference = reference
            self.answers = answers
            self.group = group
            self.isEdition = isEdition
            self.media = media
        }
    }

    /// A file that is still with the messenger.
    public struct Media: Hashable, Sendable {
        public var reference: String
        public var name: String
        /// As declared.
        public var type: String
        public var size: Int?
        public init(reference: String, name: String, type: String, size: Int?) {
            self.reference = reference
            self.name = name
            self.type = type
            self.size = size
        }
    }

    public enum Taken: Sendable {
        case opened(code: String, [OwedNotification])
        case discarded
        case appended(code: String, [OwedNotification])
        case duplicate
        /// No ticket is open: come again with an opening.
        case wantsOpening
    }

    /// Writes a citizen's word and all that follows from it in one transaction.
    /// - Parameter reconsider: see `Reconsideration`.
    public func take(
        _ word: Word, owner: Holder?, reconsider: Reconsideration,
        due: @escaping @Sendable (_ category: String?, _ office: String, _ from: Timestamp) -> Timestamp?
    ) async throws -> Taken {
        try await pool.transaction { session in
            let standing = try await Conversations.locked(word.place, in: session)
            let answered = try await Conversations.answered(by: word, in: session)
            if let open = answered ?? standing?.ticket?.number,
                let ticket = try await Correspondence.Standing.locked(open, in: session), !ticket.status.isClosed
            {
                var addition = word.addition(ticket.number, ticket.code)
                if let group = word.group, group == standing?.lastGroup {
                    addition.record.kind = .part
                    addition.event = nil
                }
                guard
                    var owed = try await Correspondence.write(
                        addition, to: ticket, owner: owner, due: due, in: session)
                else { return .duplicate }
                try await Conversations.wrote(word, ticket: ticket.number, addition.record.message, in: session)
                owed += try await reconsider.apply(
                    to: ticket.number, at: addition.record.message.receivedAt, owner: owner, in: session)
                return .appended(code: ticket.code, owed)
            }
            guard let opening = word.opening else { return .wantsOpening }
            let statement = IntakeStatement([opening], owner: owner)
            let fresh = try await session.query(statement.sql, statement.parameters)
            guard !fresh.isEmpty else { return .duplicate }
            guard case .ticket(let ticket) = opening.outcome else {
                try await Conversations.wrote(word, ticket: nil, opening.message, in: session)
                return .discarded
            }
            try await Conversations.wrote(word, ticket: ticket.number, opening.message, in: session)
            return .opened(code: ticket.code, ticket.notifications(heldBy: owner))
        }
    }

    /// The open ticket of a message of ours in this chat.
    private static func answered(by word: Word, in session: PostgresTransaction) async throws -> Int64? {
        guard let id = word.answers else { return nil }
        return try await session.query(
            """
            select t.number from notification n join ticket t on t.number = n.ticket
            where n.remote_id = $1 and n.recipient = $2 and t.closed_at is null
                and n.medium in ('telegram', 'whatsapp', 'messenger', 'instagram', 'sms', 'mastodon')
            limit 1
            """, [.text(id), .text(word.place.recipient)]
        ).first?.int(0)
    }

    /// The chat's new state, and the files to be fetched.
    private static func wrote(
        _ word: Word, ticket: Int64?, _ message: Message, in session: PostgresTransaction
    ) async throws {
        _ = try await session.query(
            """
            update conversation set ticket = $3, last_at = $4,
                last_message = case when $7 then last_message else $5 end,
                last_group = case when $7 then last_group else $6 end
            where channel = $1 and chat = $2
            """,
            [
                .text(word.place.channel), .text(word.place.chat), ticket.map(PostgresValue.int8) ?? .null,
                .timestamptz(message.receivedAt.microseconds), .text(word.reference), .optional(word.group),
                .bool(word.isEdition),
            ])
        guard !word.media.isEmpty else { return }
        _ = try await session.query(
            """
            insert into media (message, position, channel, reference, name, type, size, next_attempt_at)
            select $1, t.position - 1, $2, t.reference, t.name, t.type, t.size, $3
            from unnest($4::text[], $5::text[], $6::text[], $7::int8[]) with ordinality
                as t (reference, name, type, size, position)
            """,
            [
                .uuid(message.id.high, message.id.low), .text(word.place.channel),
                .timestamptz(message.receivedAt.microseconds), .textArray(word.media.map(\.reference)),
                .textArray(word.media.map(\.name)), .textArray(word.media.map(\.type)),
                .int8Array(word.media.map { $0.size.map(Int64.init) }),
            ])
    }
}
