import Civic
import Settings
import Transfer

/// The messengers that a configuration opens. A new one adds a line in each of these.
enum Messengers {
    /// Who calls us.
    static func messenger(for channel: Channel) -> (any Messenger)? {
        switch channel.kind {
        case .telegram(let account): TelegramMessenger(account)
        case .whatsapp(let account): MetaMessenger(account, medium: .whatsapp)
        case .messenger(let account): MetaMessenger(account, medium: .messenger)
        case .instagram(let account): MetaMessenger(account, medium: .instagram)
        case .sms(let account): TwilioMessenger(account)
        default: nil
        }
    }

    /// Where its files are.
    static func media(for channel: Channel, client: TransferClient) -> (any MediaSource)? {
        switch channel.kind {
        case .telegram(let account): TelegramMedia(account, client: client)
        case .mastodon(let account): MastodonMedia(account, client: client)
        case .whatsapp(let account): MetaMedia(account, isWhatsApp: true, client: client)
        case .messenger(let account), .instagram(let account): MetaMedia(account, isWhatsApp: false, client: client)
        case .sms(let account): TwilioMedia(account, client: client)
        default: nil
        }
    }
}
