import Civic
import Delivery
import Dispatch
import EventLoop
import Glibc
import Intake
import Logging
import Observability
import Postgres
import Rules
import ServiceLifecycle
import Settings
import Store
import Synchronization
import Transfer

/// The daemon as a whole: which parts run, in which order they start and drain, and how a new configuration comes in.
///
/// Start: database, schema, delivery, HTTP, ready. Stop: HTTP (what came in is answered), the writers (what was accepted
/// is written), delivery (what is under way is recorded), the database. Each step is bounded in time; nothing that was
/// acknowledged depends on the last one.
public final class Daemon: Sendable {
    public struct Options: Sendable {
        public var directory: String
        public var environment: [String: String]
        public var version: String
        /// Changes what the files say, for the bench; never set in production.
        public var override: (@Sendable (inout Configuration) -> Void)?
        public init(
            directory: String, environment: [String: String], version: String,
            override: (@Sendable (inout Configuration) -> Void)? = nil
        ) {
            self.directory = directory
            self.environment = environment
            self.version = version
            self.override = override
        }
    }

    private let options: Options
    let observe: Observer
    let notifier: ServiceNotifier
    private let now: @Sendable () -> Timestamp = { .current }

    private let database: Database
    /// For searches, which may take long: the heartbeat and the outbox never wait behind them.
    private let readers: PostgresPool
    let desk: Desk
    let mail: MailDesk
    let mailboxes: Mailboxes
    let chats: ChatDesk
    let accounts: PolledAccounts
    private let fetcher: MediaFetcher
    private let fetching: TransferClient
    private let wakeFetcher: AsyncStream<Void>.Continuation
    private let shadow: ShadowRunner
    private let writer: IntakeWriter
    private let queue: DeliveryQueue
    private let couriers: Couriers
    let heartbeat: Heartbeat
    private let health = Health()
    let reloads = Reloads()
    let reloader: Reloader
    let inbox: ReloadInbox

    /// Runs until SIGTERM or SIGINT, then drains.
    /// - Throws: `ConfigurationInvalid`, or what kept the daemon from starting.
    public static func run(_ options: Options, onReady: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        signal(SIGPIPE, SIG_IGN)
        var (configuration, findings) = try examined(options)
        options.override?(&configuration)
        let observe = Observer.standard(level: configuration.logging.observed)
        for finding in findings { observe(.configurationWarning(finding.description)) }
        observe(.starting(version: options.version, config: configuration.hash))
        let daemon = try await Daemon(options, configuration: configuration, observe: observe)
        try await daemon.serve(configuration, onReady: onReady)
    }

    /// A city is not left without its front desk for the sake of rules that only try something: if nothing but the
    /// shadow's is wrong, the daemon starts without them and says so.
    private static func examined(_ options: Options) throws -> (Configuration, [Finding]) {
        let secrets: ConfigurationLoader.Secrets = options.override == nil ? .required : .optional
        func examine(withShadow: Bool) -> (configuration: Configuration?, findings: [Finding]) {
            ConfigurationGate.examine(
                directory: options.directory, environment: options.environment, secrets: secrets,
                withShadow: withShadow, atStart: true)
        }
        let (configuration, findings) = examine(withShadow: true)
        if let configuration { return (configuration, findings) }
        guard let live = examine(withShadow: false).configuration else {
            throw ConfigurationInvalid(findings: findings)
        }
        let left = findings.first { $0.severity == .error }.map {
            Finding(
                file: $0.file, line: $0.line, column: $0.column, severity: .error,
                message: "the shadow's rules are left out until this is mended")
        }
        return (live, findings + [left].compactMap(\.self))
    }

    private init(_ options: Options, configuration: Configuration, observe: Observer) async throws {
        self.options = options
        self.observe = observe
        notifier = ServiceNotifier(environment: options.environment)
        let doubt = DoubtRelay()
        let databaseEvents: @Sendable (PostgresEvent) -> Void = { event in
            switch event {
            case .connected: observe(.databaseConnected)
            case .lost(let reason):
                observe(.databaseLost(reason: reason))
                doubt.raise()
            case .connecting(let attempt, let retryIn):
                observe(.databaseRetrying(attempt: attempt, seconds: retryIn.inSeconds))
            }
        }
        notifier.status("connecting to PostgreSQL")
        database = try await Database.open(configuration, observe: databaseEvents)
        for name in try await database.migrate(configuration.database.migrate) { observe(.migrated(name: name)) }
        let instance = try await Instance.read(from: database.pool)

        var searching = database.configuration
        searching.statementTimeout = .seconds(10)
        readers = try PostgresPool(
            configuration: searching, size: 2, label: "pasquino.readers", observe: databaseEvents)
        let outbox = Outbox(pool: database.pool)
        let pressure = IntakePressure()
        let conversations = Conversations(pool: database.pool)
        let voice = ChatVoice(observe: observe)
        let loop = try EventLoop(label: "pasquino.delivery")
        couriers = try Couriers(
            mailConnections: configuration.mail?.connections ?? 1, loop: loop, conversations: conversations,
            voice: voice, now: now)
        let registrar = Registrar(configuration: configuration, instance: instance)
        let (carriers, policy) = try couriers.carriers(
            for: configuration, statusURL: registrar.statusURL, threadToken: instance.threadToken)
        let queue = DeliveryQueue(
            loop: loop, outbox: outbox, carriers: carriers, policy: policy,
            observe: observe, now: now, pressure: pressure)
        self.queue = queue
        let heartbeat = Heartbeat(
            registry: DaemonRegistry(pool: database.pool), outbox: outbox, queue: queue, observe: observe, now: now)
        self.heartbeat = heartbeat
        doubt.connect { heartbeat.doubt() }
        let deliver: @Sendable ([OwedNotification]) -> Void = { owed in Task { await queue.enqueue(owed) } }
        writer = try IntakeWriter(
            configuration: database.configuration, pressure: pressure, owner: { heartbeat.owner },
            observe: databaseEvents,
            measured: { observe(.batchWritten(rows: $0.rows, seconds: $0.seconds)) }, committed: deliver)
        let health = health
        let journal = ShadowJournal(pool: readers)
        let now = now
        let shadow = ShadowRunner(
            record: { differences, tallies throws(PostgresError) in
                try await journal.record(differences, tallies: tallies, at: now())
            }, observe: observe)
        self.shadow = shadow
        let desk = try Desk(
            rulebook: try Desk.Rulebook(configuration: configuration, instance: instance), instance: instance,
            numbers: TicketNumbers(pool: database.pool), writer: writer, tickets: Tickets(pool: database.pool),
            archive: Tickets(pool: readers), shadow: shadow,
            observe: observe, now: now, owner: { heartbeat.owner }, deliver: deliver,
            unready: { health.reason ?? (heartbeat.isBeating ? nil : "PostgreSQL does not answer") })
        self.desk = desk
        let mail = MailDesk(
            desk: desk, correspondence: Correspondence(pool: database.pool), unread: UnreadMail(pool: database.pool))
        self.mail = mail
        mailboxes = Mailboxes(observe: observe, now: now, accept: { try await mail.accept($0, on: $1) })
        let (files, wakeFetcher) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeFetcher = wakeFetcher
        fetching = try TransferClient(label: "pasquino.files", connectionsPerHost: 4)
        chats = ChatDesk(
            desk: desk, conversations: conversations, outbox: outbox, unread: UnreadMail(pool: database.pool),
            say: { saying in Task { await voice.say(saying) } }, fetch: { wakeFetcher.yield() })
        fetcher = MediaFetcher(chats: chats, journal: MediaJournal(pool: database.pool), client: fetching, wake: files)
        accounts = PolledAccounts(
            chats: chats, positions: PollPositions(pool: database.pool), client: fetching, observe: observe, now: now)
        inbox = ReloadInbox(ReloadRequests(pool: database.pool))
        reloader = Daemon.reloader(
            options, running: configuration, desk: desk, couriers: couriers, queue: queue, now: now)
        observe.metrics.configuration(at: reloader.loadedAt, shadow: configuration.shadowRules?.hash)
    }

    private func serve(_ configuration: Configuration, onReady: @escaping @Sendable (Int) -> Void) async throws {
        try await heartbeat.start(host: hostName, version: options.version, config: configuration.hash)
        var logger = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let observe = observe
        let listening = { @Sendable (port: Int) in
            observe(.listening(host: configuration.listen.host, port: port))
            self.health.clear()
            self.notifier.ready(status: "serving \(configuration.city.name), configuration \(configuration.hash)")
            onReady(port)
        }
        let application = Listener.application(
            for: desk, mail: mail, chats: chats, host: configuration.listen.host, port: configuration.listen.port,
            connections: OpenFiles.connections(descriptors: OpenFiles.raise()), logger: logger, onRunning: listening)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: application)], gracefulShutdownSignals: [], logger: logger))

        let stopping = Mutex(false)
        let stop: @Sendable () -> Void = {
            guard
                stopping.withLock({ flag in
                    defer { flag = true }
                    return !flag
                })
            else { _exit(0) }  // asked twice: at once; the table knows the rest
            self.observe(.stopping)
            self.notifier.stopping()
            self.health.refuse("the daemon is stopping")
            Task { await group.triggerGracefulShutdown() }
        }
        let signals = Signals([SIGTERM: stop, SIGINT: stop, SIGHUP: { self.askForReload() }])
        let beating = Task { await self.beat() }
        let fetching = Task { await self.fetcher.run() }
        defer { fetching.cancel() }
        await mailboxes.adapt(to: configuration)
        await accounts.adapt(to: configuration)
        defer { signals.cancel() }

        do {
            try await withDeadline(group: group, stopping: { stopping.withLock { $0 } })
        } catch {
            observe(.internalError(place: "http listener", error: String(describing: error)))
            beating.cancel()
            await drain()
            throw ListenFailed(host: configuration.listen.host, port: configuration.listen.port, error: "\(error)")
        }
        beating.cancel()
        await drain()
        observe(.stopped)
    }

    /// Runs the listener; once the stop has begun, connections that will not end have ten seconds.
    private func withDeadline(group: ServiceGroup, stopping: @escaping @Sendable () -> Bool) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await group.run()
                return true
            }
            tasks.addTask {
                var grace = 100
                while grace > 0 {
                    try await Task.sleep(for: .milliseconds(100))
                    if stopping() { grace -= 1 }
                }
                return false
            }
            _ = try await tasks.next()
            tasks.cancelAll()
            do { while try await tasks.next() != nil {} } catch is CancellationError {}
        }
    }

    private func drain() async {
        await mailboxes.stop()
        await accounts.stop()
        await writer.drain()
        await shadow.drain(within: .seconds(5))
        let left = await queue.drain(within: .seconds(20))
        await heartbeat.leave()
        await couriers.close()
        await fetching.close()
        await readers.close()
        await database.close(always: true)
        observe(.drained(left: left))
    }

    /// Every two seconds: the beat, the reconciler, the watchdog's due. The watchdog is fed only by a pass that went
    /// all the way round.
    private func beat() async {
        var trouble: String?
        while !Task.isCancelled {
            let configuration = desk.current.configuration
            do {
                try await heartbeat.pass(
                    host: hostName, version: options.version, config: configuration.hash, stats: await stats())
                try await lookForRequests()
                await shadow.flush()
                wakeFetcher.yield()
                health.database(up: true)
                observe(.databaseAnswers(true))
                trouble = nil
            } catch {
                // That it is away its connections say. What else it says is told once.
                let text = String(describing: error)
                if (error as? PostgresError)?.sqlstate != nil, text != trouble {
                    observe(.internalError(place: "the beat", error: text))
                }
                trouble = text
                observe(.databaseAnswers(false))
                health.database(up: false)
                await heartbeat.fence()
                await revive()
            }
            _ = notifier.watchdog()
            try? await Task.sleep(for: DaemonRegistry.beat)  // cancellation ends the loop above
        }
    }

    /// A private server that died is started again.
    private func revive() async {
        guard let server = database.server else { return }
        do { _ = try await server.start() } catch {
            observe(.internalError(place: "embedded PostgreSQL", error: String(describing: error)))
        }
    }

    func stats() async -> JSON {
        let waiting = await queue.waiting
        let gates = await queue.gates
        for medium in Medium.allCases { observe.metrics.waiting(medium: medium, count: waiting[medium] ?? 0) }
        if let oldest = await queue.oldest {
            observe.metrics.oldestWaiting(seconds: (now() - oldest).inSeconds)
        } else {
            observe.metrics.oldestWaiting(seconds: 0)
        }
        for gate in gates { observe.metrics.destination(gate.destination, up: gate.reason == nil) }
        return .object([
            (
                "waiting",
                .object(
                    waiting.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        ($0.key.rawValue, .int(Int64($0.value)))
                    })
            ),
            (
                "destinations",
                .array(
                    gates.map {
                        .object([
                            ("name", .string($0.destination)), ("up", .bool($0.reason == nil)),
                            ("reason", .optional($0.reason)),
                        ])
                    })
            ),
            ("accepted", .int(Int64(observe.metrics.accepted))), ("configuration", reloader.json),
            ("channels", .strings(desk.current.configuration.channels.values.filter(\.isOpen).map(\.name).sorted())),
            ("mailboxes", .array(await mailboxes.status.map(\.json))), ("accounts", .array(accounts.status)),
        ])
    }
}

/// The address could not be listened on.
public struct ListenFailed: Error, CustomStringConvertible {
    let host: String
    let port: Int
    let error: String
    public var description: String { "cannot listen on \(host):\(port): \(error)" }
}
