/// The templates that the daemon uses by itself. A rule's `reply` may name others, which are written like an answer to
/// a citizen.
public enum TemplateNames {
    /// One for each step that a citizen is told; every language of the city must have them.
    public static let steps = [
        "opened", "acknowledged", "in_progress", "forwarded", "resolved", "rejected", "reopened", "answered",
    ]
    /// Told too. A city without them tells the same as `answered`.
    public static let otherSteps = ["waiting", "corrected", "payment"]
    /// What messengers say besides.
    public static let chats = ["chat_help", "chat_stop", "chat_new", "chat_status", "chat_none"]
    /// On the buttons below what messengers say.
    public static let buttons = ["button_status", "button_new", "button_reopen"]
    /// To offices, in the city's own language.
    public static let offices = ["office_new", "office_reply", "office_work", "office_reminder", "office_overdue"]

    public static let all = steps + otherSteps + chats + buttons + offices

    public static func isToOffice(_ name: some StringProtocol) -> Bool { name.hasPrefix("office_") }

    /// Said in chats and nowhere else.
    public static func isSaidInChatsOnly(_ name: some StringProtocol) -> Bool {
        name.hasPrefix("chat_") || name.hasPrefix("button_")
    }

    /// The name and the ending of a template's file; the name of a partial begins with `_`.
    public static func parts(ofFile file: String) -> (name: String, kind: String)? {
        guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return nil }
        return (String(file[..<dot]), String(file[file.index(after: dot)...]))
    }
}
