extension Observation {
    /// What happened, for a person.
    public var sentence: String {
        switch self {
        case .starting(let version, let config): "pasquino \(version) starts with configuration \(config)"
        case .listening(let host, let port): "ready on \(host):\(port)"
        case .keeping(let host, let port):
            "on \(host):\(port) what channels with a spool post is kept until PostgreSQL answers; all else is 503"
        case .stopping: "stopping: no new requests, finishing what is under way"
        case .drained(0): "drained: nothing was left under way"
        case .drained(let left): "drained: \(left) deliveries were left under way and will be settled at the next start"
        case .stopped: "stopped"
        case .configurationWarning(let finding): masked(finding)
        case .reloaded(let config): "configuration \(config) is in force"
        case .reloadRefused(let reason): "the new configuration was refused, the old one stays: \(masked(reason))"
        case .shadowDecided(let messages, let differing, let seconds):
            "the shadow's rules decided \(messages) messages in \(brief(seconds * 1000)) ms"
                + (differing.isEmpty ? ", none otherwise" : ", some otherwise")
        case .shadowSkipped(let messages): "the shadow's rules are too slow: they did not see \(messages) messages"
        case .shadowFailed(let error): "the shadow's rules failed: \(masked(error))"
        case .databaseConnected: "PostgreSQL is connected"
        case .databaseLost(let reason): "PostgreSQL is lost: \(masked(reason))"
        case .databaseRetrying(let attempt, let seconds):
            "PostgreSQL does not answer, attempt \(attempt); next in \(brief(seconds)) s"
        case .databaseAnswers(true): "PostgreSQL answers"
        case .databaseAnswers(false): "PostgreSQL does not answer"
        case .migrated(let name): "database brought up to \(name)"
        case .databaseNotDurable(let setting):
            "PostgreSQL has \(setting): a crash of its machine may lose what was acknowledged"
        case .batchWritten(let rows, let seconds): "\(rows) messages written in \(brief(seconds * 1000)) ms"
        case .messageAccepted(let channel, let outcome, let ticket, _, let office, _, _, _):
            "message from \(channel) \(outcome)" + (ticket.map { ", ticket \($0)" } ?? "")
                + (office.map { ", office \($0)" } ?? "")
        case .messageRefused(let channel, let status, let reason):
            "message to \(channel) refused with \(status): \(masked(reason))"
        case .mailboxUp(let mailbox, let again): "mailbox \(mailbox) is \(again ? "read again" : "connected")"
        case .mailboxInterrupted(let mailbox, let reason):
            "mailbox \(mailbox) cannot be read now, mail stays there: \(masked(reason))"
        case .mailboxTroubled(let mailbox, let reason, let advice):
            "mailbox \(mailbox) cannot be read: \(masked(reason)); \(advice)"
        case .mailFailed(let mailbox, let uid, let reason, let pause):
            "mail \(uid) of \(mailbox) failed, next try in \(Int(pause)) s: \(masked(reason))"
        case .mailMovedAside(let mailbox, let uid, let reason):
            "mail \(uid) of \(mailbox) was set aside for a person: \(masked(reason))"
        case .mailNotMoved(let mailbox, let uid, let reason):
            "mail \(uid) of \(mailbox) stays where it is, its server would not move or mark it: \(masked(reason))"
        case .channelUp(let channel, let again): "channel \(channel) is \(again ? "read again" : "connected")"
        case .channelInterrupted(let channel, let reason):
            "channel \(channel) cannot be read now, what comes stays there: \(masked(reason))"
        case .channelTroubled(let channel, let reason, let advice):
            "channel \(channel) cannot be read: \(masked(reason)); \(advice)"
        case .mediaFailed(let channel, let reason, let pause):
            pause.map { "a file on \(channel) could not be fetched, next try in \(Int($0)) s: \(masked(reason))" }
                ?? "a file on \(channel) was given up: \(masked(reason))"
        case .ruleFailed(let rule, let error):
            "rule \(rule) failed, its message went to the last resort: \(masked(error))"
        case .spoolKept(let channel): "message from \(channel) kept in the spool, PostgreSQL is away"
        case .spoolDrained(let messages, 0): "\(messages) messages drained from the spool, which is empty"
        case .spoolDrained(let messages, let left): "\(messages) messages drained from the spool, \(left) wait"
        case .spoolTorn(let file, let place):
            "\(file) was cut off at byte \(place): what stood behind was never acknowledged"
        case .spoolDamaged(let file, let place, let bytes):
            "\(file) is damaged: \(bytes) bytes from byte \(place) are no message; the file will be set aside"
        case .spoolSetAside(let file):
            "\(file) holds what could not be taken in, and must be looked at; everything else in it is stored"
        case .spoolTroubled(let reason): "the spool: \(masked(reason))"
        case .ticketStep(let ticket, let kind, let by): "\(ticket) \(kind.rawValue) by \(masked(by))"
        case .notificationRetried(let medium, let destination, _, let ticket, let reason, let attempt):
            "\(medium.rawValue) for \(ticket) to \(destination) failed, attempt \(attempt): \(masked(reason))"
        case .notificationFinished(let medium, let destination, _, let ticket, let outcome, let reason, _):
            "\(medium.rawValue) for \(ticket) to \(destination) \(outcome)" + (reason.map { ": \(masked($0))" } ?? "")
        case .notificationFallback(let medium, let other, let ticket):
            "\(medium.rawValue) did not reach the citizen of \(ticket), trying \(other.rawValue)"
        case .destinationPaused(let destination, let reason, let seconds):
            "nothing goes to \(destination) for \(seconds) s: \(masked(reason))"
        case .destinationResumed(let destination): "\(destination) is reached again"
        case .followingInterrupted(let office, let reason):
            "what became of the tickets handed on to \(office) cannot be asked: \(masked(reason))"
        case .followingResumed(let office): "what became of the tickets handed on to \(office) can be asked again"
        case .ticketsDue(let reminded, let escalated):
            "\(reminded) tickets are due and their offices reminded, \(escalated) overdue and told of above"
        case .retained(let removed):
            "old enough and removed: "
                + removed.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
        case .lineAlarm(let line, let message):
            "\(masked(message)); see `pasquino queue shape` and `pasquino queue show --line \(line)`"
        case .lineAlarmOver(let line): "notifications of the line \(line) get out again"
        case .acceptFailed(let error): "a connection could not be taken, resting for a second: \(masked(error))"
        case .connectionsFull(let most): "all \(most) connections are in use, others wait"
        case .senderLeft: "a sender hung up before the end of its request"
        case .refusalsNotShown(let count): "\(count) more requests were refused"
        case .heartbeatLost: "this daemon was taken for dead; it holds nothing until it has registered again"
        case .tookOver(let count): "took over \(count) notifications that nobody held"
        case .partStuck(let part, let seconds):
            "\(part) has not answered for \(brief(seconds)) s: no sign of life goes out until it does"
        case .partWentOn(let part): "\(part) answers again"
        case .internalError(let place, let error): "unexpected error in \(place): \(masked(error))"
        }
    }

    /// Three significant figures are enough for a person.
    private func brief(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        return value >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
    }
}
