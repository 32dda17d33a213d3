/// A bot of Telegram's.
public struct TelegramAccount: Sendable {
    /// Of the Bot API; `https://api.telegram.org`.
    public var api: String
    /// The bot's, of BotFather: with it we speak.
    public var token: Secret
    /// What was given to setWebhook as `secret_token`: with it Telegram proves itself.
    public var secret: Secret
}

/// An account of Meta's: a WhatsApp number, a Facebook page, an Instagram account.
public struct MetaAccount: Sendable {
    /// Of the Graph API, with its version; `https://graph.facebook.com/v23.0`.
    public var api: String
    /// The number's (`phone_number_id`), the page's or the Instagram account's id.
    public var id: String
    /// With it we speak.
    public var token: Secret
    /// The app's: with it deliveries are signed. Several while one is changed.
    public var appSecrets: [Secret]
    /// What Meta must name when it asks whether the address is ours.
    public var verifyToken: Secret
    /// WhatsApp alone: the approved template for what is said later than 24 hours after the citizen's last word.
    public var template: Template?

    /// Its body has two places: the ticket's code, and the text.
    public struct Template: Hashable, Sendable {
        public var name: String
        /// As Meta writes it: `it`, `en_US`.
        public var language: String
    }
}

/// A number at Twilio, or at a provider that speaks its protocol.
public struct SMSAccount: Sendable {
    /// Of the API, with its version; `https://api.twilio.com/2010-04-01`.
    public var api: String
    /// The account's SID.
    public var account: String
    /// The account's: with it we speak, and deliveries are signed.
    public var token: Secret
    /// The number that citizens see (E.164), or the SID of a messaging service.
    public var from: String
    /// The address at which the provider reaches the channel, if it is not the city's base URL and the channel's path.
    public var url: String?
}

/// An account on a Mastodon server.
public struct MastodonAccount: Sendable {
    /// The server's address: `https://social.example.org`.
    public var server: String
    /// The access token of the account: scopes `read:notifications`, `read:statuses` and `write:statuses`.
    public var token: Secret
    /// Between two looks.
    public var pause: Duration
}
