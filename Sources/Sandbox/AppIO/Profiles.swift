/// Who has the app, by a rule that needs no set-up.
///
/// Everybody whose fiscal code has the right form does, except by the first three letters of the code:
/// `NOA` has no app (404), `NOS` has turned the sender off (`sender_allowed` false), `REJ` looks fine but is rejected
/// after the 201, and so do `FAI`, of whom App IO says FAILED, and `THR`, to whom messages come with delay. `ENG` prefers
/// English, everybody else Italian. Codes listed through the control API have no app.
struct Profile: Equatable {
    let senderAllowed: Bool
    let language: String

    /// The profile behind a well-formed code, or nil for somebody without the app.
    init?(_ fiscalCode: String, withoutApp: Set<String>) {
        if fiscalCode.hasPrefix("NOA") || withoutApp.contains(fiscalCode) { return nil }
        senderAllowed = !fiscalCode.hasPrefix("NOS")
        language = fiscalCode.hasPrefix("ENG") ? "en_GB" : "it_IT"
    }

    /// Where a message to that code ends. Without a profile it is accepted, and rejected later.
    static func end(_ fiscalCode: String, withoutApp: Set<String>) -> StoredMessage.End {
        guard let profile = Profile(fiscalCode, withoutApp: withoutApp), profile.senderAllowed else { return .rejected }
        return switch fiscalCode.prefix(3) {
        case "REJ": .rejected
        case "FAI": .failed
        case "THR": .throttled
        default: .processed
        }
    }
}
