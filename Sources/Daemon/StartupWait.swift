import Civic
import Glibc
import Intake
import Observability
import Postgres
import Settings
import Synchronization

/// Waits at the daemon's start for a PostgreSQL that is away, where messages can be kept meanwhile: it listens
/// already, for as long as it takes.
final class StartupWait: Sendable {
    /// Whether anything can be kept; otherwise nobody waits here.
    let isWanted: Bool
    private let configuration: Configuration
    private let listener: ListenerLifecycle
    private let spool: Spooler
    private let notifier: ServiceNotifier
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    private struct State {
        /// Nil before the first wait.
        var signals: Signals?
        var looked: ContinuousClock.Instant?
    }

    /// How often the service manager, the spool and the metrics are seen to.
    private static let pause = Duration.seconds(2)
    /// How long open requests may take when the daemon is told to stop.
    private static let grace = Duration.seconds(10)

    init(
        _ configuration: Configuration, isWanted: Bool, listener: ListenerLifecycle, spool: Spooler,
        notifier: ServiceNotifier,
        observe: Observer, now: @escaping @Sendable () -> Timestamp
    ) {
        self.isWanted = isWanted
        self.configuration = configuration
        self.listener = listener
        self.spool = spool
        self.notifier = notifier
        self.observe = observe
        self.now = now
    }

    /// Called each time that PostgreSQL has not answered.
    /// - Throws: `ListenFailed`.
    func notAnswered() async throws {
        let isDue = state.withLock { state in
            guard isWanted, state.looked.map({ ContinuousClock.now - $0 >= StartupWait.pause }) ?? true else {
                return false
            }
            state.looked = .now
            return true
        }
        guard isDue else { return }
        // Also one that could not be opened before: its disk was full, or not mounted yet.
        await spool.adapt(to: configuration)
        if state.withLock({ $0.signals == nil }) {
            let signals = Signals([SIGTERM: stop, SIGINT: stop, SIGHUP: {}])
            state.withLock { $0.signals = signals }
            let port = try await listener.open()
            observe(.keeping(host: configuration.listen.host, port: port))
        }
        _ = spool.look(at: now())
        notifier.status("waiting for PostgreSQL; what cannot wait is kept")
        notifier.extendTimeout(.seconds(120))
    }

    /// Does it once more for each time that PostgreSQL goes away amid it.
    func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        while true {
            do { return try await body() } catch let error as PostgresError where isWanted && error.isRetriable {
                try await notAnswered()
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// The daemon hears signals itself from now on.
    func handOverSignals(to handlers: Signals.Handlers) -> Signals {
        guard let signals = state.withLock({ $0.signals }) else { return Signals(handlers) }
        signals.replace(with: handlers)
        return signals
    }

    /// Everything acknowledged is on disk; who is being answered has a moment.
    @Sendable private func stop() {
        observe(.stopping)
        notifier.stopping()
        listener.close()
        Task {
            try? await Task.sleep(for: StartupWait.grace)  // nobody cancels it
            _exit(0)
        }
        Task {
            // However it ends, it is over.
            try? await listener.closed()
            await spool.close()
            observe(.stopped)
            _exit(0)
        }
    }
}
