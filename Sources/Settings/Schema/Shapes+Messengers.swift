/// The messengers' own settings, each in a mapping that is called like the channel's type.
extension Shapes {
    static let messengers: [Shape.Key] = [
        .may("telegram", .mapping { telegram }, "a bot of Telegram's"),
        .may("whatsapp", .mapping { whatsapp }, "a number of the WhatsApp Cloud API"),
        .may("messenger", .mapping { page }, "a Facebook page"),
        .may("instagram", .mapping { instagram }, "an Instagram account"),
        .may("sms", .mapping { sms }, "a number at Twilio, or at who speaks its protocol"),
        .may("mastodon", .mapping { mastodon }, "an account on a Mastodon server"),
    ]

    static let telegram: Shape = Shape(
        "telegram",
        [
            .may("api", .expandable, "the Bot API's address; https://api.telegram.org without it"),
            .must("token", .secret, "the bot's token, of BotFather"),
            .must("secret", .secret, "the secret_token that was given to setWebhook: A-Z a-z 0-9 _ -"),
        ])

    static let whatsapp: Shape = Shape(
        "whatsapp",
        [
            .must("number", .expandable, "the number's id (phone_number_id)"),
            .may("template", .mapping { whatsappTemplate }, "what is sent later than 24 hours after the last word"),
        ] + meta)
    static let page: Shape = Shape("messenger", [.must("page", .expandable, "the page's id")] + meta)
    static let instagram: Shape = Shape("instagram", [.must("account", .expandable, "the account's id")] + meta)

    private static let meta: [Shape.Key] = [
        .may("api", .expandable, "the Graph API's address and version; https://graph.facebook.com/v23.0 without it"),
        .must("token", .secret, "the access token, with which we speak"),
        .must("app_secret", .some(.secret), "the app's secret, with which Meta signs; several while one is changed"),
        .must("verify_token", .secret, "the word that Meta names when it asks whether the address is ours"),
    ]

    static let whatsappTemplate: Shape = Shape(
        "template",
        [
            .must("name", .text, "an approved template whose body has two places: the ticket's code, and the text"),
            .must("language", .text, "as Meta writes it: it, en_US"),
        ])

    static let sms: Shape = Shape(
        "sms",
        [
            .may("api", .expandable, "the API's address; https://api.twilio.com/2010-04-01 without it"),
            .must("account", .expandable, "the account's SID"), .must("token", .secret, "the account's auth token"),
            .must("from", .expandable, "the number that citizens see, as +39…, or a messaging service's SID"),
            .may(
                "url", .expandable, "the address that the provider calls, if it is not base_url and the channel's path"),
        ])

    static let mastodon: Shape = Shape(
        "mastodon",
        [
            .must("server", .expandable, "the server's address, such as https://social.example.org"),
            .must("token", .secret, "the account's access token: read:notifications, read:statuses, write:statuses"),
            .may("pause", .number(5...86_400), "seconds between two looks; 20 without it"),
        ])
}
