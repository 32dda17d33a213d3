import Civic
import Synchronization
import Transfer
import TransferTesting

@testable import Intake

/// One Dovecot for all tests of pollers; each test has its own user.
enum PostOffice {
    static let server = Result { try Dovecot() }
    private static let users = Mutex(0)

    static func newUser() -> String {
        users.withLock { users in
            users += 1
            return "user\(users)"
        }
    }
}

/// A user's mailbox as the mail server and people see it.
struct Mailbox {
    let server: Dovecot
    let user: String

    init(_ server: Dovecot? = nil, user: String = PostOffice.newUser()) throws {
        self.server = try server ?? PostOffice.server.get()
        self.user = user
    }

    func settings(port: UInt16? = nil, tls: Bool = false, change: (inout MailboxSettings) -> Void = { _ in })
        -> MailboxSettings
    {
        var settings = MailboxSettings(
            name: "posta",
            server: "\(tls ? "imaps" : "imap")://127.0.0.1:\(port ?? (tls ? server.tlsPort : server.port))",
            user: user, password: Dovecot.password, tls: .never, trustAuthority: server.authority, moveTo: "Fatto",
            pollInterval: MailboxSettings.testInterval, messagesPerMinute: 1_000_000)
        change(&settings)
        return settings
    }

    func session<Value: Sendable>(_ body: (IMAPSession) async throws -> Value) async throws -> Value {
        try await server.session(of: user, body)
    }

    func put(_ mails: [[UInt8]]) async throws {
        try await session { session in
            for mail in mails { try await session.append(mail, to: "INBOX") }
        }
    }

    func put(_ mails: String...) async throws { try await put(mails.map { Array($0.utf8) }) }

    /// The mails in a folder, each with its flags, but `\Recent`; none where there is no folder.
    func mails(in folder: String) async throws -> [(bytes: [UInt8], flags: Set<String>)] {
        try await session { session in
            guard try await session.exists(folder) else { return [] }
            _ = try await session.select(folder)
            var all: [(bytes: [UInt8], flags: Set<String>)] = []
            for summary in try await session.summaries(try await session.search()) {
                let message = try await session.fetch(summary.uid, limit: 64 << 20)
                all.append((message?.bytes ?? [], Set(summary.flags).subtracting(["\\Recent"])))
            }
            return all
        }
    }
}

/// Takes mails as the rest of the daemon would, and remembers all.
final class Desk: Sendable {
    private struct State {
        var mails: [FetchedMail] = []
        var events: [MailboxEvent] = []
        /// The last thing heard of was that the poller rests.
        var isResting = false
        var waiters: [(condition: @Sendable (Desk) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())
    private let answer: @Sendable (FetchedMail, Int) async throws -> MailDisposition

    /// - Parameter answer: gets each mail and how many came before, this one among them.
    init(_ answer: @escaping @Sendable (FetchedMail, Int) async throws -> MailDisposition = { _, _ in .done }) {
        self.answer = answer
    }

    var mails: [FetchedMail] { state.withLock { $0.mails } }
    var texts: [String] { mails.map { String(decoding: $0.raw, as: UTF8.self) } }
    var events: [MailboxEvent] { state.withLock { $0.events } }

    func accept(_ mail: FetchedMail) async throws -> MailDisposition {
        let count = state.withLock { state in
            state.mails.append(mail)
            state.isResting = false
            return state.mails.count
        }
        defer { wake() }
        return try await answer(mail, count)
    }

    func observe(_ event: MailboxEvent) {
        state.withLock {
            $0.events.append(event)
            $0.isResting = false
        }
        wake()
    }

    /// A poller waits.
    func slept(_ length: Duration) {
        state.withLock { $0.isResting = length == MailboxSettings.testInterval }
        wake()
    }

    /// Returns when so many different mails have come and the poller has nothing more to do for now.
    func untilDone(with count: Int) async {
        await until { desk in Set(desk.texts).count >= count && desk.state.withLock { $0.isResting } }
    }

    /// Returns when it has become true; looked at whenever a mail or an event has come.
    func until(_ condition: @escaping @Sendable (Desk) -> Bool) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiters.append((condition, continuation)) }
            wake()
        }
    }

    private func wake() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            if waiter.condition(self) {
                waiter.continuation.resume()
            } else {
                state.withLock { $0.waiters.append(waiter) }
            }
        }
    }
}

extension MailboxSettings {
    /// Unlike any other wait of the poller's.
    static let testInterval = Duration.seconds(47)
}

/// Runs a poller until `body` returns.
func withPoller(
    _ settings: MailboxSettings, _ desk: Desk, clock: (any Clock<Duration>)? = nil,
    _ body: (MailboxPoller) async throws -> Void
) async throws {
    let poller = try MailboxPoller(
        settings, clock: clock ?? SkippingClock { desk.slept($0) }, random: { 1 }, now: { Timestamp(seconds: 0) },
        observe: { desk.observe($0) },
        accept: { try await desk.accept($0) })
    let running = Task { await poller.run() }
    do {
        try await body(poller)
    } catch {
        await poller.stop()
        throw error
    }
    await poller.stop()
    await running.value
}
