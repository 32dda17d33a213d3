/// Who has the app, by a rule that needs no set-up.
///
/// Everybody whose fiscal code has the right form does, except by the first three letters of the code:
/// `NOA` has no app (404), `NOS` has turned the sender off (`sender_allowed` false), `REJ` looks fine but is rejected
/// after the 201. `ENG` prefers English, everybody else Italian. Codes listed through the control API have no app.
struct Profile: Equatable {
    let senderAllowed: Bool
    let language: String
    /// False when messages are accepted and rejected afterwards.
    let reachable: Bool

    /// The profile behind a well-formed code, or nil for somebody without the app.
    init?(_ fiscalCode: String, withoutApp: Set<String>) {
        if fiscalCode.hasPrefix("NOA") || withoutApp.contains(fiscalCode) { return nil }
        senderAllowed = !fiscalCode.hasPrefix("NOS")
        reachable = !fiscalCode.hasPrefix("REJ")
        language = fiscalCode.hasPrefix("ENG") ? "en_GB" : "it_IT"
    }

    /// Whether a message to that code reaches the inbox. Without a profile it is accepted, and rejected later.
    static func delivers(_ fiscalCode: String, withoutApp: Set<String>) -> Bool {
        guard let profile = Profile(fiscalCode, withoutApp: withoutApp) else { return false }
        return profile.senderAllowed && profile.reachable
    }
}
