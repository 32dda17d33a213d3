import Civic
import Settings
import Transfer

/// The accounts that a configuration opens. A new messenger adds its line here.
enum ChatAccounts {
    static func all(in configuration: Configuration, client: TransferClient) -> [Medium: [String: any ChatAccount]] {
        var accounts: [Medium: [String: any ChatAccount]] = [:]
        for channel in configuration.channels.values where channel.isOpen {
            let address = "\(configuration.city.baseURL)/v1/channels/\(channel.name)"
            guard let medium = channel.medium,
                let account = account(for: channel, at: address, client: client)
            else { continue }
            accounts[medium, default: [:]][channel.name] = account
        }
        return accounts
    }

    /// - Parameter address: at which the channel is called.
    static func account(for channel: Channel, at address: String, client: TransferClient) -> (any ChatAccount)? {
        switch channel.kind {
        case .telegram(let account): TelegramChatAccount(account, client: client)
        case .mastodon(let account): MastodonChatAccount(account, client: client)
        case .whatsapp(let account): MetaChatAccount(account, medium: .whatsapp, client: client)
        case .messenger(let account): MetaChatAccount(account, medium: .messenger, client: client)
        case .instagram(let account): MetaChatAccount(account, medium: .instagram, client: client)
        case .sms(let account): SMSChatAccount(account, callback: account.url ?? address, client: client)
        default: nil
        }
    }
}
