extension Observation {
    /// Stable: what a search in the journal or an alert names.
    public var name: String {
        switch self {
        case .starting: "starting"
        case .listening: "listening"
        case .stopping: "stopping"
        case .drained: "drained"
        case .stopped: "stopped"
        case .configurationWarning: "configuration_warning"
        case .reloaded: "reloaded"
        case .reloadRefused: "reload_refused"
        case .shadowDecided: "shadow_decided"
        case .shadowSkipped: "shadow_skipped"
        case .shadowFailed: "shadow_failed"
        case .databaseConnected: "database_connected"
        case .databaseLost: "database_lost"
        case .databaseRetrying: "database_retrying"
        case .databaseAnswers: "database_answers"
        case .migrated: "migrated"
        case .batchWritten: "batch_written"
        case .messageAccepted: "message_accepted"
        case .messageRefused: "message_refused"
        case .ruleFailed: "rule_failed"
        case .notificationRetried: "notification_retried"
        case .notificationFinished: "notification_finished"
        case .notificationFallback: "notification_fallback"
        case .destinationPaused: "destination_paused"
        case .destinationResumed: "destination_resumed"
        case .acceptFailed: "accept_failed"
        case .connectionsFull: "connections_full"
        case .senderLeft: "sender_left"
        case .refusalsNotShown: "refusals_not_shown"
        case .heartbeatLost: "heartbeat_lost"
        case .tookOver: "took_over"
        case .internalError: "internal_error"
        }
    }
}
