import Civic
import Observability
import Settings
import Synchronization
import Transfer

/// The services that a configuration names, each with its keys, and the calls they make, within the account's rate.
public final class AppIOServices: Sendable {
    private struct Service {
        let settings: AppIO.Service
        var keys: AppIOKeys
        var gate = AppIOServiceGate()
    }

    private let url: String
    private let states: Mutex<[Service]>
    let services: [AppIO.Service]
    private let account: AppIOAccount
    private let client: TransferClient
    private let observe: @Sendable (Observation) -> Void
    private let now: @Sendable () -> Timestamp

    public init(
        settings: AppIO, account: AppIOAccount, client: TransferClient,
        observe: @escaping @Sendable (Observation) -> Void, now: @escaping @Sendable () -> Timestamp
    ) {
        url = settings.url
        services = [settings.service] + settings.services
        states = Mutex(
            services.map {
                Service(
                    settings: $0,
                    keys: AppIOKeys(primary: $0.primaryKey.value, secondary: $0.secondaryKey?.value))
            })
        self.account = account
        self.client = client
        self.observe = observe
        self.now = now
        account.adapt(callsPerSecond: settings.callsPerSecond, profilesFor: settings.profilesFor)
    }

    /// The one that speaks of a category; the first speaks of whatever the others do not.
    func service(for category: String?) -> Int {
        guard let category else { return 0 }
        return services.firstIndex { $0.categories.contains { Category.matches(category, $0) } } ?? 0
    }

    // MARK: Stops

    /// For how long nothing of this service may be attempted, and why; nil: now.
    func closed(_ service: Int) -> (rest: Duration, reason: String)? {
        states.withLock { states in
            states[service].gate.admit(at: now()).map { ($0, states[service].gate.reason ?? "") }
        }
    }

    /// Holds back this service alone.
    func stop(_ service: Int, _ reason: String) {
        guard states.withLock({ $0[service].gate.stop(reason, at: now()) }), services.count > 1 else { return }
        observe(
            .destinationPaused(
                destination: name(service), reason: reason,
                seconds: Int(AppIOServiceGate.probeEvery.components.seconds)))
    }

    func worked(_ service: Int) {
        guard states.withLock({ $0[service].gate.worked() }), services.count > 1 else { return }
        observe(.destinationResumed(destination: name(service)))
    }

    /// For the operator: each service of several, and why it is stopped if it is.
    public var gates: [(destination: String, reason: String?)] {
        guard services.count > 1 else { return [] }
        return states.withLock { states in states.indices.map { (name($0), states[$0].gate.reason) } }
    }

    private func name(_ service: Int) -> String { "app_io: \(services[service].name)" }

    // MARK: Calls

    /// Asks App IO, or what it said within the last hours.
    func profile(_ recipient: AppIORecipient, _ service: Int) async -> ProfileVerdict {
        let name = services[service].name
        switch account.profile(of: recipient, service: name) {
        case .reachable(let languages): return .send(languages: languages)
        case .unreachable(let reason): return .notReachable(reason: reason)
        case nil: break
        }
        let verdict: ProfileVerdict =
            switch await call("POST", "/profiles", AppIOPayload.profile(of: recipient), service) {
            case .answer(let answer): ProfileVerdict(answer, now: now())
            case .keysRefused(let reason): .stopped(reason: reason)
            case .failure(let failure): ProfileVerdict(failure)
            }
        switch verdict {
        case .send(let languages): account.learn(.reachable(languages: languages), of: recipient, service: name)
        case .notReachable(let reason): account.learn(.unreachable(reason: reason), of: recipient, service: name)
        default: break
        }
        return verdict
    }

    /// Waits for a call's place in the account's rate.
    func place() async { await account.place() }

    /// Needs a place (`place`).
    func send(_ body: [UInt8], _ service: Int) async -> MessageVerdict {
        switch await call("POST", "/messages", body, service, hasPlace: true) {
        case .answer(let answer): MessageVerdict(answer, now: now())
        case .keysRefused(let reason): .stopped(reason: reason)
        case .failure(let failure): MessageVerdict(failure)
        }
    }

    /// What became of a message, asked for with what the rate leaves over. Its address holds the fiscal code, and must
    /// never be shown.
    ///
    /// A category may have gone to another service since: where the one that answers for it is refused, the others are
    /// asked.
    func outcome(of id: String, for recipient: AppIORecipient, _ service: Int) async -> OutcomeVerdict {
        let path = "/messages/\(recipient.fiscalCode)/\(id)"
        var verdict = OutcomeVerdict.anotherServices
        for service in [service] + services.indices.filter({ $0 != service }) {
            verdict =
                switch await call("GET", path, [], service, isSpare: true) {
                case .answer(let answer): OutcomeVerdict(answer, now: now())
                case .keysRefused(let reason): .keyRefused(reason: reason)
                case .failure(let failure): OutcomeVerdict(failure)
                }
            guard case .anotherServices = verdict else { break }
        }
        return verdict
    }

    /// What App IO says now is not what it said of the profile.
    func forgetProfile(_ recipient: AppIORecipient, _ service: Int) {
        account.forgetProfile(of: recipient, service: services[service].name)
    }

    private enum Called {
        case answer(AppIOAnswer)
        case keysRefused(reason: String)
        case failure(AppIOFailure)
    }

    /// One request, with the other key if the first is refused (a 401 has no effect, so asking again is safe).
    /// - Parameters:
    ///   - isSpare: notifications go first.
    ///   - hasPlace: for the first request.
    private func call(
        _ method: String, _ path: String, _ body: [UInt8], _ service: Int, isSpare: Bool = false, hasPlace: Bool = false
    ) async -> Called {
        var key = states.withLock { $0[service].keys.current }
        var hasPlace = hasPlace
        while true {
            if isSpare { await account.sparePlace() } else if !hasPlace { await account.place() }
            hasPlace = false
            var headers = [("Accept", "application/json"), ("Ocp-Apim-Subscription-Key", key)]
            if !body.isEmpty { headers.append(("Content-Type", "application/json")) }
            let response: HTTPResponse
            do throws(TransferError) {
                response = try await client.send(
                    HTTPRequest(method: method, url: url + path, headers: headers, body: body))
            } catch {
                return .failure(
                    AppIOFailure(
                        requestSent: error.requestSent, isRetriable: error.isRetriable, message: error.message))
            }
            let answer = AppIOAnswer(status: response.status, header: { response.header($0) }, body: response.body)
            account.heard(answer)
            guard response.status == 401 else {
                states.withLock { $0[service].keys.worked(key) }
                return .answer(answer)
            }
            switch states.withLock({ $0[service].keys.refused(key) }) {
            case .tryOther(let other): key = other
            case .stopped(let reason): return .keysRefused(reason: reason)
            }
        }
    }
}
