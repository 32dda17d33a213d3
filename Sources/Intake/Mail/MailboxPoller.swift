import Civic
import Transfer

/// Takes the mails of one mailbox, one after the other in the order of their UIDs.
///
/// - A mail is handed to `accept` with its bytes, and marked only after `accept` has returned: moved to the folder for
///   done or for failed mails, or given the keyword `$Pasquino`.
/// - After a lost connection nobody knows whether the last mark was set. A mail that lies there unmarked comes again,
///   with the same bytes: `accept` must take the same mail twice without harm. What this process has accepted it only
///   marks.
/// - When nothing can be accepted (`MailNotAccepted.Cause.unavailable`), the mail in hand is offered again at growing
///   intervals, and the mailbox keeps the rest.
/// - A mail that fails by itself is skipped, tried again at growing intervals, and at last moved aside unread.
/// - Mails are taken at `messagesPerMinute` at most, so that a backlog leaves room for the other channels.
/// - A lost connection is made again at growing intervals. A wrong password or certificate is told once and tried again
///   every quarter of an hour.
public actor MailboxPoller {
    let settings: MailboxSettings
    let client: IMAPClient
    let accept: @Sendable (FetchedMail) async throws -> MailDisposition
    let observe: @Sendable (MailboxEvent) -> Void
    let now: @Sendable () -> Timestamp
    let time: PollerTime

    var ledger: MailboxLedger
    var pace: MailboxPace
    var session: IMAPSession?
    var folder: IMAPFolder?
    /// What was told last, so that it is told once.
    var told: MailboxEvent?
    var unavailability = BackOff(first: .seconds(1), last: .seconds(60))
    private var reconnection = BackOff(first: .seconds(1), last: .seconds(300))
    /// Mails asked about at a time. One, after the server's answer about many could not be read: then it is known whose
    /// fault it is.
    var window = MailboxPoller.widestWindow

    public private(set) var status: MailboxStatus
    private(set) var isStopping = false
    /// A mail is being accepted or marked: stopping waits for it.
    var isBound = false
    private var worker: Task<Void, Never>?

    static let widestWindow = 50
    static let keyword = "$Pasquino"
    private static let troubleInterval = Duration.seconds(900)
    /// RFC 5530's codes for what passes.
    private static let passing: Set<String?> = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { client.executor }

    /// - Parameters:
    ///   - clock: what is waited on, and budgets are measured with.
    ///   - random: from 0 to 1; spreads attempts.
    ///   - now: for the status.
    ///   - accept: records the mail for good, then returns. See `MailNotAccepted`.
    /// - Throws: `IMAPError` if the kernel refuses an event loop.
    public init(
        _ settings: MailboxSettings, clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }, now: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable (MailboxEvent) -> Void,
        accept: @escaping @Sendable (FetchedMail) async throws -> MailDisposition
    ) throws(IMAPError) {
        self.settings = settings
        client = try IMAPClient(label: "mailbox.\(settings.name)")
        time = PollerTime(clock, random: random)
        self.now = now
        self.observe = observe
        self.accept = accept
        ledger = MailboxLedger(attempts: settings.attempts)
        pace = MailboxPace(perMinute: settings.messagesPerMinute)
        status = MailboxStatus(mailbox: settings.name)
    }

    /// Works until `stop` is called or the task is cancelled, which is the same. Call it once.
    public func run() async {
        guard worker == nil, !isStopping else { return }
        let worker = Task { await work() }
        self.worker = worker
        await withTaskCancellationHandler {
            await worker.value
        } onCancel: {
            Task { await stop() }
        }
    }

    /// Ends the work. A mail that is being accepted is accepted and marked; nothing else is waited for.
    public func stop() async {
        isStopping = true
        if !isBound { worker?.cancel() }
        await worker?.value
        status.state = .stopped
    }

    // MARK: Work

    private func work() async {
        while !isStopping {
            do throws(IMAPError) {
                let session = try await openSession()
                try await round(session)
                succeeded()
                try await rest(session)
            } catch {
                await closeSession()
                guard !isStopping else { break }
                await pause(setBack(error))
            }
        }
        await closeSession()
        status.state = .stopped
    }

    private func openSession() async throws(IMAPError) -> IMAPSession {
        if let session, await session.isOpen { return session }
        await closeSession()
        if told == nil { status.state = .connecting }
        // It would come back under a new UID, for ever.
        for target in [settings.moveTo, settings.failedTo] where target?.lowercased() == settings.folder.lowercased() {
            throw IMAPError(.other, "mails would be moved to where they come from", isRetriable: false)
        }
        let session = try await client.connect(settings.account)
        self.session = session
        let folder = try await session.select(settings.folder)
        guard !folder.isReadOnly, settings.moveTo != nil || folder.keeps(Self.keyword) else {
            throw IMAPError(.refused(code: nil), "the folder can be read but not marked", isRetriable: false)
        }
        self.folder = folder
        ledger.opened(uidValidity: folder.uidValidity)
        status.connectedSince = now()
        observe(.connected)
        return session
    }

    private func closeSession() async {
        guard let session else { return }
        self.session = nil
        folder = nil
        status.connectedSince = nil
        await session.close()
    }

    func succeeded() {
        reconnection.reset()
        status.lastSuccess = now()
        recovered()
    }

    func recovered() {
        status.state = .working
        guard told != nil else { return }
        told = nil
        observe(.recovered)
    }

    /// - Returns: how long to wait before the next attempt.
    private func setBack(_ error: IMAPError) -> Duration {
        if let advice = advice(on: error) {
            status.state = .troubled(reason: error.message)
            tell(.troubled(reason: error.message, advice: advice))
            return time.spread(Self.troubleInterval)
        }
        tell(.interrupted(reason: error.message))
        status.state = .interrupted(reason: error.message)
        return reconnection.next(random: time.random())
    }

    /// Once for the same trouble; the words of an interruption may change while it lasts.
    func tell(_ event: MailboxEvent) {
        if case .interrupted = event, case .interrupted = told { return }
        guard told != event else { return }
        told = event
        observe(event)
    }

    /// What somebody has to do; nil for what mends itself.
    private func advice(on error: IMAPError) -> String? {
        switch error.kind {
        case .connection, .cancelled, .protocolError: nil
        case .authentication:
            "correct the user and the password of mailbox \(settings.name), or let the account use IMAP"
        case .tls:
            "check the server's name and certificate, the file of trusted certificates, and whether the server offers TLS"
        case .refused(let code) where Self.passing.contains(code): nil
        case .refused:
            "check that the folder \(settings.folder) is there, and may be read and marked by this user"
        case .tooLarge: "make the folder \(settings.folder) smaller"
        case .other: error.isRetriable ? nil : "correct the server and the folders of mailbox \(settings.name)"
        }
    }

    // MARK: Waiting

    /// Until there may be something to do: mails announced by the server, the poll interval, a mail due again.
    private func rest(_ session: IMAPSession) async throws(IMAPError) {
        let due = ledger.nextDue.map { max(.zero, $0 - time.elapsed()) }
        let interval = max(settings.pollInterval, .seconds(1))
        let patience = min(interval, due ?? interval)
        guard !isStopping, patience > .zero else { return }
        status.state = .resting
        if await session.canIdle {
            let time = time
            do throws(IMAPError) {
                _ = try await session.idle { await time.sleep(patience) }
                return
            } catch {
                if error.endsSession { throw error }
            }
        }
        await pause(patience)
    }

    /// Ends early when the poller is stopped.
    func pause(_ duration: Duration) async { await time.sleep(duration) }

    func update(_ change: (inout MailboxStatus) -> Void) { change(&status) }
}

/// The poller's clock, and its dice.
struct PollerTime: Sendable {
    let random: @Sendable () -> Double
    /// Since the poller was made.
    let elapsed: @Sendable () -> Duration
    /// Returns early when the task is cancelled.
    let sleep: @Sendable (Duration) async -> Void

    init(_ clock: any Clock<Duration>, random: @escaping @Sendable () -> Double) {
        self.random = random
        sleep = { try? await clock.sleep(for: $0) }
        elapsed = Self.stopwatch(clock)
    }

    /// Half to all of it.
    func spread(_ duration: Duration) -> Duration { duration / 2 + duration / 2 * random() }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
