import Civic
import Observability

/// One of each case.
let samples: [Observation] = [
    .starting(version: "0.1.0", config: "abc"), .listening(host: "127.0.0.1", port: 8060),
    .keeping(host: "127.0.0.1", port: 8060), .stopping, .drained(left: 0),
    .drained(left: 3), .stopped, .configurationWarning("mail is not configured"), .reloaded(config: "def"),
    .reloadRefused(reason: "offices.yaml:3:1: error"),
    .shadowDecided(messages: 50, differing: ["category": 3, "office": 1], seconds: 0.25),
    .shadowSkipped(messages: 12), .shadowFailed(error: "broken"), .databaseConnected,
    .databaseLost(reason: "server closed"),
    .databaseRetrying(attempt: 2, seconds: 0.5), .databaseAnswers(true), .databaseAnswers(false),
    .migrated(name: "0001_initial"), .batchWritten(rows: 12, seconds: 0.003), .batchWritten(rows: 12, seconds: 2.5),
    .messageAccepted(
        channel: "portale", outcome: "opened", ticket: "RM-7Q4K2MXD", category: "strade.buche", office: "municipio-i",
        rule: "strade.buche", undecided: false, seconds: 0.004),
    .messageAccepted(
        channel: "portale", outcome: "discarded", ticket: nil, category: nil, office: nil, rule: nil, undecided: true,
        seconds: 0.004),
    .messageRefused(channel: "portale", status: 401, reason: "no token"),
    .messageRefused(channel: "portale", status: 503, reason: "no database"),
    .mailboxUp(mailbox: "posta", again: true), .mailboxInterrupted(mailbox: "posta", reason: "closed"),
    .mailboxTroubled(mailbox: "posta", reason: "refused", advice: "correct the password"),
    .mailFailed(mailbox: "posta", uid: 7, reason: "no room", retryIn: 60),
    .mailMovedAside(mailbox: "posta", uid: 7, reason: "unreadable"),
    .mailNotMoved(mailbox: "posta", uid: 7, reason: "over quota"),
    .channelUp(channel: "mastodon", again: false), .channelUp(channel: "mastodon", again: true),
    .channelInterrupted(channel: "mastodon", reason: "the server answered 503"),
    .channelTroubled(channel: "mastodon", reason: "the server refuses the token (401)", advice: "make a new one"),
    .ruleFailed(rule: "strade.buche", error: "broken"),
    .notificationRetried(
        medium: .email, destination: "smtp", notification: Identifier(high: 1, low: 2), ticket: "RM-7Q4K2MXD",
        reason: "451", attempt: 1),
    .notificationFinished(
        medium: .appIO, destination: "app_io", notification: Identifier(high: 1, low: 2), ticket: "RM-7Q4K2MXD",
        outcome: "delivered", reason: nil, attempt: 1),
    .notificationFinished(
        medium: .email, destination: "smtp", notification: Identifier(high: 1, low: 2), ticket: "RM-7Q4K2MXD",
        outcome: "expired", reason: "its time was over; last: 451", attempt: 9),
    .notificationFallback(medium: .appIO, to: .email, ticket: "RM-7Q4K2MXD"),
    .destinationPaused(destination: "app_io", reason: "401", seconds: 60), .destinationResumed(destination: "app_io"),
    .followingInterrupted(office: "gestore-idrico", reason: "no answer"), .followingResumed(office: "gestore-idrico"),
    .acceptFailed(error: "too many open files"), .connectionsFull(most: 32), .senderLeft, .refusalsNotShown(count: 7),
    .databaseNotDurable(setting: "fsync = off"), .ticketStep(ticket: "RM-7Q4K2MXD", kind: .resolved, by: "urp"),
    .mediaFailed(channel: "telegram", reason: "404", retryIn: nil),
    .mediaFailed(channel: "telegram", reason: "no answer", retryIn: 60),
    .spoolKept(channel: "modulo"), .spoolDrained(messages: 50, left: 7), .spoolDrained(messages: 7, left: 0),
    .spoolTorn(file: "/var/lib/pasquino/spool/0000000000000001.spool", at: 20),
    .spoolDamaged(file: "/var/lib/pasquino/spool/0000000000000001.spool", at: 20, bytes: 300),
    .spoolSetAside(file: "/var/lib/pasquino/spool/0000000000000001.damaged"), .spoolTroubled(reason: "no space left"),
    .partStuck(part: "the delivery queue", seconds: 30), .partWentOn(part: "the delivery queue"),
    .heartbeatLost, .tookOver(count: 4), .internalError(place: "outbox", error: "impossible"),
    .retained(removed: ["tickets": 12, "unread_mail": 1]),
]
