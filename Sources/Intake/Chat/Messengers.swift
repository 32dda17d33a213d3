import Settings

/// The messengers that a configuration opens. A new one adds its line here.
enum Messengers {
    static func messenger(for channel: Channel) -> (any Messenger)? {
        switch channel.kind {
        case .webhook, .email: nil
        case .whatsapp(let account): MetaMessenger(account, medium: .whatsapp)
        case .messenger(let account): MetaMessenger(account, medium: .messenger)
        case .instagram(let account): MetaMessenger(account, medium: .instagram)
        case .sms(let account): TwilioMessenger(account)
        case .telegram, .mastodon: nil
        }
    }
}
