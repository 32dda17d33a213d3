import Settings
import Transfer

/// The accounts that a configuration opens. A new messenger adds its line here.
enum ChatAccounts {
    static func account(for channel: Channel, client: TransferClient) -> (any ChatAccount)? {
        switch channel.kind {
        case .webhook, .email, .open311: nil
        case .telegram, .whatsapp, .messenger, .instagram, .sms, .mastodon: nil
        }
    }
}
