import Civic

/// When and how citizens and offices are told.
extension Shapes {
    static let notifications: Shape = Shape(
        "notifications",
        [
            .may("expire", .text, "how long a notification is attempted, such as 72h"),
            .may("attempts", .number(1...1000), "how often"),
            .may(
                "media", .list(.choice(citizenMedia.map(\.rawValue))),
                "in order of preference, where the citizen has not chosen; app_io, email without it"),
            .may(
                "quiet", .mapping { quiet }, "hours in which no telephone rings; urgent ones and first answers go out"),
            .may("bundle", .expandable, "news of one ticket within this time are told together, such as 3m"),
            .may("unread", .text, "after which the next medium follows one that was not read, such as 48h"),
            .may("kinds", .list(.mapping { notificationKind }), "what holds for some; the first that fits counts"),
            .may("alarm", .text, "how old the oldest may get before an operator is told; 15m without it"),
        ])

    /// On which the policy may choose to tell citizens; a messenger is answered in its own chat.
    static let citizenMedia: [Medium] = [.appIO, .email]
    static let ringingMedia: [Medium] = [.appIO] + Medium.allCases.filter(\.isChat)

    static let quiet: Shape = Shape(
        "quiet",
        [
            .must("from", .expandable, "HH:MM in the city's time zone"),
            .must("to", .expandable, "HH:MM; the next day's if earlier; the same as from: no quiet hours"),
            .may(
                "media", .list(.choice(Medium.allCases.filter { $0 != .webhook && $0 != .open311 }.map(\.rawValue))),
                "those that ring on a telephone without it"),
        ])

    static let notificationKind: Shape = Shape(
        "a kind",
        [
            .may("templates", .some(.text), "all without it"),
            .may("categories", .some(.text), "codes, or an area of the catalogue and .*; all without it"),
            .may("expire", .text, "instead of the one for all"), .may("bundle", .text, "instead of the one for all"),
            .may("quiet", .flag, "false: quiet hours do not hold for them"),
        ])

    static let escalation: Shape = Shape(
        "escalation",
        [
            .may("remind", .text, "so long before a ticket is due its office is reminded, such as 24h"),
            .may(
                "levels", .some(.text),
                "so long after it was due the office above is told, then the one above that: [0h, 48h]"),
        ])

    static let work: Shape = Shape(
        "work",
        [
            .may("email", .flag, "to the office's address"),
            .may("webhook", .mapping { officeWebhook }, "signed posts to the office's system"),
            .may("open311", .mapping { officeOpen311 }, "the office's own Open311 server"),
        ])

    static let officeWebhook: Shape = Shape(
        "webhook",
        [
            .must("url", .expandable, "https://…"),
            .must(
                "secret", .some(.secret),
                "with which posts are signed (Standard Webhooks); several while one is changed"),
            .may("expire", .text, "how long it is attempted; 5d without it"),
        ])

    static let officeOpen311: Shape = Shape(
        "open311",
        [
            .must("url", .expandable, "the address below which requests.json is"),
            .may("jurisdiction", .expandable, "jurisdiction_id"), .may("key", .secret, "api_key"),
            .must(
                "services", .list(.mapping { officeService }), "their codes; the first that covers a category counts"),
            .may("poll", .text, "between two looks at what became of them; 10m without it"),
            .may("contact", .flag, "true: they get the citizen's e-mail and telephone"),
            .may("format", .choice(OfficeOpen311.Format.allCases.map(\.rawValue)), "json without it"),
        ])

    static let officeService: Shape = Shape(
        "a service",
        [
            .must("category", .text, "a category, or an area of the catalogue and .*; * for all"),
            .must("code", .text, "their service_code"),
        ])
}
