import Civic
import Postgres

/// A ticket as the system of the office that is to work on it gets it, and the event that is told.
public struct OfficeTask: Sendable {
    public struct Event: Hashable, Sendable {
        public let id: Identifier
        public let at: Timestamp
        public let kind: TicketEvent.Kind
        public let by: String
        public let note: String?
        /// To which the event hands the ticket on.
        public let office: String?

        public init(
            id: Identifier, at: Timestamp, kind: TicketEvent.Kind, by: String, note: String?, office: String?
        ) {
            self.id = id
            self.at = at
            self.kind = kind
            self.by = by
            self.note = note
            self.office = office
        }
    }

    public var ticket: TicketRecord
    public let event: Event
    public let location: Location?
    /// The citizen's own, as far as they are known.
    public let email: String?
    public let phone: String?

    public init(ticket: TicketRecord, event: Event, location: Location?, email: String?, phone: String?) {
        self.ticket = ticket
        self.event = event
        self.location = location
        self.email = email
        self.phone = phone
    }
}

extension Tickets {
    /// The ticket as it stands now, told because of `event`; nil if there is none (any more).
    public func task(_ code: String, event: Identifier) async throws -> OfficeTask? {
        guard let ticket = try await find(code: code) else { return nil }
        let rows = try await pool.query(
            """
            select e.at, e.kind, e.actor, e.note, e.office, t.latitude, t.longitude, t.accuracy, t.address,
                (select min(value) from identity i where i.citizen = t.citizen and i.kind = 'email'),
                (select min(value) from identity i where i.citizen = t.citizen and i.kind = 'phone')
            from ticket t join event e on e.ticket = t.number where t.number = $1 and e.id = $2
            """, [.int8(ticket.number), .uuid(event.high, event.low)])
        guard let row = rows.first, let at = row.moment(0), let kind = row.string(1).flatMap(TicketEvent.Kind.init),
            let by = row.string(2)
        else { return nil }
        return OfficeTask(
            ticket: ticket,
            event: OfficeTask.Event(id: event, at: at, kind: kind, by: by, note: row.string(3), office: row.string(4)),
            location: Location(
                latitude: row.double(5), longitude: row.double(6), accuracy: row.double(7), address: row.string(8)),
            email: row.string(9), phone: row.string(10))
    }
}

extension Tickets {
    /// The ticket told by its latest event.
    public func lastTask(_ code: String) async throws -> OfficeTask? {
        let rows = try await pool.query(
            """
            select e.id from event e join ticket t on t.number = e.ticket where t.code = $1
            order by e.at desc, e.id desc limit 1
            """, [.text(code)])
        guard let event = rows.first?.identifier(0) else { return nil }
        return try await task(code, event: event)
    }
}

extension TicketRecord {
    /// How much of a ticket is told: it may have grown for years, and whoever gets it may read the whole of it.
    public struct Bounds: Hashable, Sendable {
        /// The latest.
        public var messages: Int
        public var events: Int
        public var attachments: Int
        /// Characters of a message's text.
        public var text: Int
        /// Characters of an event's note.
        public var note: Int

        public init(messages: Int, events: Int, attachments: Int, text: Int, note: Int) {
            self.messages = messages
            self.events = events
            self.attachments = attachments
            self.text = text
            self.note = note
        }
    }

    /// - Returns: and whether anything was left out.
    public func bounded(_ bounds: Bounds) -> (ticket: TicketRecord, isCut: Bool) {
        var ticket = self
        var isCut = false
        func cut(_ text: inout String?, to limit: Int) {
            guard let whole = text, whole.unicodeScalars.count > limit else { return }
            isCut = true
            text = String(String.UnicodeScalarView(whole.unicodeScalars.prefix(limit)))
        }
        func latest<Element>(_ list: inout [Element], _ count: Int) {
            guard list.count > count else { return }
            isCut = true
            list.removeFirst(list.count - count)
        }
        latest(&ticket.messages, bounds.messages)
        latest(&ticket.events, bounds.events)
        if ticket.attachments.count > bounds.attachments {
            // Their numbers count from the first.
            ticket.attachments.removeLast(ticket.attachments.count - bounds.attachments)
            isCut = true
        }
        cut(&ticket.subject, to: bounds.note)
        cut(&ticket.text, to: bounds.text)
        for index in ticket.messages.indices {
            var text: String? = ticket.messages[index].text
            cut(&text, to: bounds.text)
            ticket.messages[index].text = text ?? ""
            cut(&ticket.messages[index].subject, to: bounds.note)
            cut(&ticket.messages[index].quoted, to: bounds.note)
            cut(&ticket.messages[index].signature, to: bounds.note)
        }
        for index in ticket.events.indices { cut(&ticket.events[index].note, to: bounds.note) }
        return (ticket, isCut)
    }
}
