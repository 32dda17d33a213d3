import Civic
import Intake
import Observability
import Postgres
import Settings
import Synchronization
import Transfer

/// The mailboxes that are read, as the configuration in force names them: each by a poller of its own, so that a dead
/// server holds up no other.
final class Mailboxes: Sendable {
    private struct Running: Sendable {
        let settings: MailboxSettings
        let poller: MailboxPoller
    }

    private struct State {
        var running: [String: Running] = [:]
        /// For good: a reload may come in while the daemon drains.
        var isStopped = false

        func lacks(_ name: String) -> Bool { !isStopped && running[name] == nil }
    }

    /// Records a mail of a channel.
    typealias Accept = @Sendable (_ mail: FetchedMail, _ channel: String) async throws -> MailDisposition

    private let accept: Accept
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(observe: Observer, now: @escaping @Sendable () -> Timestamp, accept: @escaping Accept) {
        self.accept = accept
        self.observe = observe
        self.now = now
    }

    /// Starts what is new, stops what is gone or changed; the others go on undisturbed. Once stopped, starts nothing.
    func adapt(to configuration: Configuration) async {
        var wanted: [String: (settings: MailboxSettings, channel: String)] = [:]
        for channel in configuration.channels.values where channel.isOpen {
            for (index, box) in (channel.email?.mailboxes ?? []).enumerated() {
                let settings = MailboxSettings(box, number: index + 1, channel: channel)
                wanted[settings.name] = (settings, channel.name)
            }
        }
        let gone = state.withLock { state in
            let gone = state.running.filter { name, old in wanted[name]?.settings != old.settings }
            for name in gone.keys { state.running[name] = nil }
            return gone
        }
        await stop(Array(gone.values))
        for (name, box) in wanted where state.withLock({ $0.lacks(name) }) { start(box.settings, of: box.channel) }
    }

    /// Mails under way are accepted and marked; nothing else is waited for.
    func stop() async {
        await stop(
            state.withLock { state in
                state.isStopped = true
                defer { state.running = [:] }
                return Array(state.running.values)
            })
    }

    private func stop(_ boxes: [Running]) async {
        await withTaskGroup(of: Void.self) { tasks in
            for box in boxes { tasks.addTask { await box.poller.stop() } }
        }
    }

    var status: [MailboxStatus] {
        get async {
            var all: [MailboxStatus] = []
            for box in state.withLock({ $0.running.values.map(\.poller) }) { all.append(await box.status) }
            return all.sorted { $0.mailbox < $1.mailbox }
        }
    }

    private func start(_ settings: MailboxSettings, of channel: String) {
        let (accept, observe, name) = (accept, observe, settings.name)
        do {
            let poller = try MailboxPoller(
                settings, now: now, observe: { observe(Observation($0, of: name)) },
                accept: { try await accept($0, channel) })
            let isNew = state.withLock { state in
                guard state.lacks(name) else { return false }
                state.running[name] = Running(settings: settings, poller: poller)
                return true
            }
            if isNew { Task { await poller.run() } }
        } catch {
            observe(.mailboxTroubled(mailbox: name, reason: "\(error)", advice: "reload once this machine has room"))
        }
    }
}

extension MailDesk {
    /// For a poller.
    func accept(_ fetched: FetchedMail, on channel: String) async throws -> MailDisposition {
        do {
            if fetched.isTruncated {
                _ = try await keep(
                    fetched.raw, on: channel,
                    reason: "it has \(fetched.size) bytes, more than the channel takes: this is its beginning")
                return .unreadable
            }
            if case .unread = try await accept(fetched.raw, on: channel) { return .unreadable }
            return .done
        } catch let error as PostgresError where error.isRetriable {
            throw MailNotAccepted(.unavailable(retryAfter: nil), "PostgreSQL: \(error.message)")
        } catch let refusal as MailDesk.Refusal {
            throw MailNotAccepted(refusal)
        }
    }
}

extension MailNotAccepted {
    init(_ refusal: MailDesk.Refusal) {
        switch refusal {
        // It comes back with a reload, or the mailbox goes with it.
        case .noChannel: self.init(.unavailable(retryAfter: nil), "\(refusal)")
        case .tooLarge: self.init(.thisMail, "\(refusal)")
        }
    }
}

extension Observation {
    init(_ event: MailboxEvent, of mailbox: String) {
        self =
            switch event {
            case .connected: .mailboxUp(mailbox: mailbox, again: false)
            case .recovered: .mailboxUp(mailbox: mailbox, again: true)
            case .interrupted(let reason): .mailboxInterrupted(mailbox: mailbox, reason: reason)
            case .troubled(let reason, let advice):
                .mailboxTroubled(mailbox: mailbox, reason: reason, advice: advice)
            case .mailFailed(let origin, let reason, let pause):
                .mailFailed(mailbox: mailbox, uid: Int(origin.uid), reason: reason, retryIn: pause.inSeconds)
            case .movedAside(let origin, let reason):
                .mailMovedAside(mailbox: mailbox, uid: Int(origin.uid), reason: reason)
            case .notMoved(let origin, let reason):
                .mailNotMoved(mailbox: mailbox, uid: Int(origin.uid), reason: reason)
            }
    }
}

extension MailboxSettings {
    fileprivate init(_ box: EmailIntake.Mailbox, number: Int, channel: Channel) {
        let tls: IMAPAccount.TLSMode =
            switch box.tls {
            case .never: .never
            case .opportunistic: .opportunistic
            case .required: .required
            }
        let size = channel.email?.size ?? 30 << 20
        self.init(
            name: number == 1 ? channel.name : "\(channel.name) \(number)", server: box.server, user: box.user,
            password: box.password.value, tls: tls, trustAuthority: box.authority, folder: box.folder, moveTo: box.done,
            failedTo: box.failed, pollInterval: box.pause, sizeLimit: size,
            // What is kept of a larger one can be replayed.
            excerpt: min(256 << 10, size), messagesPerMinute: box.perMinute)
    }
}

extension MailboxStatus {
    /// For `pasquino status`.
    var json: JSON {
        let (word, reason): (String, String?) =
            switch state {
            case .connecting: ("connecting", nil)
            case .working: ("working", nil)
            case .resting: ("resting", nil)
            case .interrupted(let reason): ("interrupted", reason)
            case .troubled(let reason): ("troubled", reason)
            case .stopped: ("stopped", nil)
            }
        return .object([
            ("name", .string(mailbox)), ("state", .string(word)), ("reason", .optional(reason)),
            ("last_success", .moment(lastSuccess)), ("waiting", .int(Int64(waiting))),
            ("failing", .int(Int64(failing))), ("accepted", .int(Int64(accepted))),
            ("moved_aside", .int(Int64(movedAside))),
        ])
    }
}
