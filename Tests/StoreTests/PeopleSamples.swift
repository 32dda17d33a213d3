import Civic
import Glibc

@testable import Store

/// A person who is known by everything, and others beside them.
enum Person {
    static let sender = Sender(
        name: "Ermenegilda Squarcialupi", email: "squarcialupi@example.net", phone: "+393479988776",
        fiscalCode: "SQRRNG80A41H501T", attested: [.fiscalCode])
    static let id = sender.identities.first.map(Identifier.init(citizenOf:)) ?? Identifier(high: 0, low: 0)
    static let contact = Contact(medium: .email, address: "squarcialupi@example.net")
    static let words = "la fontanella di zia Petronilla perde"
    /// What must be found nowhere after an erasure.
    static let traces = [
        "Squarcialupi", "squarcialupi@", "3479988776", "SQRRNG80A41H501T", "Petronilla", "Tre Orologi",
        "fontanella.jpg",
    ]

    static let decision = """
        {"decision":{"category":"strade.buche","office":"urp","place":"via dei Tre Orologi"},"because":[{"field":"category",
        "value":"strade.buche","rule":"strade.buche","condition":"text: fontanella",
        "matched":[{"text":"Petronilla","offset":1,"length":2}]}],"nearly":[],"undecided":false,"config":"c"}
        """

    /// A ticket of theirs with a place, a file and a notification owed to them, and another to an office.
    static func record(
        _ externalID: String, at moment: Timestamp = Sample.moment, sender: Sender = sender, file: [UInt8] = [1, 2, 3]
    ) -> IntakeRecord {
        var ticket = Sample.ticket(contact: contact, openedAt: moment, notifications: 2)
        ticket.decision = decision
        ticket.notifications[0].recipient = contact.address
        var message = Message(
            id: .timeOrdered(at: moment), channel: "portale", externalID: externalID, receivedAt: moment,
            sender: sender, subject: "Fontanella di Petronilla", text: words, language: "it")
        message.location = Location(
            point: GeoPoint(latitude: 41.9, longitude: 12.5), address: "via dei Tre Orologi 47")
        var record = IntakeRecord(
            message: message, raw: Array("{\"from\":\"squarcialupi@example.net\"}".utf8),
            citizen: sender.identities.first.map(Identifier.init(citizenOf:)), identities: sender.identities,
            outcome: .ticket(ticket))
        record.attachments = [
            StoredAttachment(
                name: "fontanella.jpg", type: "image/jpeg", hash: file + Array(repeating: 7, count: 29), content: file,
                shown: .copy(hash: file + Array(repeating: 8, count: 29), content: file + [0]), isInline: false,
                facts: "{}")
        ]
        return record
    }

    static func order(openToo: Bool = false) -> CitizenErasure.Order {
        var order = CitizenErasure.Order(
            citizen: id, actor: .account("anna"), by: "il responsabile", reason: "richiesta", at: Sample.moment)
        order.openToo = openToo
        return order
    }
}

extension Timestamp {
    /// The database's clock is this one.
    static var current: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}

extension TestDatabase {
    /// Everything that stands in any table, bytes as hexadecimal digits too, so that nothing hides.
    func everything() async throws -> String {
        let tables = try await pool.query(
            "select table_name::text from information_schema.tables where table_schema = current_schema()"
        ).compactMap { $0.string(0) }
        var text = ""
        for table in tables {
            let rows = try await pool.query("select t::text from \"\(table)\" t")
            text += rows.map { ($0.string(0) ?? "") + "\n" }.joined()
        }
        return text
    }

    /// The traces of the person that are left anywhere.
    func traces() async throws -> [String] {
        let text = try await everything().lowercased()
        return Person.traces.filter { trace in
            let hex = trace.lowercased().utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let original = trace.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return text.contains(trace.lowercased()) || text.contains(hex) || text.contains(original)
        }
    }

    /// What a city counts.
    func statistics() async throws -> [String] {
        try await pool.query(
            """
            select concat_ws('|', code, status, category, office, area, priority, channel, language, opened_at, due_at,
                closed_at, undecided, decision -> 'decision' ->> 'category', decision -> 'because' -> 0 ->> 'rule',
                (select string_agg(kind || at || actor, ',' order by at, id) from event e where e.ticket = t.number),
                (select string_agg(medium || template, ',' order by id) from notification n where n.ticket = t.number))
            from ticket t order by number
            """
        ).compactMap { $0.string(0) }
    }

    func close(
        _ code: String, at: Timestamp = Sample.moment + .seconds(60), note: String = "Signora Squarcialupi, è fatto"
    ) async throws {
        var step = Tickets.Step(code: code, at: at, kind: .resolved, by: "urp", note: note)
        step.audited = .office("urp")
        _ = try await tickets.take(step, owner: nil) { _, _ in nil }
    }
}
