import Civic

/// Open311's settings, and what forms ask.
extension Shapes {
    static let open311Key: Shape.Key = .may("open311", .mapping { open311 }, "the city as a server of GeoReport v2")

    static let open311: Shape = Shape(
        "open311",
        [
            .may(
                "jurisdiction", .expandable,
                "the jurisdiction_id, such as comune.roma.it; required if there are several"),
            .must("contact", .expandable, "whom developers ask: an address or a page"),
            .must("key_service", .expandable, "how developers get a key: an address or a page"),
            .may(
                "type", .choice(Open311Intake.Answer.allCases.map(\.rawValue)),
                "what a report is answered with: the ticket's code (realtime, without it), a token, or neither"),
            .may(
                "publish", .choice(Open311Intake.Publication.allCases.map(\.rawValue)),
                "what anybody may read: category (without it), or text, address and photos too"),
            .may(
                "tickets", .choice(Open311Intake.Tickets.allCases.map(\.rawValue)),
                "which tickets anybody may read of: own (without it), or all of the services"),
            .may("production", .flag, "false: a system for trying"),
            .may("services", .list(.text), "the categories that are offered, or an area and .*; all without it"),
            .may("keys", .list(.mapping { open311Sender }), "who may report"),
        ])

    static let open311Sender: Shape = Shape(
        "a key",
        [
            .must("name", .text, "the system that holds it: lower-case letters, digits and hyphens"),
            .must("key", .secret, "the api_key"),
            .may("attests", .list(.choice(["email", "phone"])), "identities that the system has verified"),
            .may("office", .text, "the office whose system it is: its updates are the office's word"),
        ])

    static let attribute: Shape = Shape(
        "an attribute",
        [
            .must("code", .text, "letters, digits, - and _"),
            .must("datatype", .choice(Category.Attribute.Kind.allCases.map(\.rawValue)), "Open311's word for its kind"),
            .must("description", .names, "the question"),
            .may("datatype_description", .names, "how to answer"),
            .may("required", .flag, "whether it must be answered; false without it"),
            .may("values", .list(.mapping { attributeValue }), "the answers of a list"),
        ])

    static let attributeValue: Shape = Shape(
        "a value", [.must("key", .text, "as it is sent"), .must("name", .names, "as it is shown")])
}
