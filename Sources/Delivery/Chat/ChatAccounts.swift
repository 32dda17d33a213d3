import Settings
import Transfer

/// The accounts that a configuration opens. A new messenger adds its line here.
enum ChatAccounts {
    static func account(for channel: Channel, client: TransferClient) -> (any ChatAccount)? {
        switch channel.kind {
        case .webhook, .email: nil
        case .telegram(let account): TelegramChatAccount(account, client: client)
        case .mastodon(let account): MastodonChatAccount(account, client: client)
        case .whatsapp, .messenger, .instagram, .sms: nil
        }
    }
}
