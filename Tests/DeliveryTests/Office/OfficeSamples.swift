import Civic
import Settings

@testable import Store

/// A leak that the public works office hands on to the water company.
enum OfficeSample {
    static let moment = Timestamp(rfc3339: "2026-11-21T09:30:00Z")!

    static func task(
        text: String = "Perde il tubo davanti al n. 12", kind: TicketEvent.Kind = .forwarded, note: String? = nil,
        location: Location? = Location(
            point: GeoPoint(latitude: 44.8651, longitude: 10.0606), address: "via Gramsci 12"),
        messages: Int = 1, attachments: Int = 0
    ) -> OfficeTask {
        var ticket = TicketRecord(
            number: 7, code: "FI-7Q4K2MXD", status: .forwarded, category: "segnalazioni.acqua-fogne",
            office: "lavori-pubblici", priority: "high", area: "centro", channel: "portale", language: "it",
            openedAt: moment, dueAt: nil, closedAt: nil, citizen: nil,
            contact: Contact(medium: .email, address: "anna@example.org"), tags: ["acqua"], undecided: false,
            decision: "{}", subject: "Perdita", text: text)
        ticket.messages = (0..<messages).map { number in
            TicketRecord.Message(
                id: Identifier(high: 1, low: UInt64(number)), kind: number == 0 ? .opening : .reply, channel: "portale",
                receivedAt: moment, subject: "Perdita", text: text, quoted: nil, signature: nil, certificate: nil)
        }
        ticket.attachments = (0..<attachments).map { number in
            TicketRecord.Attachment(
                owner: Identifier(high: 1, low: 0), position: number, name: "foto\(number).jpg", type: "image/jpeg",
                size: 10, hash: "00", isInline: false, isShown: true, isForCitizen: false, facts: "{}")
        }
        return OfficeTask(
            ticket: ticket,
            event: OfficeTask.Event(
                id: Identifier(high: 2, low: 3), at: moment, kind: kind, by: "lavori-pubblici", note: note,
                office: "gestore-idrico"),
            location: location, email: "anna@example.org", phone: "+393331234567")
    }

    static func server(contact: Bool = false, key: String? = "chiave&=") -> OfficeOpen311 {
        OfficeOpen311(
            url: "https://acqua.example/open311/v2", jurisdiction: "acqua.example", key: key.map { Secret($0) },
            services: [
                OfficeOpen311.Service(category: "segnalazioni.acqua-fogne", code: "acqua"),
                OfficeOpen311.Service(category: "ambiente.*", code: "verde"),
            ], sharesContact: contact)
    }
}
