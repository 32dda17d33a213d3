import Civic
import Observability
import Settings
import Store

/// Brings notifications into chats, on all accounts of one messenger.
///
/// A request whose answer was lost is made again: said twice is a nuisance, not said at all a loss.
struct ChatCarrier: Carrier {
    let medium: Medium
    /// By channel.
    let accounts: [String: any ChatAccount]
    let words: ChatWording
    let conversations: Conversations
    /// The names of the documents that an office gave to the step.
    let files: @Sendable (OwedNotification) async throws -> [String]
    let now: @Sendable () -> Timestamp

    var destination: String { medium.rawValue }
    let concurrency = 8

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        guard let place = Conversations.Place(recipient: owed.recipient), let account = accounts[place.channel] else {
            return .unreachable(reason: "its channel is closed")
        }
        let standing: Conversations.Standing?
        let files: String?
        do {
            standing = try await conversations.standing(of: place)
            files = owed.hasFiles ? Facts.list(try await self.files(owed)) : nil
        } catch {
            // Our own trouble says nothing of the messenger.
            return .tryAgain(reason: "PostgreSQL does not answer", after: nil, pause: false)
        }
        if standing?.isMuted == true { return .unreachable(reason: "the citizen wants to hear nothing more there") }
        do {
            let answered = standing?.lastMessage
            var said = try words.words(
                for: owed, by: account, files: files, isPublic: account.isPublic(inReplyTo: answered))
            said.inReplyTo = answered
            said.key = "\(owed.id)"
            if let window = account.window {
                said.isLate = standing?.lastAt.map { now() >= $0 + window } ?? true
            }
            let verdict = await account.send(said, to: place.chat)
            // Blocked, gone, or silent for too long: a word of theirs changes it before.
            if case .unreachable(let reason) = verdict { return .absent(reason: reason, for: .seconds(86_400)) }
            return verdict
        } catch {
            return .tryAgain(reason: "\(error)", after: nil, pause: false)
        }
    }
}

/// What is said in chats, from the city's templates.
struct ChatWording {
    let facts: Facts
    let templates: TemplateLibrary

    private static let publicVariables: Set = [
        "code", "city", "office", "forwarded_to", "date", "opened_date", "due_date", "phone",
    ]

    func words(
        for owed: OwedNotification, by account: any ChatAccount, files: String?, isPublic: Bool
    ) throws(TemplateError) -> ChatWords {
        var variables = facts.variables(of: owed, in: templates)
        variables["files"] = files
        // Everybody reads along: nothing of what anybody wrote, and not the key of the citizen's page.
        if isPublic {
            variables = variables.filter { ChatWording.publicVariables.contains($0.key) }
        }
        let text = try templates.chat(
            owed.template, language: owed.language, variables: variables, length: account.length)
        return ChatWords(
            text: text.words, buttons: buttons(of: owed, variables, text.language), code: owed.code)
    }

    /// Below the opening a way to speak of something else, and below the end a way to say that it is not the end.
    private func buttons(
        of owed: OwedNotification, _ variables: [String: String], _ language: String
    ) -> [ChatWords.Button] {
        func button(_ name: String, _ act: ChatWords.Button.Act) -> ChatWords.Button? {
            let title = try? templates.chat("button_\(name)", language: language, variables: [:], length: 64)
            // A city without the words has no button.
            return title.map { ChatWords.Button(title: $0.words, act: act) }
        }
        var buttons = [variables["status_url"].flatMap { button("status", .open(url: $0)) }]
        switch owed.template {
        case TicketEvent.Kind.resolved.rawValue, TicketEvent.Kind.rejected.rawValue:
            buttons.append(button("reopen", .command("reopen:\(owed.code)")))
        default: buttons.append(button("new", .command("new")))
        }
        return buttons.compactMap(\.self)
    }
}
