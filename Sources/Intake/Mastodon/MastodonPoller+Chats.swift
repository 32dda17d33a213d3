import Civic
import Settings
import Store
import Transfer

extension MastodonPoller {
    /// What is new on the account of a channel goes to `chats`, under the configuration in force.
    public init(
        channel name: String, account: MastodonAccount, chats: ChatDesk, positions: PollPositions,
        client: TransferClient, now: @escaping @Sendable () -> Timestamp,
        observe: @escaping @Sendable (PollEvent) -> Void
    ) {
        self.init(
            account, client: client, ledger: ChannelPosition(channel: name, positions: positions), now: now,
            observe: observe
        ) { said, raw in
            let rulebook = chats.desk.current
            guard let channel = rulebook.configuration.channels[name] else { throw ChannelGone() }
            switch said {
            case .success(let events):
                for event in events {
                    try await chats.take(event, raw: raw, on: channel, medium: .mastodon, by: rulebook)
                }
            case .failure(let unreadable):
                try await chats.unread.keep(raw, channel: name, reason: unreadable.reason, at: now())
            }
        }
    }

    /// A configuration without the channel has just come into force, and the poller is about to be stopped.
    private struct ChannelGone: Error {}

    private struct ChannelPosition: PollLedger {
        let channel: String
        let positions: PollPositions

        func lastID() async throws -> String? { try await positions.position(of: channel) }
        func remember(_ id: String) async throws { try await positions.remember(id, of: channel) }
    }
}
