extension Observation {
    /// `error`: somebody must act. `warning`: somebody may have to. `notice`: rare and worth knowing. `info`: part of
    /// the day. `debug`: once a message.
    public var level: LogLevel {
        switch self {
        case .starting, .listening, .keeping, .stopping, .stopped, .reloaded, .databaseConnected, .migrated,
            .destinationResumed, .followingResumed, .lineAlarmOver, .tookOver, .partWentOn:
            .notice
        case .mailboxUp(_, let again), .channelUp(_, let again): again ? .notice : .info
        case .mailboxTroubled, .channelTroubled: .error
        case .drained(let left): left == 0 ? .notice : .warning
        case .configurationWarning, .shadowSkipped, .shadowFailed, .destinationPaused, .followingInterrupted,
            .heartbeatLost, .acceptFailed,
            .connectionsFull, .refusalsNotShown, .mailboxInterrupted, .channelInterrupted, .mailFailed, .mailMovedAside,
            .mailNotMoved,
            .mediaFailed(_, _, nil), .spoolTorn:
            .warning
        case .reloadRefused, .databaseLost, .databaseNotDurable, .ruleFailed, .spoolDamaged, .spoolSetAside,
            .spoolTroubled, .lineAlarm, .partStuck, .internalError:
            .error
        case .spoolDrained(_, let left): left == 0 ? .notice : .debug
        case .databaseRetrying, .spoolKept, .mediaFailed, .notificationRetried, .notificationFallback, .ticketsDue,
            .retained:
            .info
        case .databaseAnswers, .messageAccepted, .ticketStep, .senderLeft, .shadowDecided: .debug
        case .batchWritten(_, let seconds): seconds < Observation.slowCommit ? .debug : .warning
        case .messageRefused(_, let status, _): status < 500 ? .info : .warning
        case .notificationFinished(_, _, _, _, let outcome, _, _):
            switch outcome {
            case "delivered": .debug
            case "refused": .info
            default: .warning
            }
        }
    }

    /// Seconds; a batch that takes longer keeps every sender waiting.
    static let slowCommit = 1.0
}
