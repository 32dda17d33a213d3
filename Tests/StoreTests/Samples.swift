import Civic
import Synchronization

@testable import Store

/// Values to store. Numbers and codes are never repeated within a test process.
enum Sample {
    private static let counter = Atomic<Int64>(1000)
    static let moment = Timestamp(seconds: 1_800_000_000)
    static let email = Contact(medium: .email, address: "anna@example.org")

    /// Every office has an address, and is told there of what is new on its tickets; municipio-i gets its work in a
    /// system of its own.
    static let offices = OfficeNotices(
        language: "it",
        work: { office in
            office == "municipio-i"
                ? [.init(contact: Contact(medium: .webhook, address: office), lifetime: .seconds(5 * 86_400))] : []
        },
        news: { office in
            [
                .init(
                    contact: Contact(medium: .email, address: "\(office)@example.org"), lifetime: .seconds(72 * 3600))
            ]
        })

    static func ticket(
        contact: Contact? = email, category: String? = "strade.buche", openedAt: Timestamp = moment,
        notifications: Int = 0, tags: [String] = []
    ) -> NewTicket {
        let number = counter.add(1, ordering: .relaxed).newValue
        let code = "RM-\(number)"
        let event = Identifier.timeOrdered(at: openedAt)
        // The first to the citizen, the others to offices: none waits for another.
        let owed = (0..<notifications).map { index in
            OwedNotification(
                id: .timeOrdered(at: openedAt), ticket: number, event: event, code: code, medium: .email,
                recipient: index == 0 ? "anna@example.org" : "office\(index)@example.org", fallback: nil,
                template: index == 0 ? "opened" : "office_new", language: "it", createdAt: openedAt,
                nextAttemptAt: openedAt, expiresAt: openedAt + .seconds(3600), priority: .high, category: category,
                office: "urp", openedAt: openedAt, dueAt: nil, eventAt: openedAt)
        }
        return NewTicket(
            number: number, code: code, category: category, office: "urp", priority: .high, area: "municipio-i",
            language: "it", openedAt: openedAt, dueAt: openedAt + .seconds(86_400), contact: contact, tags: tags,
            undecided: false, decision: #"{"because":[]}"#, config: "0123456789ab", openedEvent: event,
            notifications: owed)
    }

    static func message(_ externalID: String, sender: Sender = Sender(), text: String = "una buca") -> Message {
        Message(
            id: .timeOrdered(at: moment), channel: "portale", externalID: externalID, receivedAt: moment,
            sender: sender,
            subject: "Buca", text: text, language: "it")
    }

    static func record(
        _ externalID: String, sender: Sender = Sender(), text: String = "una buca", outcome: IntakeRecord.Outcome
    ) -> IntakeRecord {
        let message = message(externalID, sender: sender, text: text)
        return IntakeRecord(
            message: message, raw: Array("{}".utf8), citizen: sender.identities.first.map(Identifier.init(citizenOf:)),
            identities: sender.identities, outcome: outcome)
    }

    static func record(
        _ externalID: String, sender: Sender = Sender(), text: String = "una buca", notifications: Int = 0
    ) -> IntakeRecord {
        record(externalID, sender: sender, text: text, outcome: .ticket(ticket(notifications: notifications)))
    }
}

extension IntakeRecord {
    var ticket: NewTicket? {
        if case .ticket(let ticket) = outcome { ticket } else { nil }
    }
}

extension IntakeResult {
    var isStored: Bool {
        if case .stored = self { true } else { false }
    }

    /// The earlier message and its ticket, if this one is a duplicate.
    var earlier: (message: Identifier, ticket: String?)? {
        if case .duplicate(let message, let ticket) = self { (message, ticket) } else { nil }
    }
}
