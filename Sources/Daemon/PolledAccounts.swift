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
        let task: Task<Void, Never>
    }

    private let chats: ChatDesk
    private let positions: PollPositions
    private let client: TransferClient
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let running = Mutex<[String: Running]>([:])

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

    /// Starts what is new, stops what is gone or changed; the others go on undisturbed.
    func adapt(to configuration: Configuration) async {
        var wanted: [String: MastodonAccount] = [:]
        for channel in configuration.channels.values where channel.isOpen {
            if case .mastodon(let account) = channel.kind { wanted[channel.name] = account }
        }
        let gone = running.withLock { running in
            let gone = running.filter { name, old in !(wanted[name]?.isSame(as: old.account) ?? false) }
            for name in gone.keys { running[name] = nil }
            return gone
        }
        for old in gone.values { await old.poller.stop() }
        for (name, account) in wanted where running.withLock({ $0[name] == nil }) { start(account, of: name) }
    }

    /// What was not remembered comes again.
    func stop() async {
        let all = running.withLock { running in
            defer { running = [:] }
            return Array(running.values)
        }
        for old in all { await old.poller.stop() }
    }

    private func start(_ account: MastodonAccount, of name: String) {
        let observe = observe
        let poller = MastodonPoller(
            channel: name, account: account, chats: chats, positions: positions, client: client, now: now
        ) { event in
            switch event {
            case .connected: observe(.channelUp(channel: name, again: false))
            case .recovered: observe(.channelUp(channel: name, again: true))
            case .interrupted(let reason): observe(.channelInterrupted(channel: name, reason: reason))
            case .troubled(let reason, let advice):
                observe(.channelTroubled(channel: name, reason: reason, advice: advice))
            }
        }
        let task = Task { await poller.run() }
        running.withLock { $0[name] = Running(account: account, poller: poller, task: task) }
    }
}

extension MastodonAccount {
    fileprivate func isSame(as other: MastodonAccount) -> Bool {
        server == other.server && token.value == other.token.value && pause == other.pause
    }
}
