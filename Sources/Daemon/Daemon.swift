import Boundaries
import CLinux
import Civic
import Delivery
import Dispatch
import EventLoop
import Glibc
import Intake
import Observability
import Postgres
import Rules
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

    let options: Options
    let observe: Observer
    let notifier: ServiceNotifier
    let now: @Sendable () -> Timestamp = { .current }

    let database: Database
    /// For searches, which may take long: the heartbeat and the outbox never wait behind them.
    private let readers: PostgresPool
    /// For the beat, which waits behind nothing.
    private let beats: PostgresPool
    let desk: Desk
    let mail: MailDesk
    let mailboxes: Mailboxes
    let chats: ChatDesk
    let accounts: PolledAccounts
    private let fetcher: MediaFetcher
    private let fetching: TransferClient
    let wakeFetcher: AsyncStream<Void>.Continuation
    /// Lines of the queue that could take more from the table.
    let refills: AsyncStream<Void>
    let alarms = Mutex(LineAlarms())
    let follower: Open311Follower
    let (chores, wakeChores) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (looks, wakeFollower) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (spoolRounds, wakeSpool) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let shadow: ShadowRunner
    let writer: IntakeWriter
    let unread: UnreadMail
    let databasePace = LookPace(least: .seconds(30))
    let wasLax = Mutex<String?>(nil)
    let isReviving = Mutex(false)
    /// What PostgreSQL said at the last beat, if it said anything but yes.
    let trouble = Mutex<String?>(nil)
    let queue: DeliveryQueue
    private let couriers: Couriers
    private let watcher: AppIOWatcher
    private let watched: AsyncStream<Void>
    let wakeWatcher: AsyncStream<Void>.Continuation
    /// The services in force, for the operator to see.
    let appIO: AppIOGates
    let heartbeat: Heartbeat
    let outbox: Outbox
    let unreadPace = LookPace()
    let escalator: Escalator
    let retainer: Retainer
    private let listener: ListenerLifecycle
    private let startupWait: StartupWait
    let health: Health
    let reloads = Reloads()
    let reloader: Reloader
    let inbox: ReloadInbox

    /// Runs until SIGTERM or SIGINT, then drains.
    /// - Throws: `ConfigurationInvalid`, or what kept the daemon from starting.
    public static func run(_ options: Options, onReady: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        signal(SIGPIPE, SIG_IGN)
        clinux_share_memory(Int32(clamping: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
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
            case .failed(let reason): observe(.databaseLost(reason: reason))
            case .connecting(let attempt, let retryIn):
                observe(.databaseRetrying(attempt: attempt, seconds: retryIn.inSeconds))
            }
        }
        let now = now
        let health = Health()
        self.health = health
        let spool = Spooler(state: configuration.stateDirectory, observe: observe, isAway: { health.isDatabaseAway })
        let pressure = IntakePressure(now: now)
        let room = try WaitingRoom(configuration, spool: spool, observe: observe, now: now)
        let listener = ListenerLifecycle(
            configuration, routes: CurrentRoutes(room), pressure: pressure, environment: options.environment,
            observe: observe)
        self.listener = listener
        let startupWait = StartupWait(
            configuration, isWanted: room.isWanted, listener: listener, spool: spool, notifier: notifier,
            observe: observe,
            now: now)
        self.startupWait = startupWait
        observe.metrics.started(at: now())
        notifier.status("connecting to PostgreSQL")
        let database = try await Database.open(
            configuration, wait: room.isWanted ? nil : .seconds(60), observe: databaseEvents,
            whileAway: { try await startupWait.notAnswered() })
        self.database = database
        // A migration takes as long as it takes.
        notifier.extendTimeout(.seconds(600))
        for name in try await startupWait.retrying({ try await database.migrate(configuration.database.migrate) }) {
            observe(.migrated(name: name))
        }
        let instance = try await startupWait.retrying { try await Instance.read(from: database.pool) }

        var searching = database.configuration
        searching.statementTimeout = .seconds(10)
        readers = try PostgresPool(
            configuration: searching, size: 2, label: "pasquino.readers", observe: databaseEvents)
        // What becomes of its session says nothing of the others.
        beats = try PostgresPool(
            configuration: database.configuration, size: 1, label: "pasquino.beat", observe: { _ in })
        let outbox = Outbox(pool: database.pool)
        self.outbox = outbox
        let conversations = Conversations(pool: database.pool)
        let voice = ChatVoice(observe: observe)
        let loop = try EventLoop(label: "pasquino.delivery")
        couriers = try Couriers(
            mailConnections: configuration.mail?.connections ?? 1,
            certifiedConnections: configuration.certifiedMail?.connections ?? 1, loop: loop,
            conversations: conversations, voice: voice,
            files: { owed in
                try await outbox.files(of: owed).map {
                    EmailMessage.File(name: $0.name, type: $0.type, content: $0.content)
                }
            },
            fileNames: { try await outbox.fileNames(of: $0) },
            tasks: { [archive = Tickets(pool: readers)] in try await archive.task($0, event: $1) }, observe: observe,
            now: now)
        let registrar = Registrar(configuration: configuration, instance: instance)
        let (carriers, policy, services) = try couriers.carriers(
            for: configuration, statusURL: registrar.statusURL, unsubscribeURL: registrar.unsubscribeURL,
            threadToken: instance.threadToken)
        let (refills, refill) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.refills = refills
        let queue = DeliveryQueue(
            loop: loop, outbox: outbox, carriers: carriers, policy: policy,
            observe: observe, now: now, pressure: pressure, refill: { refill.yield() })
        self.queue = queue
        let heartbeat = Heartbeat(
            registry: DaemonRegistry(pool: beats), outbox: outbox, queue: queue, observe: observe, now: now)
        self.heartbeat = heartbeat
        doubt.connect { heartbeat.doubt() }
        // What is withheld is on record, and goes nowhere.
        let deliver: @Sendable ([OwedNotification]) -> Void = { queue.hand($0.filter { $0.withheld == nil }) }
        (watched, wakeWatcher) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        watcher = AppIOWatcher(
            journal: outbox, observe: { observe($0) }, now: now, owner: { heartbeat.owner }, deliver: deliver)
        appIO = AppIOGates(watcher)
        await appIO.adapt(to: services, unread: configuration.notifications.unread)
        writer = try IntakeWriter(
            configuration: database.configuration, owner: { heartbeat.owner },
            observe: databaseEvents,
            measured: { observe(.batchWritten(rows: $0.rows, seconds: $0.seconds)) }, committed: deliver)
        let journal = ShadowJournal(pool: readers)
        let shadow = ShadowRunner(
            record: { differences, tallies throws(PostgresError) in
                try await journal.record(differences, tallies: tallies, at: now())
            }, observe: observe)
        self.shadow = shadow
        let desk = try Desk(
            rulebook: try Desk.Rulebook(configuration: configuration, instance: instance), instance: instance,
            numbers: TicketNumbers(pool: database.pool), writer: writer, pressure: pressure,
            tickets: Tickets(pool: database.pool),
            archive: Tickets(pool: readers), shadow: shadow,
            spool: spool, observe: observe, now: now, owner: { heartbeat.owner }, deliver: deliver,
            unready: { health.reason ?? (heartbeat.isBeating ? nil : "PostgreSQL does not answer") })
        self.desk = desk
        escalator = Escalator(
            tickets: Tickets(pool: database.pool), configuration: { desk.current.configuration },
            owner: { heartbeat.owner }, deliver: deliver, observe: observe, now: now)
        retainer = Retainer(
            sweep: RetentionSweep(pool: database.pool), retention: { desk.current.configuration.retention },
            isBusy: { pressure.isHigh }, observe: observe, now: now)
        unread = UnreadMail(pool: database.pool)
        let mail = MailDesk(
            desk: desk, correspondence: Correspondence(pool: database.pool), unread: unread)
        self.mail = mail
        mailboxes = Mailboxes(observe: observe, now: now, accept: { try await mail.accept($0, on: $1) })
        let (files, wakeFetcher) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeFetcher = wakeFetcher
        fetching = try TransferClient(label: "pasquino.files", connectionsPerHost: 4)
        chats = ChatDesk(
            desk: desk, conversations: conversations, outbox: outbox, unread: unread,
            say: { saying in Task { await voice.say(saying) } }, fetch: { wakeFetcher.yield() })
        fetcher = MediaFetcher(chats: chats, journal: MediaJournal(pool: database.pool), client: fetching, wake: files)
        accounts = PolledAccounts(
            chats: chats, positions: PollPositions(pool: database.pool), client: fetching, observe: observe, now: now)
        follower = Daemon.follower(couriers, outbox: outbox, desk: desk)
        inbox = ReloadInbox(ReloadRequests(pool: database.pool))
        reloader = Daemon.reloader(
            options, running: configuration, desk: desk, couriers: couriers, queue: queue, appIO: appIO, now: now)
        observe.metrics.configuration(at: reloader.loadedAt, shadow: configuration.shadowRules?.hash)
    }

    private func serve(_ configuration: Configuration, onReady: @escaping @Sendable (Int) -> Void) async throws {
        try await startupWait.retrying {
            try await heartbeat.start(host: hostName, version: options.version, config: configuration.hash)
        }
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
            self.listener.close()
        }
        let signals = startupWait.handOverSignals(to: [SIGTERM: stop, SIGINT: stop, SIGHUP: { self.askForReload() }])
        await desk.spool.adapt(to: configuration)
        let draining = Task { await self.drainSpool() }
        let beating = Task { await self.beat() }
        let fetching = Task { await self.fetcher.run() }
        let fencing = Task { await self.heartbeat.keepFence() }
        let pulse = Task { await self.heartbeat.keepBeating() }
        let tending = Task { await self.tend() }
        let following = Task { await self.follow() }
        let refilling = Task { await self.refill() }
        let watching = Task { await self.watcher.run(wakes: self.watched) }
        defer {
            fetching.cancel()
            fencing.cancel()
            pulse.cancel()
            tending.cancel()
            following.cancel()
            refilling.cancel()
            draining.cancel()
        }
        await mailboxes.adapt(to: configuration)
        await accounts.adapt(to: configuration)
        defer { signals.cancel() }

        do {
            listener.routes.open(desk, mail: mail, chats: chats)
            let port = try await listener.open()
            observe(.listening(host: configuration.listen.host, port: port))
            if !stopping.withLock({ $0 }) {
                health.clear()
                notifier.ready(status: "serving \(configuration.city.name), configuration \(configuration.hash)")
            }
            onReady(port)
            try await withDeadline(stopping: { stopping.withLock { $0 } })
        } catch {
            observe(.internalError(place: "http listener", error: String(describing: error)))
            beating.cancel()
            watching.cancel()
            await drain()
            throw error
        }
        beating.cancel()
        watching.cancel()
        await drain()
        observe(.stopped)
    }

    /// Runs the listener; once the stop has begun, connections that will not end have ten seconds.
    private func withDeadline(stopping: @escaping @Sendable () -> Bool) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await self.listener.closed()
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
        await desk.spool.close()
        await shadow.drain(within: .seconds(5))
        // What is under way is nobody else's until it is done: the beat goes on beside it (`keepBeating`).
        let left = await queue.drain(within: .seconds(20))
        Boundary.drained.pass()
        await heartbeat.leave()
        Boundary.left.pass()
        await couriers.close()
        await fetching.close()
        await readers.close()
        await beats.close()
        await database.close(always: true)
        observe(.drained(left: left))
    }
}
