import Civic
import Intake
import Observability
import Settings
import Store
import Synchronization
import Transfer

/// The accounts that are looked at, as the configuration in force names them: each by a poller of its own.
final class PolledAccounts: Sendable {
    private struct Running: Sendable {
        let account: MastodonAccount
        let poller: MastodonPoller
        /// What stands in its way.
        var trouble: String?
    }

    private struct State {
        var running: [String: Running] = [:]
        /// For good: a reload may come in while the daemon drains.
        var isStopped = false

        func lacks(_ name: String) -> Bool { !isStopped && running[name] == nil }
    }

    private let chats: ChatDesk
    private let positions: PollPositions
    private let client: TransferClient
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        chats: ChatDesk, positions: PollPositions, client: TransferClient, observe: Observer,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.chats = chats
        self.positions = positions
        self.client = client
        self.observe = observe
        self.now = now
    }

    /// Starts what is new, stops what is gone or changed; the others go on undisturbed. Once stopped, starts nothing.
    func adapt(to configuration: Configuration) async {
        var wanted: [String: MastodonAccount] = [:]
        for channel in configuration.channels.values where channel.isOpen {
            if case .mastodon(let account) = channel.kind { wanted[channel.name] = account }
        }
        let gone = state.withLock { state in
            let gone = state.running.filter { name, old in !(wanted[name]?.isSame(as: old.account) ?? false) }
            for name in gone.keys { state.running[name] = nil }
            return gone
        }
        for old in gone.values { await old.poller.stop() }
        for (name, account) in wanted where state.withLock({ $0.lacks(name) }) { start(account, of: name) }
    }

    /// What was not remembered comes again.
    func stop() async {
        let all = state.withLock { state in
            state.isStopped = true
            defer { state.running = [:] }
            return Array(state.running.values)
        }
        for old in all { await old.poller.stop() }
    }

    /// For `pasquino status`.
    var status: [JSON] {
        state.withLock { $0.running }.sorted { $0.key < $1.key }.map { name, one in
            .object([("name", .string(name)), ("up", .bool(one.trouble == nil)), ("reason", .optional(one.trouble))])
        }
    }

    private func note(_ trouble: String?, of name: String) { state.withLock { $0.running[name]?.trouble = trouble } }

    private func start(_ account: MastodonAccount, of name: String) {
        let observe = observe
        let poller = MastodonPoller(
            channel: name, account: account, chats: chats, positions: positions, client: client, now: now
        ) { [weak self] event in
            switch event {
            case .connected, .recovered:
                self?.note(nil, of: name)
                observe(.channelUp(channel: name, again: event == .recovered))
            case .interrupted(let reason):
                self?.note(reason, of: name)
                observe(.channelInterrupted(channel: name, reason: reason))
            case .troubled(let reason, let advice):
                self?.note(reason, of: name)
                observe(.channelTroubled(channel: name, reason: reason, advice: advice))
            }
        }
        let isNew = state.withLock { state in
            guard state.lacks(name) else { return false }
            state.running[name] = Running(account: account, poller: poller)
            return true
        }
        if isNew { Task { await poller.run() } }
    }
}

extension MastodonAccount {
    fileprivate func isSame(as other: MastodonAccount) -> Bool {
        server == other.server && token.value == other.token.value && pause == other.pause
    }
}
