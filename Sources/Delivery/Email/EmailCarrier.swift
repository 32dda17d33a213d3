import Civic
import Settings
import Store
import Transfer

/// Brings notifications to the city's mail server, or to its provider of certified mail.
struct EmailCarrier: Carrier {
    let mail: Mail
    let destination: String
    let facts: Facts
    let templates: TemplateLibrary
    let client: TransferClient
    /// What goes along with a notification, the same at every attempt.
    var files: @Sendable (OwedNotification) async throws -> [EmailMessage.File] = { _ in [] }
    /// What an office is to work on.
    var tasks: OfficeTasks = { _, _ in nil }

    /// While some mails are on their way, others are composed.
    var concurrency: Int { mail.connections * 2 }

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        let files: [EmailMessage.File]
        var said: String?
        do {
            files = owed.hasFiles ? try await self.files(owed) : []
            // An office that gets its work by mail reads there what it is about.
            if EmailCarrier.tasks.contains(owed.template) { said = try await tasks(owed.code, owed.event)?.ticket.text }
        } catch {
            return .tryAgain(reason: "PostgreSQL does not answer", after: nil, pause: false)
        }
        let message: [UInt8]
        let token = facts.threadToken(owed.code)
        let replies = replyAddress(token)
        do {
            message = try await Composing.run { [said] in
                try compose(owed, files, said: said, token: token, replyTo: replies).bytes
            }
        } catch let error as TemplateError {
            // It is this one's template, not the mail server: once it is mended, the next attempt tells it.
            return .tryAgain(reason: error.description, after: nil, pause: false)
        } catch {
            return .givenUp(reason: "\(error)")
        }
        let submission = MailSubmission(
            server: mail.server, tls: mail.tls.mode, user: mail.user, password: mail.password?.value,
            from: returnPath(replies), recipients: [owed.recipient], message: message)
        do throws(TransferError) {
            let receipt = try await client.submit(submission)
            return Verdict(EmailVerdict(code: receipt.code, text: receipt.text, stage: .message))
        } catch {
            return Verdict(EmailVerdict(error))
        }
    }

    /// Reports on the delivery come back to where replies are read, with the ticket's token. Certified mail has one
    /// sender, the account's, and receipts of its own.
    private func returnPath(_ replies: String?) -> String {
        destination == EmailCarrier.certified ? mail.from.address : replies ?? mail.from.address
    }

    private func replyAddress(_ token: String) -> String? {
        guard let replies = mail.replies, let at = replies.lastIndex(of: "@") else { return nil }
        return "\(replies[..<at])+\(token)\(replies[at...])"
    }

    static let certified = "pec"
    private static let tasks: Set = ["office_work", "office_new", "office_reminder", "office_overdue"]

    private func compose(
        _ owed: OwedNotification, _ files: [EmailMessage.File], said: String?, token: String, replyTo: String?
    ) throws -> EmailMessage {
        var variables = facts.variables(of: owed, in: templates)
        variables["text_excerpt"] = said.map { PlainText.shortened($0, toUTF16: 2000) }
        let (taken, left) = EmailCarrier.fitting(files, into: mail.attachments)
        variables["files"] = Facts.list(taken.map(\.name))
        variables["large_files"] = Facts.list(left.map(\.name))
        if mail.replies != nil { variables["replies"] = "true" }
        let text = try templates.render(
            name: owed.template, language: owed.language, variables: variables, for: .email)
        return EmailMessage(
            id: owed.id, token: token, original: owed.isToCitizen ? owed.inReplyTo : nil,
            occasion: owed.eventAt == owed.openedAt ? .answer : .news,
            from: try Mailbox(name: mail.from.name, address: mail.from.address),
            to: try Mailbox(address: owed.recipient),
            replyTo: try replyTo.map { try Mailbox(name: mail.from.name, address: $0) },
            subject: text.subject, plain: text.plain, html: text.html,
            language: text.language, date: owed.createdAt, zone: facts.configuration.city.zone, files: taken,
            list: owed.isToCitizen ? facts.configuration.city.name : nil, unsubscribeURL: variables["unsubscribe_url"])
    }

    /// The files, in their order, that are together no larger than `limit` bytes, and the others.
    static func fitting(
        _ files: [EmailMessage.File], into limit: Int
    ) -> (taken: [EmailMessage.File], left: [EmailMessage.File]) {
        var room = limit
        var (taken, left): ([EmailMessage.File], [EmailMessage.File]) = ([], [])
        for file in files {
            if file.content.count <= room {
                room -= file.content.count
                taken.append(file)
            } else {
                left.append(file)
            }
        }
        return (taken, left)
    }
}

extension EmailVerdict {
    fileprivate init(_ error: TransferError) {
        if case .refused(let code, let text) = error.kind {
            self.init(code: code, text: text, stage: SMTPStage(summary: error.message))
            return
        }
        let kind: EmailFailure.Kind =
            switch error.kind {
            case .resolve, .connect, .timeout: .connection
            case .tls: .tls
            case .authentication: .authentication
            case .protocolError: .protocolError
            case .tooLarge: .invalid
            default: error.isRetriable ? .local : .invalid
            }
        self.init(EmailFailure(kind: kind, requestSent: error.requestSent, message: error.message))
    }
}

extension Verdict {
    fileprivate init(_ verdict: EmailVerdict) {
        switch verdict {
        case .delivered: self = .delivered(remoteID: nil)
        case .tryAgain(let reason, let pause): self = .tryAgain(reason: reason, after: nil, pause: pause)
        case .noSuchAddress(let reason): self = .absent(reason: reason, for: .seconds(30 * 86_400))
        // Another medium may still reach the citizen.
        case .givenUp(let reason): self = .unreachable(reason: reason)
        case .stopped(let reason): self = .stopped(reason: reason)
        }
    }
}

extension Mail.TLS {
    fileprivate var mode: MailSubmission.TLSMode {
        switch self {
        case .never: .never
        case .opportunistic: .opportunistic
        case .required: .required
        }
    }
}
