import Settings

/// The messengers that a configuration opens. A new one adds its line here.
enum Messengers {
    static func messenger(for channel: Channel) -> (any Messenger)? {
        switch channel.kind {
        case .webhook, .email: nil
        case .telegram(let account): TelegramMessenger(account)
        case .whatsapp, .messenger, .instagram, .sms, .mastodon: nil
        }
    }
}
