import Civic
import EventLoop
import Observability
import Settings
import Store
import Transfer

/// Makes the carriers that a configuration asks for. A new medium adds its line in `carriers`.
public final class Couriers: Sendable {
    private let mailClient: TransferClient
    private let webClient: TransferClient
    private let conversations: Conversations
    private let voice: ChatVoice
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - mailConnections: how many mails may be under way at once, at most.
    ///   - loop: where the queue lives, so that an attempt needs no hop; otherwise one of their own.
    ///   - voice: gets the messengers' accounts, for what is said without being owed.
    public init(
        mailConnections: Int, loop: EventLoop? = nil, conversations: Conversations, voice: ChatVoice,
        now: @escaping @Sendable () -> Timestamp
    ) throws {
        self.conversations = conversations
        self.voice = voice
        mailClient = try TransferClient(label: "pasquino.mail", connectionsPerHost: mailConnections, on: loop)
        webClient = try TransferClient(label: "pasquino.web", connectionsPerHost: 8, on: loop)
        self.now = now
    }

    /// - Parameters:
    ///   - statusURL: the address of a ticket's status page, key included.
    ///   - threadToken: what proves which ticket a mail answers.
    /// - Throws: `TemplateError`.
    public func carriers(
        for configuration: Configuration, statusURL: @escaping @Sendable (_ code: String) -> String,
        threadToken: @escaping @Sendable (_ code: String) -> String
    ) throws -> (carriers: [Medium: any Carrier], policy: DeliveryQueue.Policy) {
        let templates = try TemplateLibrary(
            texts: configuration.templates, defaultLanguage: configuration.city.language)
        let facts = Facts(configuration: configuration, statusURL: statusURL, threadToken: threadToken)
        var carriers: [Medium: any Carrier] = [:]
        if let mail = configuration.mail {
            carriers[.email] = EmailCarrier(
                mail: mail, destination: "mail", facts: facts, templates: templates, client: mailClient)
        }
        if let mail = configuration.certifiedMail {
            carriers[.pec] = EmailCarrier(
                mail: mail, destination: EmailCarrier.certified, facts: facts, templates: templates, client: mailClient)
        }
        if let appIO = configuration.appIO {
            carriers[.appIO] = AppIOCarrier(
                settings: appIO, facts: facts, templates: templates, client: webClient, now: now,
                wait: { try? await Task.sleep(for: $0) })  // cancelled: the daemon stops, and the call fails by itself
        }
        let words = ChatWording(facts: facts, templates: templates)
        let chats = ChatAccounts.all(in: configuration, client: webClient)
        for (medium, accounts) in chats {
            carriers[medium] = ChatCarrier(
                medium: medium, accounts: accounts, words: words, conversations: conversations, now: now)
        }
        voice.adopt(chats, words)
        let policy = DeliveryQueue.Policy(
            retry: RetryPolicy(
                expiry: configuration.notifications.expire, attempts: configuration.notifications.attempts),
            emailWhenUncertain: configuration.appIO?.uncertain == .email)
        return (carriers, policy)
    }

    /// What is still under way is cancelled.
    public func close() async {
        await mailClient.close()
        await webClient.close()
    }
}
