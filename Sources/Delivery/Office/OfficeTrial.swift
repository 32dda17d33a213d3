import Civic
import Settings
import Store
import Transfer
import Webhooks

/// Tries the ways by which an office gets its work, for whoever sets them up: nothing is recorded.
public struct OfficeTrial: Sendable {
    /// What came back by one way.
    public struct Finding: Sendable {
        public let medium: Medium
        public let isFine: Bool
        public let said: String

        public var json: JSON {
            .object([
                ("medium", .string(medium.rawValue)), ("ok", .bool(isFine)), ("said", .string(said)),
            ])
        }
    }

    private let configuration: Configuration
    private let client: TransferClient
    private let now: @Sendable () -> Timestamp

    /// - Throws: `TransferError` if libcurl refuses to start.
    public init(configuration: Configuration, now: @escaping @Sendable () -> Timestamp) throws {
        self.configuration = configuration
        self.now = now
        client = try TransferClient(label: "pasquino.trial", connectionsPerHost: 1)
    }

    public func close() async { await client.close() }

    /// - Parameter task: a ticket to be posted instead of a test.
    public func findings(for office: String, task: OfficeTask?) async -> [Finding] {
        guard let work = configuration.work[office] else { return [] }
        var findings: [Finding] = []
        if work.email, let email = configuration.directory.offices[office]?.email {
            findings.append(Finding(medium: .email, isFine: true, said: "letters go to \(email)"))
        }
        if let webhook = work.webhook { findings.append(await post(to: webhook, of: office, task)) }
        if let open311 = work.open311 { findings.append(await services(of: open311)) }
        return findings
    }

    private func post(to webhook: OfficeWebhook, of office: String, _ task: OfficeTask?) async -> Finding {
        guard let signatures = StandardWebhooks(secrets: webhook.secrets.map(\.value)), !webhook.secrets.isEmpty else {
            return Finding(medium: .webhook, isFine: false, said: "the secret is not base64")
        }
        let body =
            task.map { WebhookPayload.body($0, to: office, baseURL: configuration.city.baseURL) }
            ?? WebhookPayload.test(of: office, city: configuration.city.name, now: now())
        let id = Identifier.timeOrdered(at: now())
        switch await WebhookCarrier.post(body, id: id, to: webhook.url, signatures, client, now: now()) {
        case .delivered:
            return Finding(medium: .webhook, isFine: true, said: "the office's system took it (webhook-id \(id))")
        case .tryAgain(let reason, _, _): return Finding(medium: .webhook, isFine: false, said: reason)
        case .gone:
            return Finding(medium: .webhook, isFine: false, said: "the office's system answered 410: it wants no posts")
        }
    }

    private func services(of settings: OfficeOpen311) async -> Finding {
        func finding(_ isFine: Bool, _ said: String) -> Finding {
            Finding(medium: .open311, isFine: isFine, said: said)
        }
        do throws(TransferError) {
            let answer = try await Open311Client(settings: settings, client: client, now: now).services()
            guard answer.status == 200, let records = Open311Records.read(answer.body) else {
                return finding(
                    false, "services: the office's server answered \(answer.status), and no list of services")
            }
            let offered = Set(records.compactMap { $0["service_code"] })
            let missing = settings.services.map(\.code).filter { !offered.contains($0) }
            guard missing.isEmpty else {
                return finding(
                    false,
                    "the office's server has no service \(missing.joined(separator: ", ")); it has "
                        + offered.sorted().prefix(50).joined(separator: ", "))
            }
            return finding(true, "the office's server has all of the \(settings.services.count) services named")
        } catch {
            return finding(false, error.message)
        }
    }
}
