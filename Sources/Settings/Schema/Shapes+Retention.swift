import Rules

/// How long data about people are kept.
extension Shapes {
    static let retention: Shape = Shape(
        "retention",
        [
            .may("tickets", .text, "after its end a ticket is anonymised, such as 5y or 730d; never without it"),
            .may("raw", .text, "messages as they came; what was read of them stays with the ticket"),
            .may("discarded", .text, "messages that a rule discarded"),
            .may("unread_mail", .text, "what could not be understood"),
            .may("correspondents", .text, "counters of addresses that wrote"),
            .may("shadow_differences", .text, "what the shadow's rules would have decided otherwise"),
            .may("attempts", .text, "single attempts to deliver; what became of the notification stays"),
            .may("audit", .text, "the audit trail"),
        ])
}
