import Civic
import Settings
import Transfer

/// The accounts that a configuration opens. A new messenger adds its line here.
enum ChatAccounts {
    static func account(for channel: Channel, client: TransferClient) -> (any ChatAccount)? {
        switch channel.kind {
        case .webhook, .email: nil
        case .whatsapp(let account): MetaChatAccount(account, medium: .whatsapp, client: client)
        case .messenger(let account): MetaChatAccount(account, medium: .messenger, client: client)
        case .instagram(let account): MetaChatAccount(account, medium: .instagram, client: client)
        case .sms(let account): SMSChatAccount(account, callback: account.url, client: client)
        case .telegram, .mastodon: nil
        }
    }
}
