extension Observation {
    /// Names as the journal wants them: capitals, digits and underscores.
    public var fields: [(name: String, value: String)] {
        switch self {
        case .stopping, .stopped, .configurationWarning, .databaseConnected, .databaseAnswers, .heartbeatLost,
            .senderLeft:
            []
        case .starting(let version, let config): [("VERSION", version), ("CONFIG", config)]
        case .listening(let host, let port), .keeping(let host, let port): [("HOST", host), ("PORT", "\(port)")]
        case .drained(let left): [("LEFT", "\(left)")]
        case .reloaded(let config): [("CONFIG", config)]
        case .shadowDecided(let messages, _, let seconds): [("COUNT", "\(messages)"), ("SECONDS", "\(seconds)")]
        case .shadowSkipped(let messages): [("COUNT", "\(messages)")]
        case .shadowFailed(let error): [("ERROR", masked(error))]
        case .reloadRefused(let reason), .databaseLost(let reason): [("REASON", masked(reason))]
        case .databaseRetrying(let attempt, let seconds): [("ATTEMPT", "\(attempt)"), ("SECONDS", "\(seconds)")]
        case .migrated(let name): [("MIGRATION", name)]
        case .databaseNotDurable(let setting): [("SETTING", setting)]
        case .batchWritten(let rows, let seconds): [("ROWS", "\(rows)"), ("SECONDS", "\(seconds)")]
        case .messageAccepted(let channel, let outcome, let ticket, let category, let office, let rule, _, let seconds):
            [
                ("CHANNEL", channel), ("OUTCOME", outcome), ("TICKET_ID", ticket), ("CATEGORY", category),
                ("OFFICE", office), ("RULE_ID", rule), ("SECONDS", "\(seconds)"),
            ].present
        case .mailboxUp(let mailbox, _): [("MAILBOX", mailbox)]
        case .mailboxInterrupted(let mailbox, let reason), .mailboxTroubled(let mailbox, let reason, _):
            [("MAILBOX", mailbox), ("REASON", masked(reason))]
        case .mailFailed(let mailbox, let uid, let reason, _), .mailMovedAside(let mailbox, let uid, let reason),
            .mailNotMoved(let mailbox, let uid, let reason):
            [("MAILBOX", mailbox), ("UID", "\(uid)"), ("REASON", masked(reason))]
        case .channelUp(let channel, _): [("CHANNEL", channel)]
        case .channelInterrupted(let channel, let reason), .channelTroubled(let channel, let reason, _):
            [("CHANNEL", channel), ("REASON", masked(reason))]
        case .mediaFailed(let channel, let reason, _): [("CHANNEL", channel), ("REASON", masked(reason))]
        case .messageRefused(let channel, let status, let reason):
            [("CHANNEL", channel), ("STATUS", "\(status)"), ("REASON", masked(reason))]
        case .ruleFailed(let rule, let error): [("RULE_ID", rule), ("ERROR", masked(error))]
        case .spoolKept(let channel): [("CHANNEL", channel)]
        case .spoolDrained(let messages, let left): [("COUNT", "\(messages)"), ("LEFT", "\(left)")]
        case .spoolTorn(let file, let place): [("FILE", file), ("OFFSET", "\(place)")]
        case .spoolDamaged(let file, let place, let bytes):
            [("FILE", file), ("OFFSET", "\(place)"), ("BYTES", "\(bytes)")]
        case .spoolSetAside(let file): [("FILE", file)]
        case .spoolTroubled(let reason): [("REASON", masked(reason))]
        case .ticketStep(let ticket, let kind, let by):
            [("TICKET_ID", ticket), ("STEP", kind.rawValue), ("BY", masked(by))]
        case .notificationRetried(let medium, let destination, let notification, let ticket, let reason, let attempt):
            [
                ("TICKET_ID", ticket), ("NOTIFICATION_ID", "\(notification)"), ("MEDIUM", medium.rawValue),
                ("DESTINATION", destination), ("REASON", masked(reason)), ("ATTEMPT", "\(attempt)"),
            ]
        case .notificationFinished(
            let medium, let destination, let notification, let ticket, let outcome, let reason, let attempt):
            [
                ("TICKET_ID", ticket), ("NOTIFICATION_ID", "\(notification)"), ("MEDIUM", medium.rawValue),
                ("DESTINATION", destination), ("OUTCOME", outcome), ("REASON", reason.map(masked)),
                ("ATTEMPT", "\(attempt)"),
            ].present
        case .notificationFallback(let medium, let other, let ticket):
            [("TICKET_ID", ticket), ("MEDIUM", medium.rawValue), ("FALLBACK", other.rawValue)]
        case .destinationPaused(let destination, let reason, let seconds):
            [("DESTINATION", destination), ("REASON", masked(reason)), ("SECONDS", "\(seconds)")]
        case .destinationResumed(let destination): [("DESTINATION", destination)]
        case .followingInterrupted(let office, let reason): [("OFFICE", office), ("REASON", masked(reason))]
        case .followingResumed(let office): [("OFFICE", office)]
        case .ticketsDue(let reminded, let escalated):
            [("REMINDED", "\(reminded)"), ("ESCALATED", "\(escalated)")]
        case .retained(let removed):
            removed.sorted { $0.key < $1.key }.map { ("REMOVED_\($0.key.uppercased())", "\($0.value)") }
        case .lineAlarm(let line, let message): [("LINE", line), ("REASON", masked(message))]
        case .lineAlarmOver(let line): [("LINE", line)]
        case .acceptFailed(let error): [("ERROR", masked(error))]
        case .connectionsFull(let most): [("MOST", "\(most)")]
        case .refusalsNotShown(let count): [("COUNT", "\(count)")]
        case .tookOver(let count): [("COUNT", "\(count)")]
        case .partStuck(let part, let seconds): [("PART", part), ("SECONDS", "\(seconds)")]
        case .partWentOn(let part): [("PART", part)]
        case .internalError(let place, let error): [("PLACE", place), ("ERROR", masked(error))]
        }
    }
}

extension [(String, String?)] {
    fileprivate var present: [(name: String, value: String)] {
        compactMap { name, value in value.map { (name, $0) } }
    }
}
