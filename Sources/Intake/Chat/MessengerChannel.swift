import Settings

/// A messenger's channel as it is configured.
struct MessengerChannel: Sendable {
    let settings: Channel
    let messenger: any Messenger
    let rate: RateLimit

    init?(_ channel: Channel, limits: Limits) {
        guard channel.isOpen, let messenger = Messengers.messenger(for: channel) else { return nil }
        settings = channel
        self.messenger = messenger
        rate = RateLimit(perMinute: channel.messagesPerMinute ?? limits.messagesPerMinute)
    }
}
