import Civic
import Settings
import Transfer

/// The accounts that a configuration opens. A new messenger adds its line here.
enum ChatAccounts {
    static func all(in configuration: Configuration, client: TransferClient) -> [Medium: [String: any ChatAccount]] {
        var accounts: [Medium: [String: any ChatAccount]] = [:]
        for channel in configuration.channels.values where channel.isOpen {
            guard let medium = medium(of: channel), let account = account(for: channel, client: client) else {
                continue
            }
            accounts[medium, default: [:]][channel.name] = account
        }
        return accounts
    }

    private static func medium(of channel: Channel) -> Medium? {
        switch channel.kind {
        case .webhook, .email: nil
        case .telegram: .telegram
        case .whatsapp: .whatsapp
        case .messenger: .messenger
        case .instagram: .instagram
        case .sms: .sms
        case .mastodon: .mastodon
        }
    }

    static func account(for channel: Channel, client: TransferClient) -> (any ChatAccount)? {
        switch channel.kind {
        case .webhook, .email: nil
        case .telegram(let account): TelegramChatAccount(account, client: client)
        case .mastodon(let account): MastodonChatAccount(account, client: client)
        case .whatsapp, .messenger, .instagram, .sms: nil
        }
    }
}
