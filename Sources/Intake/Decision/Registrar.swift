import Civic
import Settings
import Store

/// Turns a decided message into the rows it makes. Pure but for the ticket's number, which is given.
public struct Registrar: Sendable {
    let configuration: Configuration
    let instance: Instance
    public let choice: MediumChoice

    public init(configuration: Configuration, instance: Instance) {
        self.configuration = configuration
        self.instance = instance
        choice = MediumChoice(configuration)
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

    /// Where a citizen says that they want no news of a ticket (RFC 8058).
    public func unsubscribeURL(of code: String) -> String {
        "\(configuration.city.baseURL)/t/\(code)/unsubscribe?k=\(instance.statusKey(of: code))"
    }

    /// Who is told.
    public struct Told: Sendable {
        var person: Sender
        /// What they said came by certified mail, and is answered by it.
        var certified = false
        /// In which they spoke.
        var chat: Contact?

        public static func person(_ person: Sender, certified: Bool = false, chat: Contact? = nil) -> Told {
            Told(person: person, certified: certified, chat: chat)
        }
    }

    /// - Parameters:
    ///   - contact: who is told, if it is not the sender as such.
    ///   - answers: whether the first answer is owed.
    ///   - standing: what is known of the citizen.
    ///   - files: of the message.
    public func record(
        _ message: Message, raw: [UInt8], verdict: Verdict, number: Int64, contact: Told? = nil, answers: Bool = true,
        standing: CitizenStanding = CitizenStanding(), files: FileDesk.Taken = FileDesk.Taken()
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
        let wish = message.sender.wish
        var standing = standing
        standing.wish = wish ?? standing.wish
        let isVouchedFor = identities.first?.attested == true
        var ticket = try ticket(
            verdict, number: number, openedAt: message.receivedAt,
            ways: ways(to: contact ?? .person(message.sender)), standing: standing, answers: answers,
            note: files.refusal)
        ticket.wish = isVouchedFor ? nil : wish
        var record = IntakeRecord(
            message: message, raw: raw, citizen: citizen, identities: identities, outcome: .ticket(ticket))
        record.attachments = files.kept
        record.wish = isVouchedFor ? wish : nil
        return record
    }

    private func ticket(
        _ verdict: Verdict, number: Int64, openedAt: Timestamp, ways: [Contact], standing: CitizenStanding,
        answers: Bool, note: String?, isAnswer: Bool = true
    ) throws -> NewTicket {
        let chosen = choice.choose(
            among: ways, office: verdict.office, standing: standing, occasion: .answer, at: openedAt)
        var ticket = NewTicket(
            number: number, code: try code(of: number), category: verdict.category, office: verdict.office,
            priority: verdict.priority, area: verdict.area, language: verdict.language, openedAt: openedAt,
            dueAt: verdict.dueAt, contact: chosen?.known, tags: verdict.tags, undecided: verdict.undecided,
            decision: verdict.json.text, config: verdict.config, openedEvent: .timeOrdered(at: openedAt),
            notifications: [])
        ticket.note = note
        ticket.contactWhy = chosen?.why
        if answers, let contact = chosen?.contact {
            ticket.notifications.append(
                owed(ticket, to: contact, template: verdict.reply ?? "opened", isAnswer: isAnswer))
        }
        var told: Set<String> = []
        for address in configuration.work(of: verdict.office) {
            var work = owed(ticket, to: address.contact, template: "office_work")
            work.expiresAt = openedAt + address.lifetime
            ticket.notifications.append(work)
            if work.medium == .email { told.insert(work.recipient) }
        }
        for office in verdict.notify {
            guard let email = configuration.directory.offices[office]?.email, told.insert(email).inserted else {
                continue
            }
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
            ways: old.contact?.ways ?? [], standing: old.standing, answers: true, note: nil, isAnswer: false)
    }

    private func ways(to told: Told) -> [Contact] {
        Contact.ways(
            of: told.person, appIO: configuration.appIO != nil,
            certified: told.certified && configuration.certifiedMail != nil, chat: told.chat)
    }

    /// - Parameter isAnswer: to what the citizen has just said.
    private func owed(
        _ ticket: NewTicket, to contact: Contact, template: String, isAnswer: Bool = false
    ) -> OwedNotification {
        var owed = OwedNotification(
            id: .timeOrdered(at: ticket.openedAt), ticket: ticket.number, event: ticket.openedEvent, code: ticket.code,
            medium: contact.medium, recipient: contact.address, fallback: contact.fallback, template: template,
            language: template.hasPrefix("office_") ? configuration.city.language : ticket.language,
            createdAt: ticket.openedAt, nextAttemptAt: ticket.openedAt, expiresAt: ticket.openedAt,
            priority: ticket.priority,
            category: ticket.category, office: ticket.office, openedAt: ticket.openedAt, dueAt: ticket.dueAt,
            // What was left out is for offices: to the citizen it would seem to be the office's word.
            eventAt: ticket.openedAt, note: template.hasPrefix("office_") ? ticket.note : nil)
        var subject = owed.subject(isAnswer: isAnswer)
        // Whoever gets a ticket's code does not wait for what may happen to it.
        subject.standsAlone = true
        owed.adopt(configuration.notifications.plan(subject))
        return owed
    }
}
