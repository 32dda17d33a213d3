import Civic
import Settings
import Store
import Synchronization
import Transfer
import Webhooks

/// Posts what offices are owed to their systems, signed as Standard Webhooks describes. The id is the notification's, the
/// same at every attempt; the body is the ticket as it stands at the time of the attempt.
final class WebhookCarrier: Carrier {
    private let work: [String: OfficeWork]
    private let baseURL: String
    private let tasks: OfficeTasks
    private let client: TransferClient
    private let now: @Sendable () -> Timestamp
    /// The offices that want no more posts; forgotten with this carrier when the configuration is read again.
    private let gone = Mutex(Set<String>())

    let destination = "webhook"
    let concurrency = 8

    init(
        configuration: Configuration, tasks: @escaping OfficeTasks, client: TransferClient,
        now: @escaping @Sendable () -> Timestamp
    ) {
        work = configuration.work
        baseURL = configuration.city.baseURL
        self.tasks = tasks
        self.client = client
        self.now = now
    }

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        let office = owed.recipient
        guard let hook = work[office]?.webhook else {
            return .unreachable(reason: "the office \(office) has no webhook")
        }
        guard let signatures = StandardWebhooks(secrets: hook.secrets.map(\.value)) else {
            return .stopped(reason: "the secret of \(office)'s webhook is not base64")
        }
        guard !gone.withLock({ $0.contains(office) }) else { return .stopped(reason: Self.goneReason) }
        let task: OfficeTask
        do {
            guard let found = try await tasks(owed.code, owed.event) else {
                return .givenUp(reason: "the ticket is not there any more")
            }
            task = found
        } catch {
            return .tryAgain(reason: "the ticket cannot be read now", after: nil, pause: false)
        }
        let body = WebhookPayload.body(task, to: office, baseURL: baseURL)
        switch await Self.post(body, id: owed.id, to: hook.url, signatures, client, now: now()) {
        case .delivered: return .delivered(remoteID: nil)
        case .tryAgain(let reason, let after, let pause): return .tryAgain(reason: reason, after: after, pause: pause)
        case .gone:
            gone.withLock { _ = $0.insert(office) }
            return .stopped(reason: Self.goneReason)
        }
    }

    private static let goneReason =
        "the office's system answered 410 (Gone): nothing is posted there until the configuration is read again"

    static func post(
        _ body: [UInt8], id: Identifier, to url: String, _ signatures: StandardWebhooks, _ client: TransferClient,
        now: Timestamp
    ) async -> WebhookVerdict {
        let headers =
            [("Content-Type", "application/json"), ("User-Agent", "pasquino")]
            + signatures.sign(id: id.description, body: body, now: now.seconds).map { ($0.name, $0.value) }
        let request = HTTPRequest(method: "POST", url: url, headers: headers, body: body, timeout: .seconds(20))
        do throws(TransferError) {
            return WebhookVerdict(OfficeAnswer(try await client.send(request), now: now))
        } catch {
            return WebhookVerdict(OfficeFailure(error))
        }
    }
}
