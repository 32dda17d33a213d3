import Civic
import Settings
import Store

/// One event of a messenger on its way in.
struct ChatEntry: Sendable {
    let raw: [UInt8]
    let channel: Channel
    let medium: Medium
    let rulebook: Desk.Rulebook
    let chats: ChatDesk

    var desk: Desk { chats.desk }
    var configuration: Configuration { rulebook.configuration }
    /// Within this time after a ticket was opened, what follows may decide it again.
    static let gathering = Duration.seconds(600)

    func take(_ event: ChatEvent) async throws -> (ChatDesk.Outcome, Verdict?) {
        switch event.storable {
        case .message(let said): return try await hear(said)
        case .edited(let said): return try await hear(said, isEdition: true)
        case .command(let command, let said): return try await obey(command, said)
        case .receipt(let receipt): return (try await note(receipt), nil)
        case .ignored(let id, let kind):
            let isNew = try await keep(id: id, sender: Sender(), text: "", reason: "\(medium.rawValue): \(kind)")
            return (isNew ? .ignored : .duplicate, nil)
        }
    }

    func place(_ said: ChatMessage) -> Conversations.Place {
        Conversations.Place(channel: channel.name, chat: said.chat)
    }

    // MARK: A citizen's word

    func hear(_ said: ChatMessage, isEdition: Bool = false) async throws -> (ChatDesk.Outcome, Verdict?) {
        let message = message(of: said)
        guard !(try await chats.conversations.isKnown(scope: message.scope, externalID: message.externalID)) else {
            return (.duplicate, nil)
        }
        if desk.preferences.mayBeUnreached(on: medium, at: desk.now()), let identity = message.sender.identities.first {
            try await desk.tickets.preferences.heard(from: identity, on: medium)
        }
        let standing = try await chats.conversations.standing(of: place(said))
        // An edition of what nobody asked us is nobody's matter, nor is a number without a word.
        if standing?.ticket == nil, isEdition || said.isEmpty {
            let isNew = try await keep(
                id: said.id, sender: message.sender, text: message.text,
                reason: isEdition ? "an edition of a matter that is over" : "nothing is said")
            return (isNew ? .ignored : .duplicate, nil)
        }
        var needsOpening = standing?.ticket == nil
        // Its ticket may be closed, or opened, between the look and the lock: few times in a row.
        for _ in 0..<8 {
            let opening = needsOpening ? try await opening(message, said) : nil
            switch try await write(message, said, isEdition: isEdition, opening: opening?.record) {
            case .wantsOpening: needsOpening = true
            case .duplicate: return (.duplicate, nil)
            case .discarded: return (.discarded, opening?.verdict)
            case .opened(let code, let owed):
                deliver(owed)
                if let opening, let shadow = rulebook.shadow {
                    desk.shadow.offer(message, decided: opening.verdict, record: opening.record, shadow: shadow)
                }
                return (.opened(ticket: code), opening?.verdict)
            case .appended(let code, let owed):
                deliver(owed)
                return (.appended(ticket: code), nil)
            }
        }
        throw ChatDesk.EarlyReceipt()
    }

    private func opening(_ message: Message, _ said: ChatMessage) async throws -> (
        record: IntakeRecord, verdict: Verdict
    ) {
        let verdict = desk.decide(message, by: rulebook)
        let number = try await desk.numbers.next()
        let chat = Contact(medium: medium, address: place(said).recipient)
        let record = try rulebook.registrar.record(
            message, raw: raw, verdict: verdict, number: number, contact: .person(message.sender, chat: chat),
            standing: try await desk.standing(of: message.sender))
        return (record, verdict)
    }

    private func write(
        _ message: Message, _ said: ChatMessage, isEdition: Bool, opening: IntakeRecord?
    ) async throws -> Conversations.Taken {
        let configuration = configuration
        let identities = message.sender.identities
        let choice = rulebook.registrar.choice
        let word = Conversations.Word(
            place: place(said), opening: opening,
            addition: { [raw] ticket, _ in
                var record = IntakeRecord(
                    message: message, raw: raw, citizen: identities.first.map(Identifier.init(citizenOf:)),
                    identities: identities, outcome: .appended(to: ticket))
                record.kind = .reply
                var addition = Correspondence.Addition(
                    record: record, ticket: ticket, event: .message, by: "citizen",
                    note: message.text.isEmpty ? nil : message.text.bounded(to: 2000),
                    offices: configuration.officeNotices, timing: configuration.timing)
                addition.choice = choice
                return addition
            },
            reference: said.id, answers: message.fields[ChatMessage.answers], group: said.group, isEdition: isEdition,
            media: said.media.prefix(channel.files.count).map {
                Conversations.Media(
                    reference: $0.reference.storable, name: $0.name.storable.bounded(to: 200),
                    type: $0.type.storable.bounded(to: 200), size: $0.size)
            })
        let taken = try await chats.conversations.take(
            word, owner: desk.owner(), reconsider: reconsideration(of: message),
            due: { category, office, from in configuration.due(category: category, office: office, from: from) })
        if !word.media.isEmpty { chats.fetch() }
        return taken
    }

    private func deliver(_ owed: [OwedNotification]) { if !owed.isEmpty { desk.deliver(owed) } }

    /// What the rules see of it, and what is stored.
    private func message(of said: ChatMessage) -> Message {
        let limits = configuration.limits
        let text = said.text.storable.bounded(to: limits.text)
        return Message(
            id: .timeOrdered(at: desk.now()), channel: channel.name, externalID: externalID(said.id),
            receivedAt: desk.now(), sentAt: said.sentAt, sender: sender(said), text: text,
            // The application's language may not be the one in which its owner writes.
            language: LanguageDetector.language(of: text, home: configuration.city.language)
                ?? said.language?.primaryLanguage,
            location: said.location,
            attachments: said.media.map { Attachment(name: $0.name, type: $0.type, content: []) },
            fields: Dictionary(
                said.fields.prefix(100).map { ($0.key.storable.bounded(to: 200), $0.value.storable.bounded(to: 2000)) },
                uniquingKeysWith: { first, _ in first }))
    }

    private func sender(_ said: ChatMessage) -> Sender {
        let phone = said.phone.flatMap { PhoneNumber($0)?.text }
        return Sender(
            name: said.name.flatMap { $0.isEmpty ? nil : $0.storable.bounded(to: 200) }, phone: phone,
            account: medium == .sms ? nil : "\(medium.rawValue):\(said.account)".storable.bounded(to: 500),
            // A messenger has its users prove their number; who sends a text message may name any.
            attested: medium == .sms ? [] : [.account, .phone])
    }

    /// One that is longer than the database's index takes is known by its digest.
    func externalID(_ id: String) -> String {
        let id = id.storable
        guard id.utf8.count > 500 else { return id }
        return Authentication.digest(id).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Decides a chat's young ticket again from all that was said.
    func reconsideration(of message: Message) -> Reconsideration {
        let configuration = configuration
        let classifier = rulebook.classifier
        return Reconsideration(
            within: ChatEntry.gathering, location: message.location, offices: configuration.officeNotices,
            timing: configuration.timing
        ) { said in
            var whole = message
            whole.receivedAt = said.openedAt
            whole.text = said.texts.joined(separator: "\n").bounded(to: configuration.limits.text)
            whole.location = said.location
            whole.attachments = said.files.map { Attachment(name: "", type: $0, content: []) }
            let verdict = classifier.decide(whole)
            guard verdict.discard == nil else { return nil }
            return Reconsideration.Decided(
                category: verdict.category, office: verdict.office, priority: verdict.priority, area: verdict.area,
                dueAt: verdict.dueAt, tags: verdict.tags, undecided: verdict.undecided, decision: verdict.json.text,
                config: verdict.config, tells: verdict.notify.compactMap { configuration.directory.offices[$0]?.email })
        }
    }

    // MARK: What is not for the city

    /// - Returns: whether it is new.
    func keep(
        id: String, sender: Sender, text: String, reason: String, act: Conversations.Act? = nil
    ) async throws -> Bool {
        let now = desk.now()
        let message = Message(
            id: .timeOrdered(at: now), channel: channel.name, externalID: externalID(id), receivedAt: now,
            sender: sender, text: text.storable.bounded(to: configuration.limits.text))
        var record = IntakeRecord(
            message: message, raw: raw, citizen: nil, identities: [],
            outcome: .discarded(reason: reason.storable.bounded(to: 500)))
        record.kind = .notice
        return try await chats.conversations.keep(record, act: act)
    }

    /// A failure is told again by who told it, if our own record of the message is on its way.
    private func note(_ receipt: ChatReceipt) async throws -> ChatDesk.Outcome {
        let now = desk.now()
        let state = Outbox.Receipt.State(rawValue: receipt.state.rawValue) ?? .delivered
        let owed = try await chats.outbox.apply(
            Outbox.Receipt(
                medium: medium, remoteID: receipt.messageID.storable, state: state,
                reason: receipt.reason?.storable.bounded(to: 500)),
            at: now, owner: desk.owner(), clears: desk.preferences.mayBeUnreached(on: medium, at: now))
        guard let owed else {
            if receipt.state == .failed, let at = receipt.at, at <= now + .seconds(60), now < at + .seconds(60) {
                throw ChatDesk.EarlyReceipt()
            }
            return .noted(known: false)
        }
        deliver(owed)
        return .noted(known: true)
    }
}
