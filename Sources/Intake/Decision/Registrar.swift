import Civic
import Settings
import Store

/// Turns a decided message into the rows it makes. Pure but for the ticket's number, which is given.
public struct Registrar: Sendable {
    let configuration: Configuration
    let instance: Instance

    public init(configuration: Configuration, instance: Instance) {
        self.configuration = configuration
        self.instance = instance
    }

    /// The numbers that can be told apart in a code are used up.
    public struct OutOfNumbers: Error {}

    public func code(of number: Int64) throws(OutOfNumbers) -> String {
        guard let code = TicketCode(prefix: configuration.city.prefix, number: number, key: instance.ticketKey) else {
            throw OutOfNumbers()
        }
        return code.text
    }

    public func statusURL(of code: String) -> String {
        "\(configuration.city.baseURL)/t/\(code)?k=\(instance.statusKey(of: code))"
    }

    /// Who is told.
    public enum Told: Sendable {
        /// On the medium that reaches them best.
        /// - Parameter certified: what they said came by certified mail, and is answered by it.
        case person(Sender, certified: Bool = false)
        case at(Contact)
    }

    /// - Parameters:
    ///   - contact: who is told, if it is not the sender as such.
    ///   - answers: whether the first answer is owed.
    ///   - files: of the message.
    public func record(
        _ message: Message, raw: [UInt8], verdict: Verdict, number: Int64, contact: Told? = nil, answers: Bool = true,
        files: FileDesk.Taken = FileDesk.Taken()
    ) throws -> IntakeRecord {
        let identities = message.sender.identities
        let citizen = identities.first.map(Identifier.init(citizenOf:))
        if let reason = verdict.discard {
            var record = IntakeRecord(
                message: message, raw: raw, citizen: citizen, identities: identities,
                outcome: .discarded(reason: reason))
            record.attachments = files.kept
            return record
        }
        let ticket = try ticket(
            verdict, number: number, openedAt: message.receivedAt,
            contact: self.contact(contact ?? .person(message.sender)), answers: answers, note: files.refusal)
        var record = IntakeRecord(
            message: message, raw: raw, citizen: citizen, identities: identities, outcome: .ticket(ticket))
        record.attachments = files.kept
        return record
    }

    private func ticket(
        _ verdict: Verdict, number: Int64, openedAt: Timestamp, contact: Contact?, answers: Bool, note: String?,
        isAnswer: Bool = true
    ) throws -> NewTicket {
        var ticket = NewTicket(
            number: number, code: try code(of: number), category: verdict.category, office: verdict.office,
            priority: verdict.priority, area: verdict.area, language: verdict.language, openedAt: openedAt,
            dueAt: verdict.dueAt, contact: contact, tags: verdict.tags, undecided: verdict.undecided,
            decision: verdict.json.text, config: verdict.config, openedEvent: .timeOrdered(at: openedAt),
            notifications: [])
        ticket.note = note
        if answers, let contact {
            ticket.notifications.append(
                owed(ticket, to: contact, template: verdict.reply ?? "opened", isAnswer: isAnswer))
        }
        for office in verdict.notify {
            guard let email = configuration.directory.offices[office]?.email else { continue }
            ticket.notifications.append(
                owed(ticket, to: Contact(medium: .email, address: email), template: "office_new"))
        }
        return ticket
    }

    /// A ticket of its own for what was said on another one, to whose citizen it is told.
    public func ticket(
        of said: TicketRecord.Message, on old: TicketRecord, number: Int64, now: Timestamp
    ) throws -> NewTicket {
        let message = Message(
            id: said.id, channel: said.channel, externalID: "", receivedAt: now, subject: said.subject, text: said.text,
            language: old.language,
            attachments: old.attachments.filter { $0.owner == said.id }.map {
                Attachment(name: $0.name, type: $0.type, content: [])
            })
        // A person wants it to be one, whatever the rules think of it.
        return try ticket(
            Classifier(configuration: configuration).decide(message), number: number, openedAt: now,
            contact: old.contact, answers: true, note: nil, isAnswer: false)
    }

    private func contact(_ told: Told) -> Contact? {
        switch told {
        case .person(let sender, let certified):
            Contact(
                of: sender, appIO: configuration.appIO != nil, pec: certified && configuration.certifiedMail != nil)
        case .at(let contact): contact
        }
    }

    /// - Parameter isAnswer: to what the citizen has just said.
    private func owed(
        _ ticket: NewTicket, to contact: Contact, template: String, isAnswer: Bool = false
    ) -> OwedNotification {
        var owed = OwedNotification(
            id: .timeOrdered(at: ticket.openedAt), ticket: ticket.number, event: ticket.openedEvent, code: ticket.code,
            medium: contact.medium, recipient: contact.address, fallback: contact.fallback, template: template,
            language: template == "office_new" ? configuration.city.language : ticket.language,
            createdAt: ticket.openedAt, nextAttemptAt: ticket.openedAt, expiresAt: ticket.openedAt,
            priority: ticket.priority,
            category: ticket.category, office: ticket.office, openedAt: ticket.openedAt, dueAt: ticket.dueAt,
            // What was left out is for offices: to the citizen it would seem to be the office's word.
            eventAt: ticket.openedAt, note: template == "office_new" ? ticket.note : nil)
        var subject = owed.subject(isAnswer: isAnswer)
        // Whoever gets a ticket's code does not wait for what may happen to it.
        subject.standsAlone = true
        owed.adopt(configuration.notifications.plan(subject))
        return owed
    }
}
