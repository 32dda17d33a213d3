/// The boundaries of the hand-over: the moments between two steps of which a crash may leave one done and the other not.
///
/// A program built for debugging and started with `PASQUINO_CRASH_AT=NAME:PASS` kills itself there, as `kill -9` would.
/// Tests run a city once for each of them; one that is new here is tested with the rest. A release build has nothing of it.
public enum Boundary: String, CaseIterable, Sendable {
    /// A migration's transaction is under way.
    case migrationSent = "migration.sent"
    /// It is committed, and others are to come.
    case migrationApplied = "migration.applied"

    /// A message is decided; nothing of it is on its way to PostgreSQL.
    case intakeDecided = "intake.decided"
    /// A batch of messages has left for PostgreSQL; whether it will be committed is not known.
    case intakeSent = "intake.sent"
    /// It is committed; neither queue nor senders know.
    case intakeCommitted = "intake.committed"
    /// The sender is about to be answered.
    case intakeDurable = "intake.durable"
    /// An answer has left.
    case requestAnswered = "request.answered"

    /// A transaction's COMMIT has left, and its answer has not come.
    case commitSent = "transaction.commit-sent"
    /// A ticket's step is committed; what it owes is held by nobody yet.
    case stepCommitted = "step.committed"

    /// What was written is in the queue's memory.
    case outboxHandedOver = "outbox.handed-over"
    /// A dead daemon's notifications are taken from it.
    case outboxAbandoned = "outbox.abandoned"
    /// What nobody held is this daemon's by the table, and not in its memory.
    case outboxClaimed = "outbox.claimed"
    /// Of requests that a dead daemon had under way the outcome is settled in memory.
    case outboxSettled = "outbox.settled"

    /// An attempt begins.
    case deliveryBegun = "delivery.begun"
    /// That a request is about to be made has left for PostgreSQL.
    case deliveryMarkSent = "delivery.mark-sent"
    /// It is on disk; the request is not made.
    case deliveryMarked = "delivery.marked"
    /// The other side has answered; nobody else knows.
    case deliveryAttempted = "delivery.attempted"
    /// Outcomes have left for PostgreSQL.
    case outcomesSent = "outcomes.sent"
    /// Outcomes are on disk; the queue does not know.
    case outcomesRecorded = "outcomes.recorded"
    /// What takes another's place is on disk with its outcome, and held by nobody yet.
    case successorOwed = "outcomes.successor-owed"

    /// The daemon is known to others.
    case registered = "heartbeat.registered"
    /// A beat is on disk.
    case beaten = "heartbeat.beaten"
    /// Without a beat in time the daemon forgets what it held.
    case fenced = "heartbeat.fenced"

    /// A mail is fetched from its mailbox.
    case mailFetched = "mail.fetched"
    /// It is durable here, and unmarked there.
    case mailAccepted = "mail.accepted"
    /// It is marked there.
    case mailMarked = "mail.marked"

    /// What a messenger delivered is durable, and the messenger has not heard so.
    case chatTaken = "chat.taken"
    /// What was found on an account is durable; how far was read is not.
    case pollTaken = "poll.taken"
    /// How far was read is on disk.
    case pollRemembered = "poll.remembered"

    /// That a ticket is due is on record; who is told of it is in nobody's memory yet.
    case escalationCommitted = "escalation.committed"

    /// A stop: nothing is under way any more, and the table still knows the daemon.
    case drained = "stop.drained"
    /// It does not any more.
    case left = "stop.left"
}
