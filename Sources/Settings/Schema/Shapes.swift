import Civic
import Rules

/// Every mapping that a configuration file may hold.
enum Shapes {
    static let main: Shape = Shape(
        "pasquino.yaml",
        [
            .must("city", .mapping { city }, "the city itself"),
            .may("listen", .expandable, "HOST:PORT of the HTTP listener; 127.0.0.1:8060 without it"),
            .may("state", .expandable, "the state directory"),
            .must(
                "database", .either(.suggested(["embedded"]), .mapping { database }),
                "embedded, or a libpq connection string"),
            .may("mail", .mapping { mail }, "the mail server that takes our e-mail"),
            .may("certified_mail", .mapping { mail }, "the account that answers certified mail (PEC)"),
            .may("app_io", .mapping { appIO }, "the App IO account"),
            .may("notifications", .mapping { notifications }, "which medium, when, how long"),
            .may("escalation", .mapping { escalation }, "who is told of tickets that are due"),
            .may("limits", .mapping { limits }, "what a channel may send at most"),
            .may("logging", .mapping { logging }, "what is logged"),
            .may("rules", .mapping { ruleDirectories }, "rules beside the live ones"),
            .may("retention", .mapping { retention }, "how long data about people are kept"),
        ])

    static let city: Shape = Shape(
        "city",
        [
            .must("name", .text, "the city's name"),
            .must("prefix", .text, "two to four capital letters before every ticket's code"),
            .must("language", .text, "the city's own language, an ISO 639-1 code"),
            .may("languages", .list(.text), "all languages that citizens are answered in"),
            .must("time_zone", .text, "an IANA time zone, such as Europe/Rome"),
            .must("base_url", .expandable, "the address at which citizens reach this daemon"),
            .must("last_resort", .text, "the office that receives what no rule decided"),
            .may("calendar", .text, "the calendar of target times"),
            .may("target", .text, "the target time where no category says otherwise, such as 30d"),
            .may("phone", .text, "the number that citizens may call"),
        ])

    static let database: Shape = Shape(
        "database",
        [
            .must("connection", .expandable, "embedded, or a libpq connection string"),
            .may("migrate", .choice(Configuration.Database.Migrate.allCases.map(\.rawValue)), "whether serve migrates"),
        ])

    static let mail: Shape = Shape(
        "mail",
        [
            .must("server", .expandable, "smtp://HOST:PORT or smtps://HOST:PORT"),
            .may("tls", .choice(Mail.TLS.allCases.map(\.rawValue)), "STARTTLS; required without it"),
            .may("user", .expandable, "the account's name"),
            .may("password", .secret, "the account's password"),
            .must("from", .mapping { from }, "the sender of all mail"),
            .may("connections", .number(1...64), "mails under way at once; 4 without it"),
            .may("replies", .expandable, "the address at which replies are read; it takes +TOKEN before the @"),
            .may("attachments", .text, "of the files of one mail together; 10MiB without it"),
        ])

    static let from: Shape = Shape(
        "from",
        [.must("name", .text, "the name that citizens see"), .must("address", .expandable, "an e-mail address")])

    static let appIO: Shape = Shape(
        "app_io",
        [
            .must("url", .expandable, "the API's address, such as https://api.io.pagopa.it/api/v1"),
            .must("service", .mapping { service }, "the service in whose name messages are sent"),
            .may("services", .list(.mapping { specialService }), "others, for some categories only"),
            .may("calls_per_second", .number(1...50), "of the whole account; 25 without it"),
            .may("uncertain", .choice(AppIO.Uncertain.allCases.map(\.rawValue)), "what follows a lost answer"),
            .may("profiles", .text, "how long a profile that was looked up is believed; 6h without it"),
        ])

    static let service: Shape = Shape("service", serviceKeys)
    static let specialService: Shape = Shape(
        "a service",
        serviceKeys + [.must("categories", .some(.text), "codes, or an area of the catalogue and .*: tributi.*")])
    private static let serviceKeys: [Shape.Key] = [
        .must("name", .text, "the service's name"), .must("primary_key", .secret, "the use key"),
        .may("secondary_key", .secret, "the other use key, for changing keys without a stop"),
        .may("premium", .flag, "true: the contract allows premium messages, whose reading and payment are told"),
        .may("secure_channels", .flag, "true: nothing of the content shows outside the app"),
    ]

    static let limits: Shape = Shape(
        "limits",
        [
            .may("body", .text, "of one request, such as 1MiB"), .may("text", .number(1...10_000_000), "characters"),
            .may("attachments", .number(0...100), "of one message"),
            .may("messages_per_minute", .number(1...100_000_000), "of one channel"),
            .may("spool", .text, "what may wait on disk while PostgreSQL is away, such as 256MiB"),
        ])

    static let logging: Shape = Shape(
        "logging", [.may("level", .choice(["debug", "info", "notice", "warning", "error"]), "the lowest level shown")])

    static let ruleDirectories: Shape = Shape(
        "rules",
        [.may("shadow", .text, "a directory of rules that see every message without effect, such as rules-next")])

    static let channels: Shape = Shape(
        "channels.yaml", [.must("channels", .list(.mapping { channel }), "the inbound channels")])

    static let channel: Shape = Shape(
        "a channel",
        [
            .must("name", .text, "lower-case letters, digits and hyphens"),
            .must("type", .choice(["webhook", "email"] + messengers.map(\.name) + ["open311"]), "the kind of channel"),
            .may("enabled", .expandable, "false closes the channel: its secrets need not be there"),
            .may("token", .secret, "the bearer token; for e-mail, that of pasquino deliver"),
            .may("signing_secret", .some(.secret), "Standard Webhooks; several while one is changed"),
            .may(
                "attests", .list(.choice(["fiscal_code", "email", "phone"])), "identities that the channel vouches for"),
            .may("language", .text, "of its messages, if they do not say"),
            .may("area_field", .text, "the form's field that names the area; municipio without it"),
            .may("messages_per_minute", .number(1...100_000_000), "instead of the limit for all channels"),
            .may("defaults", .mapping { channelDefaults }, "what holds for all its messages"),
            .may("files", .mapping { fileBounds }, "what its messages may bring in files"),
        ] + webhookKeys + emailKeys + messengers + [open311Key])

    static let fileBounds: Shape = Shape(
        "files",
        [
            .may("count", .number(0...100), "of one message; limits.attachments without it"),
            .may("each", .text, "the largest, such as 25MiB"),
            .may("together", .text, "of one message, such as 50MiB"),
        ])

    /// What only an e-mail channel has.
    static let emailKeys: [Shape.Key] = [
        .may("mailboxes", .list(.mapping { mailbox }), "boxes that are read by IMAP"),
        .may("certified", .flag, "certified mail (PEC): envelopes and receipts are believed"),
        .may("reopen_within", .text, "how long after its end a reply reopens a ticket, or never; 14d without it"),
        .may("answers_per_hour", .number(0...1000), "automatic answers to one address; 5 without it"),
        .may("tickets_per_hour", .number(1...10_000), "mails of one address, its replies among them; 20 without it"),
        .may("size", .text, "of one mail, such as 30MiB"),
    ]

    static let mailbox: Shape = Shape(
        "a mailbox",
        [
            .must("server", .expandable, "imaps://HOST or imap://HOST, with :PORT if it is not the usual one"),
            .may("tls", .choice(Mail.TLS.allCases.map(\.rawValue)), "STARTTLS for imap://; required without it"),
            .may("authority", .expandable, "a file of certificates to trust instead of the system's"),
            .must("user", .expandable, "the account's name"), .must("password", .secret, "the account's password"),
            .may("folder", .text, "the folder that is read; INBOX without it"),
            .may("done", .text, "the folder for mail that was taken in; without it, mail stays and is marked"),
            .may("failed", .text, "the folder for mail that cannot be taken in; Pasquino/failed without it"),
            .may("pause", .number(1...86_400), "seconds between two looks; 60 without it"),
            .may("per_minute", .number(1...100_000), "mails at most; 600 without it"),
        ])

    static let channelDefaults: Shape = Shape(
        "defaults",
        [.may("category", .text, "where no rule names one"), .may("tags", .list(.text), "added to every ticket")])

    static let offices: Shape = Shape("offices.yaml", [.must("offices", .list(.mapping { office }), "who answers")])

    static let office: Shape = Shape(
        "an office",
        [
            .must("code", .text, "lower-case letters, digits and hyphens"), .must("name", .names, "the name today"),
            .may("aliases", .list(.either(.text, .mapping { alias })), "other names, with dates of validity"),
            .may("parent", .text, "the office above"), .may("family", .text, "counted together in statistics"),
            .may("roles", .list(.mapping { role }), "roles, and the areas in which they are played"),
            .may("email", .text, "where it is told of tickets"), .may("calendar", .text, "its opening hours"),
            .may("work", .mapping { work }, "how its tickets reach it; without it, it looks for them"),
            .may(
                "media", .list(.choice(citizenMedia.map(\.rawValue) + [Medium.pec.rawValue])),
                "the only media on which its citizens are told, in order of preference"),
            .may("token", .secret, "with which its systems call the API"),
            .may("forwards", .list(.mapping { forward }), "the second hop"),
            .may("valid", .mapping { validity }, "since when, until when it exists"),
        ])

    static let alias: Shape = Shape(
        "an alias",
        [
            .must("name", .text, "the other name"), .may("from", .text, "the first day, YYYY-MM-DD"),
            .may("until", .text, "the last day, YYYY-MM-DD"),
        ])
    static let validity: Shape = Shape(
        "valid", [.may("from", .text, "the first day, YYYY-MM-DD"), .may("until", .text, "the last day, YYYY-MM-DD")])
    static let role: Shape = Shape(
        "a role", [.must("role", .text, "its name"), .may("areas", .list(.text), "everywhere without it")])
    static let forward: Shape = Shape(
        "a forward",
        [.must("category", .text, "a category, or an area and .*"), .must("to", .text, "an office")])

    static let categories: Shape = Shape(
        "categories.yaml", [.must("areas", .list(.mapping { categoryArea }), "the areas of the service catalogue")])
    static let categoryArea: Shape = Shape(
        "an area of the catalogue",
        [
            .must("code", .text, "lower-case letters, digits and hyphens"), .must("name", .names, "its name"),
            .must("topics", .list(.mapping { topic }), "its topics"),
            .may("external", .mapping { external }, "the city's own number"),
        ])
    static let topic: Shape = Shape(
        "a topic",
        [
            .must("code", .text, "the second part of the category's code"), .must("name", .names, "its name"),
            .may("office", .text, "an office or a role"),
            .may("elsewhere", .list(.mapping { elsewhere }), "areas where somebody else answers"),
            .may("urgent", .flag, "instead of priority: urgent"),
            .may("priority", .choice(Priority.allCases.map(\.rawValue)), "normal without it"),
            .may("target", .text, "4h, 2d, 8wh or 5wd"),
            .may("external", .mapping { external }, "the city's own numbers"),
            .may("description", .names, "what it is for, as Open311 tells it; its name without it"),
            .may("keywords", .list(.text), "words by which it is found, as Open311 tells them"),
            .may("attributes", .list(.mapping { attribute }), "what an Open311 form asks, in order"),
        ])
    static let elsewhere: Shape = Shape(
        "elsewhere", [.must("areas", .list(.text), "the areas"), .must("office", .text, "an office or a role")])
    static let external: Shape = Shape(
        "external", [.may("area", .text, "the area's number"), .may("topic", .text, "the topic's number")])

    static let calendars: Shape = Shape(
        "calendars.yaml", [.must("calendars", .list(.mapping { calendar }), "working hours")])
    static let calendar: Shape = Shape(
        "a calendar",
        [
            .must("name", .text, "its name"), .must("hours", .mapping { week }, "by weekday"),
            .may("holidays", .list(.text), "MM-DD, YYYY-MM-DD or easter+N"),
        ])
    static let week: Shape = Shape(
        "hours", Weekday.allCases.map { .may("\($0)", .some(.text), "such as 08:30-13:30; absent: closed") })

    static let rules: Shape = Shape("a rules file", [.must("rules", .list(.mapping { rule }), "the rules, in order")])
    static let rule: Shape = Shape(
        "a rule",
        [
            .must("name", .text, "unique among all rules"), .may("when", .mapping { condition }, "always without it"),
            .must("then", .mapping { actions }, "what it does"), .may("examples", .mapping { examples }, "its tests"),
            .may("stem", .text, "the language (ISO 639-1) by whose stems its words are sought: buca finds buche"),
        ])
    static let condition: Shape = Shape(
        "a condition",
        [
            .may("text", .some(.text), "patterns, one of which occurs in subject or body"),
            .may("subject", .some(.text), "patterns in the subject"),
            .may("body", .some(.text), "patterns in the body"),
            .may("channel", .some(.text), "channels by name"), .may("language", .some(.text), "ISO 639-1 codes"),
            .may("from", .some(.text), "addresses, or domains with their subdomains"),
            .may("area", .some(.suggested(Area.reserved.sorted())), "an area, or outside, boundary, unknown"),
            .may("has", .some(.choice(Condition.Feature.allCases.map(\.rawValue))), "what the message has"),
            .may(
                "citizen", .either(.suggested(["authenticated", "anonymous"]), .mapping { citizen }),
                "authenticated or anonymous"),
            .may("time", .mapping { time }, "when it came"),
            .may(
                "field", .mapping { Shape("field", []) },
                "a form's fields: {name: values}, or {name: true} if it is filled in"),
            .may("all", .some(.mapping { condition }), "all of these"),
            .may("any", .some(.mapping { condition }), "one of these"),
            .may("not", .some(.mapping { condition }), "none of these"),
        ])
    static let citizen: Shape = Shape(
        "citizen",
        [
            .may("authenticated", .flag, "whether the channel vouches for a fiscal code"),
            .may("segment", .notYet, "a segment"), .may("open tickets", .notYet, "in the category"),
            .may("open_tickets", .notYet, "in the category"),
        ])
    static let time: Shape = Shape(
        "time",
        [
            .may("calendar", .text, "a calendar"), .may("open", .flag, "whether it is open then; true without it"),
            .may(
                "weekday", .some(.suggested(Weekday.allCases.map { "\($0)" })), "days of the week"),
            .may("hours", .text, "such as 20:00-06:00"),
        ])

    static let actions: Shape = Shape(
        "then",
        [
            .may("category", .text, "the category"), .may("office", .text, "an office, or a role"),
            .may("priority", .choice(Priority.allCases.map(\.rawValue)), "the priority"),
            .may("sla", .text, "the target time: 4h, 2d, 8wh or 5wd"),
            .may("tags", .some(.text), "added to the ticket"),
            .may("reply", .text, "the template of the first answer"),
            .may("notify", .some(.text), "offices that are told by e-mail"),
            .may("merge", .notYet, "join an open ticket"),
            .may("discard", .text, "the reason: kept, but no ticket and no answer"),
            .may("abstain", .text, "the reason: no later rule decides, and the last resort gets their guesses"),
            .may("stop", .flag, "ends the evaluation"),
            .may("precedents", .mapping { precedentUse }, "sets what no rule before has set as the precedents have it"),
        ])
    static let precedentUse: Shape = Shape(
        "precedents",
        [
            .must("ahead", .number(0...100), "per cent by which the first category must lead"),
            .may("urgent_within", .number(0...100), "per cent by which an urgent category may be behind"),
        ])

    static let precedents: Shape = Shape(
        "a file of precedents", [.must("precedents", .list(.mapping { precedent }), "texts, and what they are")])
    static let precedent: Shape = Shape(
        "a precedent",
        [
            .may("category", .text, "what the texts are; without it they ask the city for nothing"),
            .must("texts", .some(.text), "messages as people write them"),
        ])

    /// The files, and the shape of each.
    static let files: [(file: String, shape: Shape)] = [
        ("pasquino.yaml", main), ("channels.yaml", channels), ("offices.yaml", offices),
        ("categories.yaml", categories),
        ("calendars.yaml", calendars), ("rules.yaml", rules),
        ("precedents.yaml", precedents),
    ]
}
