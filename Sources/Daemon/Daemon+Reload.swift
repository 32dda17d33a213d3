import CLinux
import Civic
import Delivery
import Intake
import Observability
import Postgres
import Settings
import Store

extension Daemon {
    static func reloader(
        _ options: Options, running: Configuration, desk: Desk, couriers: Couriers, queue: DeliveryQueue,
        appIO: AppIOGates, now: @escaping @Sendable () -> Timestamp
    ) -> Reloader {
        Reloader(
            running: running, now: now,
            examine: {
                await offPool {
                    ConfigurationGate.examine(
                        directory: options.directory, environment: options.environment, secrets: .required)
                }
            },
            apply: apply(to: desk, couriers: couriers, queue: queue, appIO: appIO))
    }

    /// The parts that a configuration goes to, in this order: whoever delivers must know the templates that the rules
    /// name before a message is decided by them. Nothing fails once the first has changed.
    static func apply(
        to desk: Desk, couriers: Couriers, queue: DeliveryQueue, appIO: AppIOGates
    ) -> Reloader.Apply {
        { configuration in
            let running = desk.current.configuration
            let rulebook = try Desk.Rulebook(configuration: configuration, instance: desk.instance)
            let (carriers, policy, services) = try couriers.carriers(
                for: configuration, statusURL: rulebook.registrar.statusURL,
                unsubscribeURL: rulebook.registrar.unsubscribeURL, threadToken: desk.instance.threadToken)
            await queue.reconfigure(carriers: carriers, policy: policy)
            await appIO.adapt(to: services, unread: configuration.notifications.unread)
            desk.replace(with: rulebook)
            guard configuration.listen != running.listen || configuration.database != running.database else {
                return []
            }
            return ["listen and database take effect at the next start"]
        }
    }

    /// SIGHUP, or a request of `pasquino reload`.
    func askForReload() { reloads.ask { await self.reload() } }

    private func reload() async {
        notifier.reloading()
        let requests = await openRequests()
        let report = await reloader.reload()
        // The old configuration, or the refused one, is gone: with it goes what reading it took.
        defer { clinux_trim_memory() }
        let configuration = desk.current.configuration
        if report.accepted {
            observe.level = configuration.logging.observed
            observe.metrics.configuration(at: reloader.loadedAt, shadow: report.shadow)
            observe(.reloaded(config: report.config))
            await mailboxes.adapt(to: configuration)
            await accounts.adapt(to: configuration)
            await desk.spool.adapt(to: configuration)
            for note in report.notes { observe(.configurationWarning(note)) }
            notifier.ready(status: "serving \(configuration.city.name), configuration \(report.config)")
        } else {
            observe(.reloadRefused(reason: report.findings.joined(separator: "\n")))
            notifier.ready(
                status: "still serving configuration \(report.config), the last reload was refused: "
                    + Reloader.reason(report.findings))
        }
        await tell(report, to: requests)
    }

    /// A request that is not seen now, because PostgreSQL is away, is seen by a later beat.
    private func openRequests() async -> [Int64] {
        guard let daemon = heartbeat.identity else { return [] }
        return (try? await inbox.take(daemon: daemon)) ?? []
    }

    /// Whoever asked finds the new state in `pasquino status`, too. What cannot be told now is asked again.
    private func tell(_ report: ReloadReport, to requests: [Int64]) async {
        do {
            try await heartbeat.tell(config: desk.current.configuration.hash, stats: await stats())
            try await inbox.settle(requests, report: report)
        } catch {
            observe(.databaseAnswers(false))
        }
    }

    /// With each beat.
    func lookForRequests() async throws {
        if let daemon = heartbeat.identity, try await inbox.isWaiting(daemon: daemon) { askForReload() }
    }
}
