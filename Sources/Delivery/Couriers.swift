import Civic
import EventLoop
import Observability
import Settings
import Store
import Transfer

/// Makes the carriers that a configuration asks for. A new medium adds its line in `carriers`.
public final class Couriers: Sendable {
    private let mailClient: TransferClient
    /// Another provider's: one that hangs must not hold up ordinary mail.
    private let certifiedClient: TransferClient
    private let webClient: TransferClient
    private let conversations: Conversations
    private let voice: ChatVoice
    private let files: @Sendable (OwedNotification) async throws -> [EmailMessage.File]
    private let fileNames: @Sendable (OwedNotification) async throws -> [String]
    private let tasks: OfficeTasks
    private let observe: Observer
    private let account: AppIOAccount
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - mailConnections: how many mails may be under way at once, at most.
    ///   - certifiedConnections: the same for certified mails.
    ///   - loop: where the queue lives, so that an attempt needs no hop; otherwise one of their own.
    ///   - voice: gets the messengers' accounts, for what is said without being owed.
    ///   - files: what goes along with a notification by mail.
    ///   - fileNames: what other media tell of it.
    ///   - tasks: what offices' systems are told is read when it is told.
    public init(
        mailConnections: Int, certifiedConnections: Int = 1, loop: EventLoop? = nil, conversations: Conversations,
        voice: ChatVoice,
        files: @escaping @Sendable (OwedNotification) async throws -> [EmailMessage.File] = { _ in [] },
        fileNames: @escaping @Sendable (OwedNotification) async throws -> [String] = { _ in [] },
        tasks: @escaping OfficeTasks, observe: Observer, now: @escaping @Sendable () -> Timestamp
    ) throws {
        self.files = files
        self.fileNames = fileNames
        self.tasks = tasks
        self.conversations = conversations
        self.voice = voice
        self.observe = observe
        // Nobody waits for them when the daemon stops: what waits for its place is marked nowhere.
        account = AppIOAccount(now: now, wait: { try? await Task.sleep(for: $0) })
        mailClient = try TransferClient(label: "pasquino.mail", connectionsPerHost: mailConnections, on: loop)
        certifiedClient = try TransferClient(
            label: "pasquino.pec", connectionsPerHost: certifiedConnections, on: loop)
        // Enough that some offices' systems that hang leave App IO its own.
        webClient = try TransferClient(
            label: "pasquino.web", connectionsPerHost: 8, totalConnections: 256, on: loop)
        self.now = now
    }

    /// - Parameters:
    ///   - statusURL: the address of a ticket's status page, key included.
    ///   - unsubscribeURL: where its citizen says that they want no news of it.
    ///   - threadToken: what proves which ticket a mail answers.
    /// - Throws: `TemplateError`.
    public func carriers(
        for configuration: Configuration, statusURL: @escaping @Sendable (_ code: String) -> String,
        unsubscribeURL: @escaping @Sendable (_ code: String) -> String,
        threadToken: @escaping @Sendable (_ code: String) -> String
    ) throws -> (carriers: [Medium: any Carrier], policy: DeliveryQueue.Policy, appIO: AppIOServices?) {
        let templates = try TemplateLibrary(
            texts: configuration.templates, defaultLanguage: configuration.city.language)
        let facts = Facts(
            configuration: configuration, statusURL: statusURL, unsubscribeURL: unsubscribeURL,
            threadToken: threadToken)
        var carriers: [Medium: any Carrier] = [:]
        if let mail = configuration.mail {
            carriers[.email] = EmailCarrier(
                mail: mail, destination: "mail", facts: facts, templates: templates, client: mailClient, files: files,
                tasks: tasks)
        }
        if let mail = configuration.certifiedMail {
            carriers[.pec] = EmailCarrier(
                mail: mail, destination: EmailCarrier.certified, facts: facts, templates: templates,
                client: certifiedClient, files: files)
        }
        let appIO = configuration.appIO.map { [observe] in
            AppIOServices(settings: $0, account: account, client: webClient, observe: { observe($0) }, now: now)
        }
        if let appIO, let settings = configuration.appIO {
            carriers[.appIO] = AppIOCarrier(
                settings: settings, services: appIO, facts: facts, templates: templates, files: fileNames)
        }
        let words = ChatWording(facts: facts, templates: templates)
        let chats = ChatAccounts.all(in: configuration, client: webClient)
        for (medium, accounts) in chats {
            carriers[medium] = ChatCarrier(
                medium: medium, accounts: accounts, words: words, conversations: conversations, files: fileNames,
                now: now)
        }
        voice.adopt(chats, words)
        if configuration.work.values.contains(where: { $0.webhook != nil }) {
            carriers[.webhook] = WebhookCarrier(
                configuration: configuration, tasks: tasks, client: webClient, now: now)
        }
        if configuration.work.values.contains(where: { $0.open311 != nil }) {
            carriers[.open311] = Open311Carrier(
                work: configuration.work, city: configuration.city.name, tasks: tasks, client: webClient, now: now)
        }
        let notifications = configuration.notifications
        let policy = DeliveryQueue.Policy(
            retry: RetryPolicy(attempts: notifications.attempts),
            emailWhenUncertain: configuration.appIO?.uncertain == .email,
            quietEnd: { Couriers.quietEnd(of: $0, at: $1, notifications) })
        return (carriers, policy, appIO)
    }

    /// Brings back what became of the tickets that were handed on by Open311.
    public func follower(
        outbox: Outbox, work: @escaping @Sendable () -> [String: OfficeWork], take: @escaping Open311Follower.Take,
        told: @escaping @Sendable (_ office: String, _ trouble: String?) -> Void
    ) -> Open311Follower {
        Open311Follower(outbox: outbox, client: webClient, now: now, work: work, take: take, told: told)
    }

    /// Who has just written is awake, but not for ever.
    private static let awake = Duration.seconds(3600)

    /// When the quiet is over that an attempt at `moment` would break; nil: it breaks none.
    ///
    /// What was owed within the quiet hours and is tried in them was meant to be: the plan put off all but answers.
    /// What takes the place of another was not planned for this medium.
    static func quietEnd(
        of owed: OwedNotification, at moment: Timestamp, _ notifications: NotificationPolicy
    ) -> Timestamp? {
        guard owed.isToCitizen else { return nil }
        let isMeant =
            owed.eventAt == owed.openedAt
            || owed.insteadOf == nil && notifications.quiet?.end(at: owed.createdAt) != nil
        return notifications.quietEnd(
            owed.template, owed.category, owed.medium, owed.priority,
            isAnswer: isMeant && moment - owed.eventAt < awake, at: moment)
    }

    /// What is still under way is cancelled.
    public func close() async {
        await mailClient.close()
        await certifiedClient.close()
        await webClient.close()
    }
}
