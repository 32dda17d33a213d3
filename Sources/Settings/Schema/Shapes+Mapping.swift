/// What only a webhook has: the proofs of senders who know none of ours, and how their data becomes a message.
extension Shapes {
    static let webhookKeys: [Shape.Key] = [
        .may("token_in", .mapping { tokenPlace }, "where the sender puts the token, if it cannot say Bearer"),
        .may("signature", .mapping { bodySignature }, "HMAC-SHA256 of the body, in a header field of the sender's"),
        .may("fields", .mapping { mapping }, "where in foreign data the parts of a message are"),
        .may("json_in", .some(.text), "paths of texts that are JSON themselves, such as rawRequest"),
        .may("when", .mapping { Shape("when", []) }, "only what is so opens tickets: {path: values}, or {path: true}"),
        .may("unless", .mapping { Shape("unless", []) }, "what is so opens no ticket: {path: values}, or {path: true}"),
        .may(
            "spool", .flag,
            "true: its senders do not come again; while PostgreSQL is away, what they post is kept on disk"),
    ]

    static let tokenPlace: Shape = Shape(
        "token_in",
        [
            .may("header", .text, "a header field, such as X-Api-Key"),
            .may("query", .text, "a parameter of the address, such as token"),
        ])

    static let bodySignature: Shape = Shape(
        "signature",
        [
            .must("header", .text, "the header field, such as X-Hub-Signature-256"),
            .must("secret", .some(.secret), "the secret; several while one is changed"),
        ])

    static let mapping: Shape = Shape(
        "fields",
        [
            .must("text", sources, "what the citizen says"), .may("subject", sources, "in a few words"),
            .may("id", sources, "the sender's own; without it equal deliveries are one message"),
            .may("sent_at", sources, "a time, a date, or seconds since 1970"),
            .may("name", sources, "of the citizen"), .may("email", sources, "of the citizen"),
            .may("phone", sources, "of the citizen"), .may("fiscal_code", sources, "of the citizen"),
            .may("language", sources, "such as it or it-IT"), .may("lat", sources, "degrees north"),
            .may("lon", sources, "degrees east"), .may("address", sources, "in words"),
            .may("attachments", .mapping { mappedFiles }, "files that stand within the data"),
            .may("fields", .mapping { Shape("names", []) }, "fields for rules, by name: {municipio: data.district}"),
            .may("rest", .choice(["keep", "drop"]), "whether what is used nowhere becomes fields; keep without it"),
        ])

    /// The first that gives something.
    private static let sources: Shape.Kind = .some(.either(.text, .mapping { words }))

    static let words: Shape = Shape("words", [.must("say", .text, "these words, whatever is posted")])

    static let mappedFiles: Shape = Shape(
        "attachments",
        [
            .must("list", .text, "the path of the list"),
            .may("content", .text, "the path, within an element, of its base64; the element itself without it"),
            .may("name", .text, "the path, within an element, of the file's name"),
            .may("type", .text, "the path, within an element, of the file's type"),
        ])
}
