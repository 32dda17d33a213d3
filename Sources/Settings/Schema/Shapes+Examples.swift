import Civic
import Rules

/// What stands in a rule's `examples`.
extension Shapes {
    static let examples: Shape = Shape(
        "examples",
        [
            .may("match", .some(.either(.text, .mapping { example })), "messages that the rule must match"),
            .may("no match", .some(.either(.text, .mapping { example })), "messages that it must not match"),
        ])

    static let example: Shape = Shape(
        "an example",
        [
            .must("text", .text, "what the citizen writes"),
            .may("subject", .text, "the message's subject"),
            .may("channel", .text, "the channel it comes through; none without it"),
            .may("language", .text, "the language that the sender declares; guessed without it"),
            .may("from", .either(.text, .mapping { exampleSender }), "the sender: an e-mail address, or more"),
            .may(
                "area", .suggested(Area.reserved.sorted()),
                "where it happened: an area as forms write it, or outside, boundary, unknown"),
            .may("has", .some(.choice(Condition.Feature.allCases.map(\.rawValue))), "what comes with it"),
            .may("citizen", .choice(["authenticated", "anonymous"]), "instead of what the channel attests"),
            .may("at", .text, "when it comes, in the city's time: 2026-05-04T10:00; without it a working day at noon"),
            .may("fields", .mapping { Shape("fields", []) }, "a form's fields"),
            .may("category", .text, "the category that must come out"),
            .may("office", .text, "the office that must get it, or its role at the place"),
            .may("priority", .choice(Priority.allCases.map(\.rawValue)), "the priority that must come out"),
            .may("sla", .text, "the target time that must come out: 4h, 2d, 8wh or 5wd"),
            .may("tags", .some(.text), "tags that must be among those that come out"),
            .may("reply", .text, "the template that must answer"),
            .may("notify", .some(.text), "offices that must be among those told"),
            .may("discard", .text, "true, false, or the reason for which it must be discarded"),
            .may("abstain", .text, "true, false, or the reason for which it must be left to a person"),
            .may("undecided", .flag, "whether it must fall to the last resort"),
        ])
    static let exampleSender: Shape = Shape(
        "a sender",
        [
            .may("email", .text, "an e-mail address"), .may("name", .text, "a name"),
            .may("phone", .text, "a telephone number"), .may("fiscal_code", .text, "a fiscal code"),
        ])
}
