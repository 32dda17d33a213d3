import Settings

/// Which variables a template of a name and kind may ever find filled. A name that is none of the daemon's own is a
/// rule's `reply`, and is told to a citizen like the other steps.
enum TemplateVariables {
    /// Of every notification.
    private static let ticket: Set = [
        "code", "city", "category", "office", "date", "opened_date", "due_date", "phone", "note", "files",
        "large_files",
        "replies",
    ]
    private static let citizen: Set = ["status_url", "https", "earlier", "unsubscribe_url"]
    private static let inChats: Set = ["city", "code", "phone", "status", "status_url"]
    /// Of one template only.
    private static let own: [String: Set<String>] = [
        "forwarded": ["forwarded_to"], "payment": ["amount", "notice_number", "payment_due"], "corrected": ["corrects"],
    ]
    /// Mail only: what an answer to it does, how to end it, and documents that it could not take along.
    private static let mail: Set = ["replies", "unsubscribe_url", "large_files"]

    static let all = own.values.reduce(ticket.union(citizen).union(inChats).union(["text_excerpt"])) { $0.union($1) }

    /// - Parameter kind: the file's ending.
    static func of(_ name: String, kind: String) -> Set<String> {
        if name.hasPrefix("button_") { return [] }
        if name.hasPrefix("chat_") { return inChats }
        if TemplateNames.isToOffice(name) { return ticket.union(["text_excerpt"]) }
        var all = ticket.union(citizen).union(own[name] ?? [])
        // Nobody has written anything yet.
        if name == "opened" { all.remove("note") }
        switch kind {
        case "chat": return all.subtracting(mail).subtracting(["https"])
        case "io": return all.subtracting(mail)
        default: return all
        }
    }

    /// Those whose value is an address, which may become a link.
    static func isAddress(_ name: String) -> Bool { name.hasSuffix("_url") }
}
