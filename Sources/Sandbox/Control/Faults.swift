import Foundation

/// How the App IO service is to behave.
struct AppIOFaults: Sendable, Equatable {
    enum Mode: String, Sendable, CaseIterable {
        case normal
        /// The work is done, the answer comes late.
        case slow
        /// Every call is answered 500.
        case broken
        /// The work is done, the connection closed without an answer.
        case silent
        /// Every call is answered 429.
        case throttle
        /// The connection is closed before anything is done.
        case reset
        /// The work is done, the connection closed amid the answer.
        case halfAnswer = "half_answer"
    }

    var mode = Mode.normal
    /// The mode meets messages that are posted; all other calls are answered.
    var onlyMessages = false
    var delay = 3000
    /// Calls in five seconds; nil switches the limit off.
    var rateLimit: Int? = 150
    /// A limit that moves: one after the other, again and again; empty: `rateLimit` holds.
    var ratePlan: [RateStep] = []
    var withoutApp: Set<String> = []
    var failNext = 0
    var failStatus = 500
    /// Largest payment the service may ask for, in eurocents.
    var maximumPayment = 9_999_999_999
    /// How often the primary key has been replaced.
    var rotations = 0
    /// Whether the service of the two usual keys may send premium messages.
    var premium = false
    /// Other services of the same account.
    var services: [AppIOSandboxService] = []
    /// Keys that are refused, whichever service's.
    var revoked: Set<String> = []

    /// The limit in force.
    func limit(at now: Date) -> Int? {
        let whole = ratePlan.reduce(0) { $0 + $1.seconds }
        guard whole > 0 else { return rateLimit }
        var rest = Int(now.timeIntervalSince1970) % whole
        for step in ratePlan {
            if rest < step.seconds { return step.limit }
            rest -= step.seconds
        }
        return rateLimit
    }
}

/// A part of a rate plan.
struct RateStep: Sendable, Equatable {
    let seconds: Int
    /// Calls in five seconds; nil: no limit.
    let limit: Int?
}

/// A service of the account: messages are its own, and no other service may look at them.
struct AppIOSandboxService: Sendable, Equatable {
    let name: String
    let keys: [String]
    let premium: Bool

    /// Of the two usual keys.
    static let usual = "SANDBOX"
}

/// How the mail server is to behave.
struct MailFaults: Sendable, Equatable {
    enum Mode: String, Sendable, CaseIterable {
        case normal
        /// A mail is kept, the answer comes late.
        case slow
        /// Every mail is put off (451).
        case tempfail
        /// Every mail is refused for good after its data (554).
        case reject
        /// A mail is kept, the connection closed without an answer.
        case dropAfterData = "drop_after_data"
        /// The listed recipients, or all when none is listed, are refused (550).
        case refuseRecipient = "refuse_recipient"
        /// Every connection is greeted with 421 and closed.
        case busy
        /// The connection is closed at the sender's address; nothing is kept.
        case reset
        /// A mail is kept, the connection closed amid the answer.
        case halfAnswer = "half_answer"
    }

    var mode = Mode.normal
    var delay = 3000
    /// In lower case.
    var addresses: Set<String> = []
    var failNext = 0
    var failStatus = 451
    /// Mails in five seconds; more are put off (450). Nil: as many as come.
    var rateLimit: Int?
}

/// Something in a control request that is not understood. Nothing of such a request takes effect.
struct ControlError: Error, Equatable {
    let detail: String
}
