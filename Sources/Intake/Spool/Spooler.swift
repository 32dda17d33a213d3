import Civic
import Dispatch
import Hummingbird
import Observability
import Postgres
import Settings
import Spool
import Synchronization

/// The daemon's spool: for channels whose senders do not come again (`spool: true`), what is posted while PostgreSQL is
/// away is kept on the daemon's own disk and acknowledged with 202; when PostgreSQL is back it is drained (`drain`).
///
/// It is opened where a channel asks for it, and where something was left in it. If it cannot be (another daemon has it,
/// the disk says no), such a channel is like any other, and opening is tried again with each `adapt`.
public final class Spooler: Sendable {
    private struct State {
        var spool: SpoolDirectory?
        var isWanted = false
        var limit = 0
        /// Why it cannot be opened.
        var trouble: String?
        /// What was told last, so that it is not told with each beat.
        var told: String?
        var isDraining = false
    }

    private let state = Mutex(State())
    private let path: String
    private let room = Workshop(label: "pasquino.spool.opening")
    let observe: Observer
    /// Whether PostgreSQL is known to be away: then nobody waits for it to say so.
    let isAway: @Sendable () -> Bool

    /// - Parameter state: the state directory.
    public init(state: String, observe: Observer, isAway: @escaping @Sendable () -> Bool) {
        path = "\(state)/spool"
        self.observe = observe
        self.isAway = isAway
    }

    /// Opens the spool where it is wanted or holds something; tells it its bounds.
    public func adapt(to configuration: Configuration) async {
        let isWanted = configuration.channels.values.contains { $0.isOpen && $0.isSpooled }
        let bounds = SpoolDirectory.Bounds(bytes: configuration.limits.spool)
        let open = state.withLock { state in
            state.isWanted = isWanted
            state.limit = bounds.bytes
            return state.spool
        }
        if let open {
            open.bounds = bounds
            return
        }
        let result = await room.run { [self] () -> Result<SpoolDirectory?, SpoolError> in
            if !isWanted, SpoolGlance(at: path)?.waiting ?? 0 == 0 { return .success(nil) }
            do throws(SpoolError) {
                return .success(try SpoolDirectory(path, bounds: bounds) { [weak self] in self?.tell($0) })
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let spool):
            state.withLock {
                $0.spool = spool
                $0.trouble = nil
                $0.told = nil
            }
        case .failure(let error):
            let isOpen = state.withLock { state in
                // A reload and a beat came together, and the other one opened it.
                if state.spool == nil { state.trouble = error.description }
                return state.spool != nil
            }
            if !isOpen { tell(.trouble(reason: error.description)) }
        }
    }

    /// Returns once what was posted would survive a power failure. 202: it will be taken in, and has no ticket yet.
    /// - Throws: `Problem` 503: it is not kept.
    func keep(_ posted: WebhookGate.Posted, on channel: WebhookChannel) async throws(Problem) -> Response {
        try await keep(
            SpooledRequest(
                message: posted.message, channel: channel.settings.name, type: posted.type,
                receivedAt: posted.receivedAt, body: posted.body))
        return .json(
            .object([
                ("outcome", .string("kept")), ("ticket", .null), ("message", .string(posted.message.description)),
            ]), status: .accepted)
    }

    private func keep(_ request: SpooledRequest) async throws(Problem) {
        guard let spool = state.withLock({ $0.spool }) else {
            throw .unavailable(
                "the message could not be made durable; it is safe to send it again", reason: "the spool is not open")
        }
        do throws(SpoolError) { try await spool.keep(request) } catch {
            throw .unavailable(
                "the message could not be made durable; it is safe to send it again", reason: error.description)
        }
        observe(.spoolKept(channel: request.channel))
    }

    /// Takes in what waits, the oldest first, until nothing does or PostgreSQL is away again. One at a time drains.
    ///
    /// A batch is as large as one transaction, the next begins when it is committed, and after each the drain rests for
    /// as long as it took: what comes in meanwhile, which goes straight to PostgreSQL, has the other half of the time.
    public func drain(into mail: MailDesk) async {
        let spool = state.withLock { state -> SpoolDirectory? in
            guard !state.isDraining, let spool = state.spool, spool.glance.waiting > 0 else { return nil }
            state.isDraining = true
            return spool
        }
        guard let spool else { return }
        defer { state.withLock { $0.isDraining = false } }
        let intake = SpoolIntake(mail: mail)
        while !Task.isCancelled, let batch = await spool.oldest(most: Spooler.batch, bytes: Spooler.batchBytes) {
            let start = ContinuousClock.now
            let refused: [String]
            do { refused = try await intake.take(batch.requests) } catch {
                // That PostgreSQL is away is told by its connections.
                if let error = error as? PostgresError, error.sqlstate == nil { return }
                tell(.trouble(reason: "what waits in the spool cannot be taken in now: \(error)"))
                return
            }
            for reason in refused { observe(.internalError(place: "the spool", error: reason)) }
            await spool.settle(batch, refused: !refused.isEmpty)
            state.withLock { $0.told = nil }
            observe(.spoolDrained(messages: batch.requests.count, left: spool.glance.waiting))
            // Cancellation ends the loop above.
            try? await Task.sleep(for: min(ContinuousClock.now - start, .seconds(1)))
        }
    }

    /// Fewer than make a second writer join (`IntakeWriter.crowd`).
    private static let batch = 50
    private static let batchBytes = 4 << 20

    public func close() async {
        let spool = state.withLock { state in
            defer { state.spool = nil }
            return state.spool
        }
        await spool?.close()
    }

    private func tell(_ event: SpoolEvent) {
        switch event {
        case .torn(let file, let place): observe(.spoolTorn(file: file, at: place))
        case .damaged(let file, let place, let bytes): observe(.spoolDamaged(file: file, at: place, bytes: bytes))
        case .setAside(let file): observe(.spoolSetAside(file: file))
        case .trouble(let reason):
            let isNew = state.withLock { state in
                defer { state.told = reason }
                return state.told != reason
            }
            if isNew { observe(.spoolTroubled(reason: reason)) }
        }
    }
}

extension Spooler {
    /// For `pasquino status`, and the metrics on the way; nil where there is no spool.
    public func look(at now: Timestamp) -> JSON? {
        let (spool, isWanted, limit, trouble) = state.withLock { ($0.spool, $0.isWanted, $0.limit, $0.trouble) }
        guard spool != nil || isWanted else { return nil }
        let glance = spool?.glance ?? SpoolGlance()
        let age = glance.oldest.map { max(0, (now - $0).inSeconds) } ?? 0
        observe.metrics.spool(
            waiting: glance.waiting, bytes: glance.bytes, limit: limit, oldest: age, aside: glance.aside,
            isOpen: spool != nil)
        return .object([
            ("waiting", .int(Int64(glance.waiting))), ("bytes", .int(Int64(glance.bytes))),
            ("limit", .int(Int64(limit))),
            ("oldest_s", glance.oldest == nil ? .null : .int(Int64(age))),
            ("set_aside", .int(Int64(glance.aside))), ("open", .bool(spool != nil)), ("reason", .optional(trouble)),
        ])
    }
}

extension Problem {
    /// - Parameter reason: what the sender need not know, for the log.
    fileprivate static func unavailable(_ detail: String, reason: String) -> Problem {
        var problem = Problem.unavailable(detail)
        problem.reason = reason
        return problem
    }
}
