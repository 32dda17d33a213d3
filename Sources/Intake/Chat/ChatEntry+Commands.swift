import Civic
import Store

/// What a citizen asks of us rather than of the city. First it is done, and then it is kept as done: doing it twice
/// changes nothing.
extension ChatEntry {
    func obey(_ command: ChatCommand, _ said: ChatMessage) async throws -> ChatDesk.Outcome {
        let place = place(said)
        let standing = try await chats.conversations.standing(of: place)
        var saying = Saying(
            medium: medium, place: place, template: nil,
            language: standing?.ticket?.language ?? language(said) ?? configuration.city.language,
            inReplyTo: said.id, callback: said.callback)
        switch command {
        case .start:
            try await chats.conversations.mute(false, at: place, now: desk.now())
            // Who lets us in again, without a word, is about to greet.
            saying.template = said.text.isEmpty ? nil : "chat_help"
        case .help: saying.template = "chat_help"
        case .stop:
            try await chats.conversations.mute(true, at: place, now: desk.now())
            // Who blocked us hears nothing, and an SMS provider confirms by itself.
            saying.template = medium == .sms || said.text.isEmpty ? nil : "chat_stop"
        case .new:
            try await chats.conversations.begin(at: place)
            saying.template = "chat_new"
        case .status:
            saying.template = standing?.ticket == nil ? "chat_none" : "chat_status"
            saying.code = standing?.ticket?.code
            saying.status = standing?.ticket.map { StatusWords(language: saying.language).status($0.status) }
        case .reopen(let code): try await reopen(code, said)
        }
        let isNew = try await keep(
            id: said.id, sender: Sender(), text: said.text, reason: "\(medium.rawValue): command \(command.word)")
        if isNew { chats.say(saying) }
        return isNew ? .obeyed : .duplicate
    }

    /// Only in the chat to which the ticket's answers go; else nothing happens.
    private func reopen(_ code: String, _ said: ChatMessage) async throws {
        let place = place(said)
        guard let code = TicketCode(parsing: code, prefix: configuration.city.prefix)?.text,
            let ticket = try await desk.tickets.find(code: code),
            ticket.contact?.medium == medium, ticket.contact?.address == place.recipient, ticket.status.isClosed
        else { return }
        let configuration = configuration
        var step = Tickets.Step(
            code: code, at: desk.now(), kind: .reopened, by: "citizen", externalID: said.id,
            lifetime: configuration.notifications.expire)
        step.note = nil
        let owner = desk.owner()
        let result = try await desk.tickets.take(step, owner: owner) { category, from in
            configuration.due(category: category, office: ticket.office, from: from)
        }
        if case .done(let owed?) = result, owner != nil { desk.deliver([owed]) }
        try await chats.conversations.resume(ticket.number, at: place)
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
