extension Observation {
    /// What the observation does to the metrics; nothing for most.
    func count(in metrics: Metrics) {
        switch self {
        case .starting(let version, let config): metrics.build(version: version, config: config)
        case .reloaded(let config): metrics.reloaded(config: config)
        case .reloadRefused: metrics.reloadRefused()
        case .shadowDecided(let messages, let differing, let seconds):
            metrics.shadowDecided(messages: messages, differing: differing, seconds: seconds)
        case .shadowSkipped(let messages): metrics.shadowSkipped(messages: messages)
        case .shadowFailed: metrics.shadowFailed()
        case .databaseConnected: metrics.database(up: true)
        case .databaseLost: metrics.database(up: false)
        case .databaseAnswers(let up): metrics.database(up: up)
        case .batchWritten(let rows, let seconds): metrics.batch(rows: rows, seconds: seconds)
        case .messageAccepted(let channel, let outcome, _, _, _, let rule, let undecided, let seconds):
            metrics.accepted(channel: channel, outcome: outcome, rule: rule, undecided: undecided, seconds: seconds)
        case .messageRefused(let channel, let status, _): metrics.refused(channel: channel, status: status)
        case .notificationRetried(let medium, _, _, _, let reason, _):
            metrics.notification(medium: medium, outcome: "retried", reason: reason)
        case .notificationFinished(let medium, _, _, _, let outcome, let reason, _):
            metrics.notification(medium: medium, outcome: outcome, reason: reason)
        case .destinationPaused(let destination, _, _): metrics.destination(destination, up: false)
        case .destinationResumed(let destination): metrics.destination(destination, up: true)
        case .lineAlarm(let line, _): metrics.alarm(line: line, true)
        case .lineAlarmOver(let line): metrics.alarm(line: line, false)
        case .mailboxUp(let mailbox, _): metrics.mailbox(mailbox, up: true)
        case .mailboxInterrupted(let mailbox, _), .mailboxTroubled(let mailbox, _, _):
            metrics.mailbox(mailbox, up: false)
        case .channelUp(let channel, _): metrics.channel(channel, up: true)
        case .channelInterrupted(let channel, _), .channelTroubled(let channel, _, _):
            metrics.channel(channel, up: false)
        case .mailFailed(let mailbox, _, _, _): metrics.mail(mailbox, outcome: "failed")
        case .mailMovedAside(let mailbox, _, _): metrics.mail(mailbox, outcome: "moved_aside")
        case .mailNotMoved(let mailbox, _, _): metrics.mail(mailbox, outcome: "not_moved")
        case .spoolKept(let channel): metrics.spoolKept(channel: channel)
        case .spoolDrained(let messages, _): metrics.spoolDrained(messages)
        case .ruleFailed: metrics.ruleFailed()
        case .mediaFailed(let channel, _, let retryIn):
            metrics.media(channel, outcome: retryIn == nil ? "given_up" : "failed")
        case .retained(let removed): metrics.retained(removed)
        case .partStuck: metrics.partStuck()
        case .internalError: metrics.internalError()
        case .listening, .keeping, .stopping, .drained, .stopped, .configurationWarning, .databaseRetrying,
            .migrated, .notificationFallback, .heartbeatLost, .tookOver, .ticketsDue, .acceptFailed, .connectionsFull,
            .senderLeft, .refusalsNotShown, .followingInterrupted, .followingResumed, .databaseNotDurable, .ticketStep,
            .partWentOn, .spoolTorn, .spoolDamaged, .spoolSetAside, .spoolTroubled:
            break
        }
    }
}
