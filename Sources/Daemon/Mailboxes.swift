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
        let task: Task<Void, Never>
    }

    private let mail: MailDesk
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let running = Mutex<[String: Running]>([:])

    init(mail: MailDesk, observe: Observer, now: @escaping @Sendable () -> Timestamp) {
        self.mail = mail
        self.observe = observe
        self.now = now
    }

    /// Starts what is new, stops what is gone or changed; the others go on undisturbed.
    func adapt(to configuration: Configuration) async {
        var wanted: [String: (settings: MailboxSettings, channel: String)] = [:]
        for channel in configuration.channels.values where channel.isOpen {
            for (index, box) in (channel.email?.mailboxes ?? []).enumerated() {
                let settings = MailboxSettings(box, number: index + 1, channel: channel)
                wanted[settings.name] = (settings, channel.name)
            }
        }
        let gone = running.withLock { running in
            let gone = running.filter { name, old in wanted[name]?.settings != old.settings }
            for name in gone.keys { running[name] = nil }
            return gone
        }
        await stop(Array(gone.values))
        for (name, box) in wanted where running.withLock({ $0[name] == nil }) { start(box.settings, of: box.channel) }
    }

    /// Mails under way are accepted and marked; nothing else is waited for.
    func stop() async {
        await stop(
            running.withLock { running in
                defer { running = [:] }
                return Array(running.values)
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
            for box in running.withLock({ $0.values.map(\.poller) }) { all.append(await box.status) }
            return all.sorted { $0.mailbox < $1.mailbox }
        }
    }

    private func start(_ settings: MailboxSettings, of channel: String) {
        let (mail, observe, name) = (mail, observe, settings.name)
        do {
            let poller = try MailboxPoller(
                settings, now: now, observe: { Mailboxes.report($0, name, to: observe) },
                accept: { try await Mailboxes.accept($0, on: channel, by: mail) })
            let task = Task { await poller.run() }
            running.withLock { $0[name] = Running(settings: settings, poller: poller, task: task) }
        } catch {
            observe(.mailboxTroubled(mailbox: name, reason: "\(error)", advice: "reload once this machine has room"))
        }
    }

    private static func accept(
        _ fetched: FetchedMail, on channel: String, by mail: MailDesk
    ) async throws -> MailDisposition {
        do {
            if fetched.isTruncated {
                _ = try await mail.keep(
                    fetched.raw, on: channel,
                    reason: "it has \(fetched.size) bytes, more than the channel takes: this is its beginning")
                return .unreadable
            }
            if case .unread = try await mail.accept(fetched.raw, on: channel) { return .unreadable }
            return .done
        } catch let error as PostgresError where error.isRetriable {
            throw MailNotAccepted(.unavailable(retryAfter: nil), "PostgreSQL: \(error.message)")
        } catch let refusal as MailDesk.Refusal {
            throw MailNotAccepted(.unavailable(retryAfter: nil), "\(refusal)")
        }
    }

    private static func report(_ event: MailboxEvent, _ name: String, to observe: Observer) {
        switch event {
        case .connected: observe(.mailboxUp(mailbox: name, again: false))
        case .recovered: observe(.mailboxUp(mailbox: name, again: true))
        case .interrupted(let reason): observe(.mailboxInterrupted(mailbox: name, reason: reason))
        case .troubled(let reason, let advice):
            observe(.mailboxTroubled(mailbox: name, reason: reason, advice: advice))
        case .mailFailed(let origin, let reason, let pause):
            observe(.mailFailed(mailbox: name, uid: Int(origin.uid), reason: reason, retryIn: pause.inSeconds))
        case .movedAside(let origin, let reason), .notMoved(let origin, let reason):
            observe(.mailMovedAside(mailbox: name, uid: Int(origin.uid), reason: reason))
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
