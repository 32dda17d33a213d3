import Civic
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
    private let observe: Observer
    private let account: AppIOAccount
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - mailConnections: how many mails may be under way at once, at most.
    ///   - voice: gets the messengers' accounts, for what is said without being owed.
    public init(
        mailConnections: Int, conversations: Conversations, voice: ChatVoice, observe: Observer,
        now: @escaping @Sendable () -> Timestamp
    ) throws {
        self.conversations = conversations
        self.voice = voice
        self.observe = observe
        // Cancelled when the daemon stops; the call then fails by itself.
        account = AppIOAccount(now: now, wait: { try? await Task.sleep(for: $0) })
        mailClient = try TransferClient(label: "pasquino.mail", connectionsPerHost: mailConnections)
        webClient = try TransferClient(label: "pasquino.web", connectionsPerHost: 8)
        self.now = now
    }

    /// - Parameters:
    ///   - statusURL: the address of a ticket's status page, key included.
    ///   - threadToken: what proves which ticket a mail answers.
    /// - Throws: `TemplateError`.
    public func carriers(
        for configuration: Configuration, statusURL: @escaping @Sendable (_ code: String) -> String,
        threadToken: @escaping @Sendable (_ code: String) -> String
    ) throws -> (carriers: [Medium: any Carrier], policy: DeliveryQueue.Policy, appIO: AppIOServices?) {
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
        let appIO = configuration.appIO.map { [observe] in
            AppIOServices(settings: $0, account: account, client: webClient, observe: { observe($0) }, now: now)
        }
        if let appIO { carriers[.appIO] = AppIOCarrier(services: appIO, facts: facts, templates: templates) }
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
        return (carriers, policy, appIO)
    }

    /// What is still under way is cancelled.
    public func close() async {
        await mailClient.close()
        await webClient.close()
    }
}
