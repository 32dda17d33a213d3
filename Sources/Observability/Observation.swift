import Civic

/// Everything that an operator may see, one case each. Its level, name, sentence, fields and effect on the metrics are
/// each one `switch` in a file of their own; a log line, a journal entry and a metric are drawn from them.
///
/// No secret and nothing of a citizen's goes in: codes, names from the configuration, reasons. Texts from outside
/// (`reason`, `error`) are masked and made harmless before they are shown.
public enum Observation: Sendable {
    // The daemon's life.
    case starting(version: String, config: String)
    case listening(host: String, port: Int)
    /// The daemon started while PostgreSQL is away, and keeps what cannot wait.
    case keeping(host: String, port: Int)
    case stopping
    case drained(left: Int)
    case stopped

    // Configuration.
    case configurationWarning(String)
    case reloaded(config: String)
    case reloadRefused(reason: String)

    // The shadow's rules. `differing` counts messages by field.
    case shadowDecided(messages: Int, differing: [String: Int], seconds: Double)
    /// There was no room for them; they were decided by the live rules only.
    case shadowSkipped(messages: Int)
    case shadowFailed(error: String)

    // PostgreSQL.
    case databaseConnected
    case databaseLost(reason: String)
    case databaseRetrying(attempt: Int, seconds: Double)
    /// What the regular look at the database found.
    case databaseAnswers(Bool)
    case migrated(name: String)
    case batchWritten(rows: Int, seconds: Double)
    /// PostgreSQL answers before the disk has what it was told: a crash may lose what was acknowledged. The setting.
    case databaseNotDurable(setting: String)

    // Messages. `outcome` is `opened`, `discarded` or `duplicate`; `rule` is the one that set the category.
    case messageAccepted(
        channel: String, outcome: String, ticket: String?, category: String?, office: String?, rule: String?,
        undecided: Bool, seconds: Double)
    case messageRefused(channel: String, status: Int, reason: String)
    case ruleFailed(rule: String, error: String)

    // The spool, where what is posted waits while PostgreSQL is away.
    case spoolKept(channel: String)
    /// They are in PostgreSQL; `left` wait.
    case spoolDrained(messages: Int, left: Int)
    /// A crash amid writing left an end that nobody was promised; it was cut off.
    case spoolTorn(file: String, at: Int)
    case spoolDamaged(file: String, at: Int, bytes: Int)
    case spoolSetAside(file: String)
    case spoolTroubled(reason: String)

    /// A step in a ticket's history; `by` as `TicketEvent` has it.
    case ticketStep(ticket: String, kind: TicketEvent.Kind, by: String)

    // Mailboxes, by channel; a channel's second one is `NAME 2`.
    case mailboxUp(mailbox: String, again: Bool)
    case mailboxInterrupted(mailbox: String, reason: String)
    case mailboxTroubled(mailbox: String, reason: String, advice: String)
    case mailFailed(mailbox: String, uid: Int, reason: String, retryIn: Double)
    case mailMovedAside(mailbox: String, uid: Int, reason: String)
    /// Nothing is lost: it was taken in, or kept for a person.
    case mailNotMoved(mailbox: String, uid: Int, reason: String)

    // Channels that are asked.
    case channelUp(channel: String, again: Bool)
    case channelInterrupted(channel: String, reason: String)
    case channelTroubled(channel: String, reason: String, advice: String)

    // Files that a messenger keeps until they are fetched.
    case mediaFailed(channel: String, reason: String, retryIn: Double?)

    // Notifications. `ticket` is the code.
    case notificationRetried(
        medium: Medium, destination: String, notification: Identifier, ticket: String, reason: String, attempt: Int)
    /// `outcome` is `delivered`, `refused`, `expired` or `uncertain`.
    case notificationFinished(
        medium: Medium, destination: String, notification: Identifier, ticket: String, outcome: String,
        reason: String?, attempt: Int)
    /// The notification goes on by another medium.
    case notificationFallback(medium: Medium, to: Medium, ticket: String)
    case destinationPaused(destination: String, reason: String, seconds: Int)
    case destinationResumed(destination: String)
    /// What became of tickets at another body's Open311 server cannot be asked now.
    case followingInterrupted(office: String, reason: String)
    case followingResumed(office: String)
    /// Offices were reminded of tickets, and those above them told of overdue ones.
    case ticketsDue(reminded: Int, escalated: Int)
    /// What is due does not get out, or nothing goes until somebody acts; and when that is over.
    case lineAlarm(line: String, message: String)
    case lineAlarmOver(line: String)

    // What is old enough is removed; how much of what, in one round.
    case retained(removed: [String: Int])

    // The HTTP listener.
    /// A connection could not be taken; the listener rests for a moment.
    case acceptFailed(error: String)
    /// As many connections as there may be; more wait.
    case connectionsFull(most: Int)
    /// A sender hung up before the end of its request.
    case senderLeft
    /// Refusals of which only the number is shown.
    case refusalsNotShown(count: Int)

    // Several daemons on one database.
    case heartbeatLost
    case tookOver(count: Int)

    /// A part of the daemon keeps the watchdog's token: the service manager gets no sign of life until it comes back.
    case partStuck(part: String, seconds: Double)
    case partWentOn(part: String)

    /// What should not have happened, and where.
    case internalError(place: String, error: String)
}

extension Observation {
    /// The code of the ticket whose life it is part of.
    var ticket: String? {
        switch self {
        case .messageAccepted(_, _, let ticket, _, _, _, _, _): ticket
        case .ticketStep(let ticket, _, _), .notificationRetried(_, _, _, let ticket, _, _),
            .notificationFinished(_, _, _, let ticket, _, _, _), .notificationFallback(_, _, let ticket):
            ticket
        default: nil
        }
    }
}
