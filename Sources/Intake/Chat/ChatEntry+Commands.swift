import Civic
import Store

/// What a citizen asks of us rather than of the city.
extension ChatEntry {
    func obey(_ command: ChatCommand, _ said: ChatMessage) async throws -> (ChatDesk.Outcome, Verdict?) {
        let place = place(said)
        let standing = try await chats.conversations.standing(of: place)
        var act: Conversations.Act?
        var saying = Saying(
            medium: medium, place: place, template: nil,
            language: standing?.ticket?.language ?? said.language?.primaryLanguage ?? configuration.city.language,
            inReplyTo: said.id, callback: said.callback)
        switch command {
        case .start:
            act = .mute(false, place)
            // Let in again without a word, it stays silent: whoever wants to be greeted says so.
            saying.template = said.text.isEmpty ? nil : "chat_help"
        case .help: saying.template = "chat_help"
        case .stop:
            act = .mute(true, place)
            // Who blocked us hears nothing, and an SMS provider confirms by itself.
            saying.template = medium == .sms || said.text.isEmpty ? nil : "chat_stop"
        case .new:
            act = .begin(place)
            saying.template = "chat_new"
        case .status: tell(of: standing, &saying)
        case .reopen(let text):
            guard let code = TicketCode(parsing: text, prefix: configuration.city.prefix)?.text else {
                // "Riapri il cancello" is said to the city.
                return try await hear(said)
            }
            if !(try await reopen(code, said)) { tell(of: standing, &saying) }
        }
        let isNew = try await keep(
            id: said.id, sender: Sender(), text: said.text, reason: "\(medium.rawValue): command \(command.word)",
            act: act)
        if isNew { chats.say(saying) }
        return (isNew ? .obeyed : .duplicate, nil)
    }

    private func tell(of standing: Conversations.Standing?, _ saying: inout Saying) {
        saying.template = standing?.ticket == nil ? "chat_none" : "chat_status"
        saying.code = standing?.ticket?.code
        saying.status = standing?.ticket.map { StatusWords(language: saying.language).status($0.status) }
    }

    /// Only in the chat to which the ticket's answers go. The event has the message's id: it happens once.
    /// - Returns: whether it was reopened, now or by the same message before.
    private func reopen(_ code: String, _ said: ChatMessage) async throws -> Bool {
        let place = place(said)
        guard let ticket = try await desk.tickets.find(code: code),
            ticket.contact?.ways.contains(Contact(medium: medium, address: place.recipient)) == true
        else { return false }
        let configuration = configuration
        var step = Tickets.Step(
            code: code, at: desk.now(), kind: .reopened, by: "citizen", externalID: externalID(said.id),
            timing: configuration.timing)
        step.offices = configuration.officeNotices
        step.choice = rulebook.registrar.choice
        let owner = desk.owner()
        let result = try await desk.tickets.take(step, owner: owner) { category, from in
            configuration.due(category: category, office: ticket.office, from: from)
        }
        switch result {
        case .done(let owed):
            desk.observe(.ticketStep(ticket: step.code, kind: step.kind, by: step.by))
            if owner != nil, !owed.isEmpty { desk.deliver(owed) }
            try await chats.conversations.resume(ticket.number, at: place)
            return true
        case .duplicate: return true
        case .noSuchTicket, .notAllowed, .noDestination: return false
        }
    }
}

extension ChatCommand {
    fileprivate var word: String {
        switch self {
        case .start: "start"
        case .help: "help"
        case .stop: "stop"
        case .new: "new"
        case .status: "status"
        case .reopen: "reopen"
        }
    }
}
