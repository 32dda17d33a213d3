import Civic
import Settings
import Store
import Transfer

/// Brings notifications to the citizen's App IO: the profile first, then the message, within the account's rate.
///
/// Between the two the table learns that a message is about to be sent: App IO knows no idempotency key, so after a
/// crash a message that may have left is `uncertain`, not sent again.
actor AppIOCarrier: Carrier {
    private let url: String
    private let facts: Facts
    private let templates: TemplateLibrary
    private let client: TransferClient
    private let now: @Sendable () -> Timestamp
    private let wait: @Sendable (Duration) async -> Void
    /// The first service speaks of whatever the others do not.
    private var services: [(categories: [String], keys: AppIOKeys)]
    private var rate: AppIORate

    /// The client's: a call costs no hop.
    nonisolated var unownedExecutor: UnownedSerialExecutor { client.unownedExecutor }

    nonisolated let destination = "app_io"
    /// Enough to fill the rate while each waits for its answers and its mark in the table, and few enough that an
    /// urgent one does not wait long behind them.
    nonisolated let concurrency: Int

    init(
        settings: AppIO, facts: Facts, templates: TemplateLibrary, client: TransferClient,
        now: @escaping @Sendable () -> Timestamp, wait: @escaping @Sendable (Duration) async -> Void
    ) {
        url = settings.url
        services = ([settings.service] + settings.services).map {
            ($0.categories, AppIOKeys(primary: $0.primaryKey.value, secondary: $0.secondaryKey?.value))
        }
        rate = AppIORate(callsPerSecond: settings.callsPerSecond)
        concurrency = Int(min(max(settings.callsPerSecond / 4, 8), 64))
        self.facts = facts
        self.templates = templates
        self.client = client
        self.now = now
        self.wait = wait
    }

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        guard case .applicable(let recipient) = AppIORecipient.of(owed.recipient) else {
            return .unreachable(reason: "the fiscal code is not one that App IO knows")
        }
        let service = service(for: owed.category)
        switch await profile(recipient, service) {
        case .send: break
        case .notReachable(let reason): return .unreachable(reason: reason)
        case .tryAgain(let reason, let after, let pause): return .tryAgain(reason: reason, after: after, pause: pause)
        case .keyRefused(let reason), .stopped(let reason): return .stopped(reason: reason)
        // No message was sent: another medium may still reach the citizen.
        case .givenUp(let reason): return .unreachable(reason: reason)
        }
        let body: [UInt8]
        do {
            body = try message(owed, to: recipient)
        } catch {
            return .stopped(reason: "\(error)")
        }
        do {
            try await markSending()
        } catch {
            return .tryAgain(reason: "the attempt could not be recorded", after: nil, pause: false)
        }
        switch await send(body, service) {
        case .accepted(let id): return .delivered(remoteID: id)
        case .tryAgain(let reason, let after, let pause): return .tryAgain(reason: reason, after: after, pause: pause)
        case .uncertain(let reason): return .uncertain(reason: reason)
        case .keyRefused(let reason), .stopped(let reason): return .stopped(reason: reason)
        case .givenUp(let reason): return .givenUp(reason: reason)
        case .notReachable(let reason): return .unreachable(reason: reason)
        }
    }

    private func service(for category: String?) -> Int {
        guard let category else { return 0 }
        return services.firstIndex { $0.categories.contains { Category.matches(category, $0) } } ?? 0
    }

    private func message(_ owed: OwedNotification, to recipient: AppIORecipient) throws -> [UInt8] {
        let text = try templates.render(
            name: owed.template, language: owed.language, variables: facts.variables(of: owed), for: .appIO)
        return AppIOPayload.message(
            to: recipient, subject: text.subject, markdown: text.io ?? "",
            from: AppIOPayload.Sender(city: facts.configuration.city.name, language: text.language))
    }

    private func profile(_ recipient: AppIORecipient, _ service: Int) async -> ProfileVerdict {
        switch await call("/profiles", AppIOPayload.profile(of: recipient), service) {
        case .answer(let answer): ProfileVerdict(answer, now: now())
        case .keysRefused(let reason): .stopped(reason: reason)
        case .failure(let failure): ProfileVerdict(failure)
        }
    }

    private func send(_ body: [UInt8], _ service: Int) async -> MessageVerdict {
        switch await call("/messages", body, service) {
        case .answer(let answer): MessageVerdict(answer, now: now())
        case .keysRefused(let reason): .stopped(reason: reason)
        case .failure(let failure): MessageVerdict(failure)
        }
    }

    private enum Called {
        case answer(AppIOAnswer)
        case keysRefused(reason: String)
        case failure(AppIOFailure)
    }

    /// One request, with the other key if the first is refused (a 401 has no effect, so asking again is safe).
    private func call(_ path: String, _ body: [UInt8], _ service: Int) async -> Called {
        var key = services[service].keys.current
        while true {
            await place()
            let request = HTTPRequest(
                method: "POST", url: url + path,
                headers: [
                    ("Content-Type", "application/json"), ("Accept", "application/json"),
                    ("Ocp-Apim-Subscription-Key", key),
                ], body: body)
            let response: HTTPResponse
            do throws(TransferError) {
                response = try await client.send(request)
            } catch {
                return .failure(
                    AppIOFailure(
                        requestSent: error.requestSent, isRetriable: error.isRetriable, message: error.message))
            }
            let answer = AppIOAnswer(status: response.status, header: { response.header($0) }, body: response.body)
            if let remaining = answer.remainingCalls { rate.answered(remaining: remaining, at: now()) }
            if response.status == 429 {
                rate.paused(until: now() + (answer.retryAfter(now: now()) ?? .seconds(5)))
            }
            guard response.status == 401 else {
                services[service].keys.worked(key)
                return .answer(answer)
            }
            switch services[service].keys.refused(key) {
            case .tryOther(let other): key = other
            case .stopped(let reason): return .keysRefused(reason: reason)
            }
        }
    }

    /// Waits for this call's place in the account's rate, and for the end of a pause that began meanwhile.
    private func place() async {
        let time = rate.take(at: now())
        if time > .zero { await wait(time) }
        while let rest = rate.pause(at: now()) { await wait(rest) }
    }
}
