import Civic
import Settings
import Store

/// Brings notifications to the citizen's App IO: the profile first, then the message, within the account's rate.
///
/// Between the two the table learns that a message is about to be sent: App IO knows no idempotency key, so after a
/// crash a message that may have left is `uncertain`, not sent again.
///
/// Where the city has several services, one whose key is refused is held back by itself: its notifications come again,
/// one of them each minute to find out, and the others go on.
struct AppIOCarrier: Carrier {
    let services: AppIOServices
    let facts: Facts
    let templates: TemplateLibrary
    /// The names of the documents that an office gave to the step.
    let files: @Sendable (OwedNotification) async throws -> [String]
    /// How long somebody who is not on App IO is thought not to be.
    let profilesFor: Duration

    let destination = "app_io"
    /// Enough to fill the rate while each waits for its answers and its mark in the table, and few enough that an
    /// urgent one does not wait long behind them.
    let concurrency: Int

    init(
        settings: AppIO, services: AppIOServices, facts: Facts, templates: TemplateLibrary,
        files: @escaping @Sendable (OwedNotification) async throws -> [String] = { _ in [] }
    ) {
        self.files = files
        self.services = services
        self.facts = facts
        self.templates = templates
        profilesFor = settings.profilesFor
        concurrency = Int(min(max(settings.callsPerSecond / 4, 8), 256))
    }

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        guard case .applicable(let recipient) = AppIORecipient.of(owed.recipient) else {
            return .unreachable(reason: "the fiscal code is not one that App IO knows")
        }
        let service = services.service(for: owed.category)
        // The only one is held back by the queue, with everything that waits for it.
        if services.services.count > 1, let closed = services.closed(service) {
            return .held(reason: closed.reason, for: closed.rest)
        }
        let languages: [String]
        switch await services.profile(recipient, service) {
        case .send(let preferred): languages = preferred
        case .notReachable(let reason):
            services.worked(service)
            return .absent(reason: reason, for: profilesFor)
        case .tryAgain(let reason, let after, let pause): return .tryAgain(reason: reason, after: after, pause: pause)
        case .keyRefused(let reason), .stopped(let reason): return stopped(service, reason)
        case .givenUp(let reason): return .unreachable(reason: reason)
        }
        let body: [UInt8]
        do {
            let files = owed.hasFiles ? Facts.list(try await files(owed)) : nil
            body = try await Composing.run {
                try message(
                    owed, to: recipient, by: services.services[service], preferring: languages, files: files)
            }
        } catch let error as TemplateError {
            return .tryAgain(reason: "\(error)", after: nil, pause: false)
        } catch {
            return .tryAgain(reason: "PostgreSQL does not answer", after: nil, pause: false)
        }
        // Before the mark: whoever is stopped while they wait for their place has sent nothing, and it shows.
        await services.place()
        do {
            try await markSending()
        } catch {
            return .tryAgain(reason: "the attempt could not be recorded", after: nil, pause: false)
        }
        switch await services.send(body, service) {
        case .accepted(let id):
            services.worked(service)
            return .delivered(remoteID: id)
        case .tryAgain(let reason, let after, let pause): return .tryAgain(reason: reason, after: after, pause: pause)
        case .uncertain(let reason): return .uncertain(reason: reason)
        case .keyRefused(let reason), .stopped(let reason): return stopped(service, reason)
        // App IO did not take it: another medium may still reach the citizen.
        case .givenUp(let reason): return .unreachable(reason: reason)
        case .notReachable(let reason):
            services.forgetProfile(recipient, service)
            return .absent(reason: reason, for: profilesFor)
        }
    }

    /// Our side is wrong. What must be changed is named where it is known.
    private func stopped(_ service: Int, _ reason: String) -> Verdict {
        let named = AppIOAdvice.reason(reason, service: services.services[service])
        guard services.services.count > 1 else { return .stopped(reason: named) }
        services.stop(service, named)
        return .held(reason: named, for: AppIOServiceGate.probeEvery)
    }

    private func message(
        _ owed: OwedNotification, to recipient: AppIORecipient, by service: AppIO.Service, preferring: [String],
        files: String?
    ) throws(TemplateError) -> [UInt8] {
        let text = try text(owed, preferring: preferring, files: files)
        let city = facts.configuration.city
        return AppIOPayload.message(
            to: recipient, subject: text.subject, markdown: text.io ?? "",
            dueDate: owed.payment?.due.map { AppIOPayload.endOfDay($0, in: city.zone) }, payment: owed.payment,
            isAdvanced: service.isPremium, requiresSecureChannels: service.requiresSecureChannels,
            from: AppIOPayload.Sender(city: city.name, language: text.language))
    }

    /// In the ticket's language: there the citizen wrote, or chose it. The app's languages count only where the city has
    /// no words in it.
    private func text(
        _ owed: OwedNotification, preferring: [String], files: String?
    ) throws(TemplateError) -> RenderedText {
        for language in [owed.language] + preferring {
            var owed = owed
            owed.language = language
            let text = try render(owed, files)
            if text.language == language { return text }
        }
        return try render(owed, files)
    }

    private func render(_ owed: OwedNotification, _ files: String?) throws(TemplateError) -> RenderedText {
        var variables = facts.variables(of: owed, in: templates)
        variables["files"] = files
        return try templates.render(
            name: owed.template, language: owed.language, variables: variables, for: .appIO)
    }
}

/// Which key of the configuration is wrong, where App IO's words tell.
enum AppIOAdvice {
    static func reason(_ reason: String, service: AppIO.Service) -> String {
        guard service.isPremium, reason.lowercased().contains("premium") else { return reason }
        return "\(reason). The service \(service.name) has no premium contract: remove app_io's premium: true for it"
    }
}
