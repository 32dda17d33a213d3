import Boundaries
import Civic
import Settings
import Transfer

/// Looks at the notifications of one account, and hands on what is new, oldest first.
///
/// - Polled, not delivered: a daemon that was away finds what it missed, the city needs no inbox that the whole fediverse
///   may write to and no keys, and its account can be on anybody's server.
/// - `min_id` asks for what came right after an id, so pages go forward and an outage of any length skips nothing. What
///   the server filters away is asked for too: it does so by default with what strangers write to the account alone.
/// - An id is remembered after `accept` has returned. Between the two a crash makes the same notification come again:
///   `accept` must take it twice without harm. Several daemons may look at one account for the same reason.
/// - The first time, what is older than a day is left alone: nobody wants an answer to a mention of last year.
/// - Whatever fails is tried again at growing intervals; a refused token is told once, and tried every quarter of an hour.
public actor MastodonPoller {
    typealias Accept = @Sendable (Result<[ChatEvent], UnreadableDelivery>, [UInt8]) async throws -> Void

    private let account: MastodonAccount
    private let reader: MastodonReader
    private let client: TransferClient
    private let ledger: any PollLedger
    private let time: PollerTime
    private let now: @Sendable () -> Timestamp
    private let observe: @Sendable (PollEvent) -> Void
    private let accept: Accept

    private var worker: Task<Void, Never>?
    private var isStopping = false
    private var hasConnected = false
    /// What was told last, so that it is told once.
    private var told: PollEvent?
    private var setBacks = BackOff(first: .seconds(2), last: .seconds(300))
    /// Notifications asked for at a time. One, after an answer that was too large.
    private var window = MastodonPoller.widestWindow

    private static let widestWindow = 40
    private static let troubleInterval = Duration.seconds(900)
    private static let firstDay = Duration.seconds(86_400)
    /// Where the first look gives up to find the day's beginning.
    private static let firstPages = 25

    /// - Parameters:
    ///   - accept: records for good what a notification says, with the notification as it stands, then returns. Throws
    ///     only if nothing can be recorded now; what cannot be understood is handed over as it is, to be kept.
    ///   - clock: what is waited on.
    ///   - random: from 0 to 1; spreads attempts.
    init(
        _ account: MastodonAccount, client: TransferClient, ledger: any PollLedger,
        clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }, now: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable (PollEvent) -> Void, accept: @escaping Accept
    ) {
        self.account = account
        reader = MastodonReader(host: WebAddress(account.server)?.host ?? "localhost")
        self.client = client
        self.ledger = ledger
        time = PollerTime(clock, random: random)
        self.now = now
        self.observe = observe
        self.accept = accept
    }

    /// Works until `stop` is called or the task is cancelled, which is the same. Call it once.
    public func run() async {
        guard worker == nil, !isStopping else { return }
        let worker = Task { await work() }
        self.worker = worker
        await withTaskCancellationHandler {
            await worker.value
        } onCancel: {
            worker.cancel()
        }
    }

    /// Ends the work. What was not remembered comes again.
    public func stop() async {
        isStopping = true
        worker?.cancel()
        await worker?.value
    }

    // MARK: Work

    private enum SetBack: Error {
        case page(MastodonPage)
        case cancelled
    }

    private func work() async {
        while !Task.isCancelled {
            do {
                let rest = try await round()
                succeeded()
                await time.sleep(max(rest ?? .zero, time.spread(account.pause)))
            } catch {
                guard !Task.isCancelled else { return }
                await time.sleep(setBack(error))
            }
        }
    }

    /// All that is new.
    /// - Returns: how long the server wants to be left alone.
    private func round() async throws -> Duration? {
        guard var position = try await start() else { return nil }
        while !Task.isCancelled {
            let (page, newest, rest) = try await look("min_id=\(position)")
            guard !page.isEmpty else { return rest }
            guard let next = try await take(page, newest: newest), next != position else { return rest }
            position = next
            if let rest { return rest }
        }
        throw SetBack.cancelled
    }

    private func start() async throws -> String? {
        let known: String?
        do {
            known = try await ledger.lastID()
        } catch {
            throw SetBack.page(.interrupted(reason: "the last position cannot be read"))
        }
        if let known, MastodonReader.isID(known) { return known }
        guard let first = try await beginning() else { return nil }
        try await remember(first)
        return first
    }

    /// The last notification that is older than a day; `0` if all are younger, nil if there is none.
    private func beginning() async throws -> String? {
        let horizon = now() + .seconds(-MastodonPoller.firstDay.components.seconds)
        var before: String?
        for _ in 0..<MastodonPoller.firstPages {
            let (page, _, _) = try await look(before.map { "max_id=\($0)" })
            let readings = page.compactMap { try? reader.read($0) }
            if let old = readings.first(where: { $0.at.map { $0 < horizon } ?? false }) { return old.id }
            guard let last = readings.last?.id, last != before else { return before == nil && page.isEmpty ? nil : "0" }
            before = last
        }
        return before
    }

    /// Oldest first.
    /// - Returns: the id up to which all is done.
    private func take(_ page: [[UInt8]], newest: String?) async throws -> String? {
        var done: String?
        for notification in page.reversed() {
            let reading: Result<MastodonReader.Reading, UnreadableDelivery> =
                Result { () throws(UnreadableDelivery) in try reader.read(notification) }
            do {
                try await accept(reading.map { [$0.event] }, notification)
            } catch {
                if let done { try await remember(done) }
                throw SetBack.page(.interrupted(reason: "mentions cannot be recorded now"))
            }
            if case .success(let reading) = reading { done = reading.id }
        }
        Boundary.pollTaken.pass()
        let last = newest.flatMap { MastodonReader.isID($0) ? $0 : nil } ?? done
        if let last { try await remember(last) }
        return last
    }

    private func remember(_ id: String) async throws {
        do {
            try await ledger.remember(id)
        } catch {
            throw SetBack.page(.interrupted(reason: "the position cannot be recorded"))
        }
        Boundary.pollRemembered.pass()
    }

    private func look(_ place: String?) async throws -> (page: [[UInt8]], newest: String?, rest: Duration?) {
        let query = ["types%5B%5D=mention&types%5B%5D=update&include_filtered=true&limit=\(window)", place]
        let request = HTTPRequest(
            method: "GET",
            url: "\(account.server)/api/v1/notifications?\(query.compactMap(\.self).joined(separator: "&"))",
            headers: [("Authorization", "Bearer \(account.token.value)"), ("Accept", "application/json")],
            maximumResponse: 16 << 20)
        let response: HTTPResponse
        do throws(TransferError) {
            response = try await client.send(request)
        } catch {
            if error.kind == .cancelled { throw SetBack.cancelled }
            if error.kind == .tooLarge { window = 1 }
            throw SetBack.page(.interrupted(reason: error.message))
        }
        switch MastodonPage(response, now: now()) {
        case .notifications(let page, let newest):
            window = MastodonPoller.widestWindow
            return (page, newest, MastodonPage.rest(after: response, now: now()))
        case let page: throw SetBack.page(page)
        }
    }

    // MARK: What is told

    private func succeeded() {
        setBacks.reset()
        if told != nil { observe(.recovered) } else if !hasConnected { observe(.connected) }
        hasConnected = true
        told = nil
    }

    /// - Returns: how long to wait.
    private func setBack(_ error: any Error) -> Duration {
        switch error as? SetBack {
        case .page(.wait(let pause)): return pause
        case .page(.troubled(let reason, let advice)):
            tell(.troubled(reason: reason, advice: advice))
            return time.spread(MastodonPoller.troubleInterval)
        case .page(.interrupted(let reason)): tell(.interrupted(reason: reason))
        case .page(.notifications), .cancelled, nil: tell(.interrupted(reason: "the look was cut short"))
        }
        return setBacks.next(random: time.random())
    }

    private func tell(_ event: PollEvent) {
        // The words of an interruption may change while it lasts.
        if case .interrupted = event, case .interrupted = told { return }
        guard told != event else { return }
        told = event
        observe(event)
    }
}
